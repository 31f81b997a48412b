package main

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strings"
)

// A service file that lsh writes begins with who wrote it and with the hash of what follows, by which it is known
// later whether somebody has edited it.
const (
	writtenBy = "Written by lsh "
	sealedBy  = "sha256 "
)

// seal is a service file: a head that names the version of lsh, and a body. end ends a line of the head.
func seal(body, version string, form serviceForm, end string) string {
	return fmt.Sprintf("%s%s%s%s: lsh daemon install. Once edited it is left alone.%s\n%s%s%s%s\n%s",
		form.before, form.open, writtenBy, version, end, form.open, sealedBy, sum(body), end, body)
}

// unseal is the body of a service file, without the head, and whether it is as lsh wrote it.
func unseal(text string, form serviceForm) (body string, whole bool) {
	rest, found := strings.CutPrefix(text, form.before+form.open+writtenBy)
	if !found {
		return text, false
	}
	_, rest, _ = strings.Cut(rest, "\n")
	line, body, _ := strings.Cut(rest, "\n")
	line, found = strings.CutPrefix(line, form.open+sealedBy)
	return body, found && strings.HasPrefix(line, sum(body))
}

func sum(text string) string {
	hash := sha256.Sum256([]byte(text))
	return hex.EncodeToString(hash[:])
}
