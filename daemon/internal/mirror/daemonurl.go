package mirror

import (
	"net/url"
	"path/filepath"
	"strconv"
)

// notGivenOn are the parameters of an admin's URL that are the admin's own.
var notGivenOn = [...]string{"user", "password", "passfile", "service", "servicefile", "sslcert", "sslkey", "sslpassword", "dbname"}

// checkURL refuses what the driver takes though it is no URL: another one could not be made of it.
func checkURL(adminURL string) error {
	u, err := url.Parse(adminURL)
	if err == nil && (u.Scheme == "postgres" || u.Scheme == "postgresql") {
		return nil
	}
	return &Error{Code: codeURL, Message: "read database.url: it does not begin with postgres://", Hint: "write  postgres://USER:PASSWORD@HOST:5432/postgres?sslmode=verify-full"}
}

// daemonURL is the admin's URL with another login: the same way to a database. Without a password the URL has none.
func daemonURL(t *Target, adminURL, database, login, password string) (string, error) {
	u, err := url.Parse(adminURL)
	if err != nil {
		return "", checkURL(adminURL) // err has the URL in it
	}
	query := u.Query()
	for _, name := range notGivenOn {
		query.Del(name)
	}
	// The daemon stands in another directory.
	if root := query.Get("sslrootcert"); root != "" && root != "system" {
		if root, err = filepath.Abs(root); err != nil {
			return "", err
		}
		query.Set("sslrootcert", root)
	}
	if u.Host == "" && !query.Has("host") { // it is the one of PGHOST or of the driver, which may be a socket's directory
		query.Set("host", t.config.Host)
		query.Set("port", strconv.Itoa(int(t.config.Port)))
	}
	u.RawQuery = query.Encode()
	u.Path, u.RawPath = "/"+database, "" // without one, the server takes the login's name
	u.User = url.User(login)
	if password != "" {
		u.User = url.UserPassword(login, password)
	}
	return u.String(), nil
}
