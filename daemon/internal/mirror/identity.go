package mirror

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
	"time"

	"github.com/google/uuid"
)

// hostFile holds the identity of the host, beside the journal. A journal that is begun anew is of the same host.
const hostFile = "host.json"

// identity is which host of the fleet a state directory is.
type identity struct {
	ID      string `json:"id"`
	Machine string `json:"machine"` // a hash of the machine's id
	Dir     string `json:"dir"`
	Inode   uint64 `json:"inode"` // of the directory
	// Born is since when it is this host, where the directory is a copy of another's: what is older happened there.
	Born time.Time `json:"born,omitzero"`
}

// identify reads the identity of a state directory, or makes one. A copy, on another machine or beside the original, is another
// host; a directory that was moved, and one whose files were restored, is the same. Where somebody has taken the identity away of one that
// has been synced, that is to make it another. why says what made it another.
func identify(dir, machineID string, synced bool) (id identity, why string, err error) {
	here, err := whereabouts(dir, machineID)
	if err != nil {
		return identity{}, "", err
	}
	text, err := os.ReadFile(filepath.Join(dir, hostFile))
	switch {
	case errors.Is(err, fs.ErrNotExist) && synced:
		here.ID, here.Born = uuid.NewString(), time.Now().Round(0)
		return here, "its " + hostFile + " was removed", here.save()
	case errors.Is(err, fs.ErrNotExist):
		here.ID = uuid.NewString()
		return here, "", here.save()
	case err != nil:
		return identity{}, "", fmt.Errorf("read identity of host: %w", err)
	}
	if err := json.Unmarshal(text, &id); err != nil || uuid.Validate(id.ID) != nil {
		here.ID = uuid.NewString()
		if synced {
			here.Born = time.Now().Round(0)
		}
		return here, "its " + hostFile + " could not be read", here.save()
	}
	switch {
	case id.Machine != here.Machine:
		why = "its state directory was copied from another machine"
	case id.Dir != here.Dir && id.Inode != here.Inode:
		why = "its state directory was copied from " + id.Dir
	case id.Dir != here.Dir || id.Inode != here.Inode:
		id.Dir, id.Inode = here.Dir, here.Inode
		return id, "", id.save()
	default:
		return id, "", nil
	}
	here.ID, here.Born = uuid.NewString(), time.Now().Round(0)
	return here, why, here.save()
}

// HostID is which host a state directory is, as far as its file says; "" when it is none yet.
func HostID(dir string) string {
	var id identity
	text, err := os.ReadFile(filepath.Join(dir, hostFile))
	if err != nil || json.Unmarshal(text, &id) != nil {
		return ""
	}
	return id.ID
}

func whereabouts(dir, machineID string) (identity, error) {
	real, err := filepath.EvalSymlinks(dir)
	if err != nil {
		return identity{}, fmt.Errorf("find state directory: %w", err)
	}
	info, err := os.Stat(real)
	if err != nil {
		return identity{}, fmt.Errorf("find state directory: %w", err)
	}
	id := identity{Dir: real, Machine: hashed(machineID)}
	if st, is := info.Sys().(*syscall.Stat_t); is {
		id.Inode = st.Ino
	}
	return id, nil
}

// hashed is the machine's id as it may leave the machine: systemd asks that it be told to nobody as it is.
func hashed(machineID string) string {
	sum := sha256.Sum256([]byte("lsh machine " + machineID))
	return hex.EncodeToString(sum[:16])
}

// other is another identity for the same place: the id belongs to somebody else.
func (id identity) other() (identity, error) {
	id.ID = uuid.NewString()
	return id, id.save()
}

// save replaces the file, which is never half written.
func (id identity) save() error {
	text, _ := json.Marshal(id)
	path := filepath.Join(id.Dir, hostFile)
	if err := os.WriteFile(path+".new", append(text, '\n'), 0o600); err != nil {
		return fmt.Errorf("write identity of host: %w", err)
	}
	if err := os.Rename(path+".new", path); err != nil {
		return fmt.Errorf("write identity of host: %w", err)
	}
	return nil
}

// before tells whether something of a moment happened to the host of which this one's directory is a copy.
func (id identity) before(at time.Time) bool { return at.Before(id.Born) }
