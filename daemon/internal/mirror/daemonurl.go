package mirror

import (
	"net/url"
	"path/filepath"
	"strconv"
)

// notGivenOn are the parameters of an admin's URL that are the admin's own.
var notGivenOn = [...]string{"user", "password", "passfile", "service", "servicefile", "sslcert", "sslkey", "sslpassword", "dbname"}

// daemonURL is the admin's URL with another login: the same way to the same database. Without a password the URL has none.
func daemonURL(t *Target, adminURL, login, password string) (string, error) {
	u, err := url.Parse(adminURL)
	if err != nil || u.Scheme != "postgres" && u.Scheme != "postgresql" {
		return "", &Error{Code: codeURL, Message: "read database.url: it does not begin with postgres://", Hint: "write  postgres://USER:PASSWORD@HOST:5432/postgres?sslmode=verify-full"}
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
	u.Path, u.RawPath = "/"+t.database(), "" // without one, the driver takes the login's name
	u.User = url.User(login)
	if password != "" {
		u.User = url.UserPassword(login, password)
	}
	u.Fragment = ""
	return u.String(), nil
}
