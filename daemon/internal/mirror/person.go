package mirror

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf16"
	"unicode/utf8"
)

const (
	writerRole = "lsh_writer"
	// nameBytes is how long PostgreSQL lets a name be.
	nameBytes = 63
)

const codeUser = "user"

// roleName is the login of a person's daemons. Two names may have the same.
func roleName(user string) (string, *Error) {
	if !utf8.ValidString(user) || strings.ContainsFunc(user, unicode.IsControl) || strings.TrimSpace(user) == "" {
		return "", &Error{Code: codeUser, Message: fmt.Sprintf("name the role of %q: that is no name", user), Hint: "lsh sync init --user NAME"}
	}
	plain := strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= '0' && r <= '9' {
			return r
		}
		return '_'
	}, strings.ToLower(user))
	name := "lsh_" + plain
	name = name[:min(len(name), nameBytes)]
	if name == writerRole {
		return "", takenError(user, name, "that is the role that gives all of them their rights")
	}
	return name, nil
}

// login is the user of a person's URL. Behind a pooler of Supabase, a point and the project follow the role, and so they do in the
// name that the admin has logged in with, who is admin to the server.
func login(role, asked, admin string) string {
	if project, pooled := strings.CutPrefix(asked, admin+"."); pooled {
		return role + "." + project
	}
	return role
}

func takenError(user, role, why string) *Error {
	return &Error{
		Code: codeUser, Message: fmt.Sprintf("make role %s for %s: %s", role, user, why),
		Hint: "choose another name: lsh sync init --user NAME",
	}
}

// legacyUUID is by which the predecessor's tables know a person: a hash of the name's UTF-16 code units, as its own code made it.
func legacyUUID(user string) string {
	var h int32
	for _, unit := range utf16.Encode([]rune(user)) {
		h = h<<5 - h + int32(unit)
	}
	abs := int64(h)
	if abs < 0 {
		abs = -abs
	}
	hex := fmt.Sprintf("%08x", abs)
	return fmt.Sprintf("%s-%s-4%s-8%s-%s%s", hex, hex[:4], hex[1:4], hex[:3], hex, hex[:4])
}
