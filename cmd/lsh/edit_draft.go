package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// copy makes the draft. It lies beside the file, where all that is relative
// means the same, under a name that neither the daemon nor an include takes
// for a jobs file.
func (e *editing) copy() error {
	text := e.before.text
	if e.before.info == nil {
		text = e.blank
	}
	if e.draft != "" {
		var err error
		if e.draft, err = e.absolute(e.draft); err != nil {
			return err
		}
		if _, err := os.Stat(e.draft); err != nil {
			return fail("no_file", fmt.Sprintf("read draft %s: %s", e.short(e.draft), bare(err)), "lsh edit begins a new one")
		}
		return e.writable(e.before)
	}
	dir := filepath.Dir(e.before.path)
	if _, err := os.Stat(dir); errors.Is(err, fs.ErrNotExist) {
		e.made = dir
	}
	if err := e.makeDir(dir); err != nil {
		return err
	}
	if err := e.writable(e.before); err != nil {
		return err
	}
	f, err := os.CreateTemp(dir, draftPattern(filepath.Base(e.before.path))) // for its user alone
	if err != nil {
		return e.notWritten(dir, err)
	}
	e.draft = f.Name()
	_, err = f.WriteString(text)
	if closeErr := f.Close(); err == nil {
		err = closeErr
	}
	if err != nil {
		return errors.Join(e.notWritten(dir, err), os.Remove(e.draft))
	}
	return nil
}

// draftPattern is how the drafts of a file are called, with a * for what tells them apart.
func draftPattern(name string) string {
	kind := filepath.Ext(name)
	return "." + strings.TrimSuffix(name, kind) + ".draft-*" + kind
}

// dropDraft takes the draft away, and a directory that was made for nothing. What
// an editor may still do with the draft is no concern of the file's.
func (e *editing) dropDraft() {
	_ = os.Remove(e.draft)
	if e.made != "" {
		_ = os.Remove(e.made) // it stays when there is a file in it now
	}
}

// kept is a failure that says how to go on with the draft.
func (e *editing) kept(f *failure) error {
	f.message += "; the draft is kept"
	f.hint = e.goOn() + " goes on with it"
	return f
}

// goOn is what to type to go on with the draft.
func (e *editing) goOn() string {
	text := "lsh edit --draft " + e.typed(e.draft)
	if e.before.path != e.jobs {
		text += " " + e.typed(e.before.path)
	}
	return text
}

// left is the end by a signal.
func (e *editing) left(ctx context.Context) error {
	e.note("the jobs file is as it was; the draft is kept: " + e.goOn() + " goes on with it")
	return endOf(ctx)
}
