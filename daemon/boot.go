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

// newBoot tells whether the daemon has not been started before since the
// machine was booted, as far as the state directory knows.
func newBoot(stateDir, boot string) (bool, error) {
	before, err := os.ReadFile(bootFile(stateDir))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return false, fmt.Errorf("read boot id: %w", err)
	}
	return strings.TrimSpace(string(before)) != boot, nil
}

// rememberBoot is for when what belongs to the first start is in the journal.
func rememberBoot(stateDir, boot string) error {
	if err := os.WriteFile(bootFile(stateDir), []byte(boot+"\n"), 0o600); err != nil {
		return fmt.Errorf("write boot id: %w", err)
	}
	return nil
}

func bootFile(stateDir string) string { return filepath.Join(stateDir, "boot") }

// specKeyFile is the name of the key in the state directory.
const specKeyFile = "spec.key"

// specKey is the key under which env values enter process hashes, so that a
// hash that leaves this machine tells nothing of a secret. It is made once.
func specKey(stateDir string) ([]byte, error) {
	const size = 32
	path := filepath.Join(stateDir, specKeyFile)
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
