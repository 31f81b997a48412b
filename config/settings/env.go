package settings

import (
	"errors"
	"os"
	"os/user"
	"path/filepath"
	"strconv"

	"github.com/lsh-project/lsh/config"
)

// Env is what the settings depend on beside what is written.
type Env struct {
	Lookup func(name string) (string, bool) // of the environment
	Home   string                           // absolute
	User   string                           // name of the effective user
	UID    int                              // effective
	Dir    string                           // the working directory; "" when it is gone
}

// System is the Env of this process. The user is the effective one, whatever
// USER says: the names of the files in /tmp come from it. Without a usable
// HOME, as at boot, the home directory is that of the user database.
func System() (Env, error) {
	uid := os.Geteuid()
	env := Env{Lookup: os.LookupEnv, UID: uid, User: config.UserName(uid), Home: os.Getenv("HOME")}
	if !filepath.IsAbs(env.Home) {
		account, err := user.LookupId(strconv.Itoa(uid))
		if err != nil || !filepath.IsAbs(account.HomeDir) {
			return Env{}, errors.New("find the home directory: HOME is not set, and the user database has none")
		}
		env.Home = account.HomeDir
	}
	// Needed for relative paths only, which then are errors.
	env.Dir, _ = os.Getwd()
	return env, nil
}
