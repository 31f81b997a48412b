package mirror

import (
	"bytes"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

//go:embed migrations/*.sql
var migrationFiles embed.FS

const (
	codeExists = "exists" // a file that says something else
	codeWrite  = "write"
)

// Migration is one step of the schema. It records itself in lsh.schema_version.
type Migration struct {
	Version int64
	Name    string
	File    string // as the Supabase CLI has it: version_name.sql
	Text    string
}

// Migrations are all steps of the schema, the oldest first.
func Migrations() ([]Migration, error) {
	files, err := fs.Glob(migrationFiles, "migrations/*.sql") // sorted
	if err != nil {
		return nil, err
	}
	all := make([]Migration, len(files))
	for i, file := range files {
		text, err := migrationFiles.ReadFile(file)
		if err != nil {
			return nil, err
		}
		m := Migration{File: filepath.Base(file), Text: string(text)}
		version, name, _ := strings.Cut(strings.TrimSuffix(m.File, ".sql"), "_")
		if m.Version, err = strconv.ParseInt(version, 10, 64); err != nil {
			return nil, fmt.Errorf("read version of %s: %w", m.File, err)
		}
		m.Name = name
		all[i] = m
	}
	return all, nil
}

// Newest is the version of the schema that this lsh knows.
func Newest() int64 {
	all, err := Migrations()
	if err != nil || len(all) == 0 {
		return 0
	}
	return all[len(all)-1].Version
}

// WriteMigrations writes the steps of the schema into a directory, for the Supabase CLI. It returns the paths of the files that it
// wrote, and those that were there and say the same. With one that says something else, nothing is written. The error is an *Error.
func WriteMigrations(dir string) (written, same []string, err error) {
	all, err := Migrations()
	if err != nil {
		return nil, nil, writeError(err)
	}
	var missing []Migration
	for _, m := range all {
		path := filepath.Join(dir, m.File)
		text, err := os.ReadFile(path)
		switch {
		case errors.Is(err, fs.ErrNotExist):
			missing = append(missing, m)
		case err != nil:
			return nil, nil, writeError(err)
		case !bytes.Equal(text, []byte(m.Text)):
			return nil, nil, &Error{
				Code: codeExists, Message: fmt.Sprintf("write %s: it is there already and says something else", path),
				Hint: "move it away, or name another directory; nothing was written",
			}
		default:
			same = append(same, path)
		}
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return nil, nil, writeError(err)
	}
	for _, m := range missing {
		path := filepath.Join(dir, m.File)
		if err := writeNew(path, m.Text); err != nil {
			return written, same, writeError(err)
		}
		written = append(written, path)
	}
	return written, same, nil
}

// writeNew writes a file that is not there yet. One that could not be written whole is taken away again: it would be pushed.
func writeNew(path, text string) error {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
	if err != nil {
		return err
	}
	_, err = f.WriteString(text)
	if closed := f.Close(); err == nil {
		err = closed
	}
	if err != nil {
		return errors.Join(err, os.Remove(path))
	}
	return nil
}

func writeError(err error) *Error {
	return &Error{Code: codeWrite, Message: "write the schema's files: " + err.Error(), Hint: "name a directory that you may write into, such as supabase/migrations"}
}
