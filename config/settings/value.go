package settings

import (
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/lsh-project/lsh/config"
)

// reading is one place where settings are written.
type reading struct {
	home string
	dir  string // relative paths are relative to it
}

// value is what text says for k. hint is for the error, and may be empty.
func (r reading) value(k key, text string) (value any, hint string, err error) {
	switch k.kind {
	case path:
		value, hint, err = r.path(text)
		return value, hint, err
	case word:
		if !slices.Contains(k.words, text) {
			return nil, meant(text, k.words), fmt.Errorf("%q is not %s", text, orList(k.words))
		}
		return text, "", nil
	case toggle:
		if text != "true" && text != "false" {
			return nil, "", fmt.Errorf("%q is not true or false", text)
		}
		return text == "true", "", nil
	case address, command:
		return secretText(k, text)
	default:
		n, err := strconv.Atoi(text)
		if err != nil || n < 0 {
			return nil, "", fmt.Errorf("%q is not a whole number, 0 or more", text)
		}
		return n, "", nil
	}
}

// secretText is what text says for a key whose value is told to nobody.
func secretText(k key, text string) (value any, hint string, err error) {
	switch {
	case strings.TrimSpace(text) == "":
		return nil, "leave it out", errors.New("it is empty")
	case strings.ContainsRune(text, 0):
		return nil, "", errors.New("it has a NUL in it")
	case k.kind == command:
		return []string{"/bin/sh", "-c", text}, "", nil
	}
	return text, "", nil
}

func (r reading) path(text string) (file, hint string, err error) {
	rest, home := strings.CutPrefix(text, "~")
	switch {
	case text == "":
		return "", "", errors.New("the path is empty")
	case strings.ContainsRune(text, 0):
		return "", "", fmt.Errorf("path %q has a NUL in it", text)
	case home && (rest == "" || rest[0] == '/'):
		return filepath.Join(r.home, rest), "", nil
	case home:
		return "", "write ~/" + rest + " or an absolute path", fmt.Errorf("path %q names another's home directory", text)
	case filepath.IsAbs(text):
		return filepath.Clean(text), "", nil
	case r.dir == "":
		return "", "write an absolute path", fmt.Errorf("path %q is relative, and the working directory is gone", text)
	}
	return filepath.Join(r.dir, text), "", nil
}

// meant is a hint at the known word nearest to text.
func meant(text string, known []string) string {
	if near, ok := config.Nearest(text, known); ok {
		return fmt.Sprintf("did you mean %s?", near)
	}
	return ""
}

func orList(words []string) string {
	last := len(words) - 1
	return strings.Join(words[:last], ", ") + " or " + words[last]
}
