package daemon

import (
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// newBoot tells whether this is the daemon's first start since the machine
// was booted, and remembers this boot in the state directory.
func newBoot(stateDir string) (bool, error) {
	id, err := bootID()
	if err != nil {
		return false, fmt.Errorf("read boot id: %w", err)
	}
	path := filepath.Join(stateDir, "boot")
	before, err := os.ReadFile(path)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return false, fmt.Errorf("read boot id: %w", err)
	}
	if strings.TrimSpace(string(before)) == id {
		return false, nil
	}
	if err := os.WriteFile(path, []byte(id+"\n"), 0o600); err != nil {
		return false, fmt.Errorf("write boot id: %w", err)
	}
	return true, nil
}

// specKey is the key under which env values enter process hashes, so that a
// hash that leaves this machine tells nothing of a secret. It is made once.
func specKey(stateDir string) ([]byte, error) {
	const size = 32
	path := filepath.Join(stateDir, "spec.key")
	key, err := os.ReadFile(path)
	if err == nil && len(key) == size {
		return key, nil
	}
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("read spec key: %w", err)
	}
	key = make([]byte, size)
	_, _ = rand.Read(key) // never fails
	if err := os.WriteFile(path, key, 0o600); err != nil {
		return nil, fmt.Errorf("write spec key: %w", err)
	}
	return key, nil
}
