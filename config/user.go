package config

import (
	"os/user"
	"strconv"
	"strings"
)

// UserName returns the name of a user id, as the system's account files have it
// and never as the environment says; the number when there is no such account.
func UserName(uid int) string {
	id := strconv.Itoa(uid)
	account, err := user.LookupId(id)
	if err != nil || account.Username == "" || strings.ContainsAny(account.Username, "/\x00") {
		return id
	}
	return account.Username
}
