package config

import (
	"path/filepath"
	"strings"
)

// A variable that stands for itself is its name between two NULs, which nothing in
// a file can hold. One whose value is an absolute path is marked as such, with a
// slash before it, so that paths are joined as they would be with the value.
const (
	symbol       = "\x00"
	rooted       = symbol + "*"
	symbolicHome = "/" + rooted + "HOME" + symbol
)

// Symbolic is a host on which variables stand for themselves: a job that is read
// on it shows how its values are written, and is good for [Export] only.
func Symbolic(h Host) Host {
	symbolic := h
	symbolic.Home = symbolicHome
	symbolic.Getenv = func(name string) (string, bool) {
		text := symbol + name + symbol
		if h.Getenv != nil {
			if value, _ := h.Getenv(name); filepath.IsAbs(value) {
				text = "/" + rooted + name + symbol
			}
		}
		return text, true // a job for another host may name what is unknown here
	}
	symbolic.ReadFile = func(path string) ([]byte, error) { return h.ReadFile(actual(path, h)) }
	symbolic.Glob = func(pattern string) ([]string, error) {
		if h.Glob != nil {
			return h.Glob(actual(pattern, h))
		}
		return filepath.Glob(actual(pattern, h))
	}
	return symbolic
}

// actual is a path with the values of what stands in it for itself.
func actual(path string, h Host) string {
	parts := strings.Split(path, symbol)
	for i := 1; i < len(parts); i += 2 {
		name, isRooted := strings.CutPrefix(parts[i], "*")
		if isRooted {
			parts[i-1] = strings.TrimSuffix(parts[i-1], "/")
		}
		parts[i] = h.Home
		if name != "HOME" || h.Home == "" {
			parts[i], _ = h.Getenv(name)
		}
	}
	return filepath.Clean(strings.Join(parts, ""))
}

// escaped is a value as it is written: what stands for itself by its name, and a
// dollar sign so that it stays one.
func escaped(value string) string {
	var b strings.Builder
	for value != "" {
		if name, ok := strings.CutPrefix(value, "/"+rooted); ok {
			name, value, _ = strings.Cut(name, symbol)
			b.WriteString("${" + name + "}")
			continue
		}
		if name, ok := strings.CutPrefix(value, symbol); ok {
			name, value, _ = strings.Cut(name, symbol)
			b.WriteString("${" + name + "}")
			continue
		}
		first, rest := value[:1], value[1:]
		b.WriteString(first)
		if first == "$" && (strings.HasPrefix(rest, "$") || strings.HasPrefix(rest, "{") ||
			strings.HasPrefix(rest, symbol) || strings.HasPrefix(rest, "/"+rooted)) {
			b.WriteString("$")
		}
		value = rest
	}
	return b.String()
}
