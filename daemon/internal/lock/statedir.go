package lock

import (
	"errors"
	"fmt"
	"os"
)

// makeStateDir makes the directory if there is none, and checks that nobody
// else could put files into it: what lies in it is believed.
func makeStateDir(path string) error {
	if err := os.MkdirAll(path, 0o700); err != nil {
		return &StateDirError{Path: path, Err: explain(path, err)}
	}
	link, err := os.Lstat(path)
	if err != nil {
		return &StateDirError{Path: path, Err: err}
	}
	if owner := ownerOf(link); owner != os.Geteuid() {
		return &StateDirError{Path: path, Err: fmt.Errorf("%s belongs to %s", kindOf(link.Mode()), userName(owner)), hint: elsewhere}
	}
	dir, err := os.Stat(path)
	if err != nil {
		return &StateDirError{Path: path, Err: err}
	}
	switch owner := ownerOf(dir); {
	case !dir.IsDir():
		return &StateDirError{Path: path, Err: fmt.Errorf("it is %s", kindOf(dir.Mode())), hint: elsewhere}
	case owner != os.Geteuid():
		return &StateDirError{Path: path, Err: fmt.Errorf("the link leads to a directory of %s", userName(owner)), hint: elsewhere}
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
