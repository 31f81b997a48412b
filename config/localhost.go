package config

import (
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/user"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"syscall"
)

// maxFile is the largest file that is taken for a jobs file, in bytes.
const maxFile = 64 << 20

// LocalHost returns the machine and user that the process runs as.
func LocalHost() Host {
	name, err := os.Hostname()
	if err != nil || name == "" {
		name = "localhost"
	}
	return Host{
		Name: name, OS: runtime.GOOS, Home: home(), ID: machineID(name),
		Getenv: os.LookupEnv, ReadFile: readFile,
	}
}

// home is $HOME, else the account's, which a daemon started at boot may need. One that
// is not absolute means another place in every directory, and counts as unset.
func home() string {
	if dir, err := os.UserHomeDir(); err == nil && filepath.IsAbs(dir) {
		return dir
	}
	if account, err := user.LookupId(strconv.Itoa(os.Geteuid())); err == nil && account.HomeDir != "" {
		return account.HomeDir
	}
	return "/"
}

// machineID is what tells this machine from others for good; the name of the host
// where the system keeps no such id.
func machineID(name string) string {
	for _, path := range []string{"/etc/machine-id", "/var/lib/dbus/machine-id"} {
		if text, err := os.ReadFile(path); err == nil {
			if id := strings.TrimSpace(string(text)); id != "" && id != "uninitialized" {
				return id
			}
		}
	}
	return name
}

// readFile reads a regular file. Anything else is refused before it is opened, since
// some devices act on that; and it may have become a pipe since, to open which
// without NONBLOCK would wait for a writer.
func readFile(path string) ([]byte, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, fileError(path, err)
	}
	if !info.Mode().IsRegular() {
		return nil, unfit(path, info.Mode())
	}
	f, err := os.OpenFile(path, os.O_RDONLY|syscall.O_NONBLOCK|syscall.O_CLOEXEC, 0)
	if err != nil {
		return nil, fileError(path, err)
	}
	defer f.Close()
	info, err = f.Stat()
	if err != nil {
		return nil, fileError(path, err)
	}
	if !info.Mode().IsRegular() {
		return nil, unfit(path, info.Mode())
	}
	text, err := io.ReadAll(io.LimitReader(f, maxFile+1))
	if err != nil {
		return nil, fileError(path, err)
	}
	if len(text) > maxFile {
		return nil, &FileError{Path: path, Reason: fmt.Sprintf("it is larger than %d MiB", maxFile>>20), Err: fs.ErrInvalid, hint: "split it, and include the parts"}
	}
	return text, nil
}
