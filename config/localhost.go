package config

import (
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/user"
	"runtime"
	"strconv"
	"strings"
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

// home is $HOME, else the account's, which a daemon started at boot may need.
func home() string {
	if dir, err := os.UserHomeDir(); err == nil {
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

func readFile(path string) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	text, err := io.ReadAll(io.LimitReader(f, maxFile+1))
	if err != nil {
		return nil, err
	}
	if len(text) > maxFile {
		return nil, &fs.PathError{Op: "read", Path: path, Err: fmt.Errorf("larger than %d MiB", maxFile>>20)}
	}
	return text, nil
}
