package config

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"hash"
	"io/fs"
	"slices"
)

// CommandArgv returns what is executed: the list as it is, or the shell's
// arguments and then the text.
func (p *Process) CommandArgv() []string {
	if p.Argv != nil {
		return slices.Clone(p.Argv)
	}
	return append(slices.Clone(p.Shell), p.Command)
}

// Hash returns a keyed hash in hex (HMAC-SHA256) of all that shapes the process,
// the contents of its env files included. Equal hashes under one key start the same
// thing; without the key nothing can be guessed from one. The files are read by the
// given function; one that is missing and one that cannot be read hash differently
// from each other and from any content.
func (p *Process) Hash(key []byte, envFile func(path string) ([]byte, error)) string {
	d := digest{hmac.New(sha256.New, key)}
	d.texts("argv", p.CommandArgv()...)
	d.texts("stdin", p.Stdin)
	d.texts("dir", p.Dir)
	for _, v := range p.Env {
		d.texts("env", v.Name, v.Value)
	}
	for _, f := range p.EnvFile {
		d.envFile(f, envFile)
	}
	d.texts("inherit_env", p.InheritEnv...)
	if p.Umask != nil {
		d.texts("umask")
		d.number(uint64(*p.Umask))
	}
	if p.Nice != nil {
		d.texts("nice")
		d.number(uint64(int64(*p.Nice)))
	}
	return hex.EncodeToString(d.Sum(nil))
}

// digest writes values with their lengths, so that no two specs write the same bytes.
type digest struct{ hash.Hash }

func (d digest) number(n uint64) {
	var b [8]byte
	binary.BigEndian.PutUint64(b[:], n)
	d.Write(b[:])
}

func (d digest) texts(name string, values ...string) {
	d.number(uint64(len(name)))
	d.Write([]byte(name))
	d.number(uint64(len(values)))
	for _, v := range values {
		d.number(uint64(len(v)))
		d.Write([]byte(v))
	}
}

func (d digest) envFile(f EnvFile, read func(string) ([]byte, error)) {
	content, err := read(f.Path)
	switch {
	case err == nil:
		d.texts("env_file", f.Path, string(content))
	case errors.Is(err, fs.ErrNotExist):
		d.texts("env_file missing", f.Path)
	default:
		d.texts("env_file unreadable", f.Path)
	}
}
