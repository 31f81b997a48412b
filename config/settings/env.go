package settings

import (
	"errors"
	"os"
	"os/user"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

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

// runVariables are what a run is told: a daemon that a job starts may have them.
var runVariables = []string{"LSH_JOB", "LSH_RUN_ID", "LSH_TRIGGER", "LSH_ATTEMPT", "LSH_SCHEDULED_AT"}

// Misspelt returns a warning for each variable of an environment that is no
// setting, and has a name so near to one's that it was probably meant to be. The
// environment has many owners: another LSH_* name is none of ours.
func Misspelt(environ []string) []string {
	known := []string{configEnv}
	for _, k := range slices.Concat(keys, databaseKeys) {
		known = append(known, k.variable())
	}
	known = slices.DeleteFunc(known, func(name string) bool { return !strings.HasPrefix(name, envPrefix) })
	var warnings []string
	for _, variable := range environ {
		name, value, _ := strings.Cut(variable, "=")
		rest, ours := strings.CutPrefix(name, envPrefix)
		if !ours || rest == "" || value == "" || slices.Contains(known, name) || slices.Contains(runVariables, name) {
			continue
		}
		var near []string // a slip is seldom in the first letter
		for _, k := range known {
			if word := strings.TrimPrefix(k, envPrefix); strings.EqualFold(word[:1], rest[:1]) {
				near = append(near, word)
			}
		}
		if word, ok := config.Nearest(rest, near); ok {
			warnings = append(warnings, "the variable "+name+" is no setting and is ignored: did you mean "+envPrefix+word+"?")
		}
	}
	slices.Sort(warnings)
	return warnings
}
