package lock

import (
	"errors"
	"fmt"
	"os"

	"github.com/lsh-project/lsh/daemon/internal/ownfile"
)

// makeStateDir makes the directory if there is none, and checks that nobody
// else could put files into it: what lies in it is believed.
func makeStateDir(path string) error {
	if err := os.MkdirAll(path, 0o700); err != nil {
		return &StateDirError{Path: path, Err: ownfile.Explain(path, err)}
	}
	link, err := os.Lstat(path)
	if err != nil {
		return &StateDirError{Path: path, Err: err}
	}
	if owner := ownfile.Owner(link); owner != os.Geteuid() {
		return &StateDirError{Path: path, Err: fmt.Errorf("%s belongs to %s", ownfile.Kind(link.Mode()), ownfile.UserName(owner)), hint: elsewhere}
	}
	dir, err := os.Stat(path)
	if err != nil {
		return &StateDirError{Path: path, Err: err}
	}
	switch owner := ownfile.Owner(dir); {
	case !dir.IsDir():
		return &StateDirError{Path: path, Err: fmt.Errorf("it is %s", ownfile.Kind(dir.Mode())), hint: elsewhere}
	case owner != os.Geteuid():
		return &StateDirError{Path: path, Err: fmt.Errorf("the link leads to a directory of %s", ownfile.UserName(owner)), hint: elsewhere}
	case dir.Mode().Perm()&0o022 != 0:
		return &StateDirError{
			Path: path,
			Err:  errors.New("others may write to it"),
			hint: "chmod go-w " + path,
		}
	}
	return nil
}

const elsewhere = "choose another with state_dir in config.yaml, LSH_STATE_DIR or --state-dir"
