package mirror

import (
	"crypto/x509"
	"errors"
	"net/netip"
	"regexp"
	"strings"
)

const (
	directHint = "a direct host of Supabase has an IPv6 address only: use the session pooler's host (…pooler.supabase.com, port 5432) with the user role.ref"
	sixHint    = "this machine has no way to IPv6 addresses: use a host that has an IPv4 address; of Supabase the session pooler's (…pooler.supabase.com, port 5432) with the user role.ref"
	rootHint   = "set database.ca_cert to the root certificate of the server; Supabase has it under Database, Settings, SSL: prod-ca-2021.crt"
	// otherRootHint names all places, in the order in which they count.
	otherRootHint = "the certificate in the file of database.ca_cert, else of sslrootcert, else in ~/.postgresql/root.crt, is not the server's root: " +
		"set database.ca_cert to the one that is; Supabase has it under Database, Settings, SSL: prod-ca-2021.crt"
	noPassword     = "there is no password in database.url, PGPASSWORD or ~/.pgpass"
	noPasswordHint = "put it into database.url or ~/.pgpass (chmod 600), or have database.password_command print it, then lsh daemon restart"
)

// certificateHint is what to do about a certificate that is not trusted. said is the cause in err.
func (t *Target) certificateHint(err error, said string) string {
	if host, is := errors.AsType[x509.HostnameError](err); is {
		return hostHint(host.Certificate)
	}
	switch _, unknown := errors.AsType[x509.UnknownAuthorityError](err); {
	case strings.Contains(said, "expired"), strings.Contains(said, "not yet valid"):
		return "see that this machine's clock is right: date"
	case strings.Contains(said, "offers no TLS"):
		return "turn TLS on at the server"
	case unknown && t.hasRoots():
		return otherRootHint
	}
	return rootHint
}

// hostHint names the hosts that a certificate is for. Nobody has vouched for the certificate yet: what is no name is not repeated.
func hostHint(c *x509.Certificate) string {
	const most = 5
	var names []string
	for _, name := range c.DNSNames {
		if regexp.MustCompile(`^[A-Za-z0-9*._-]{1,253}$`).MatchString(name) {
			names = append(names, name)
		}
	}
	for _, ip := range c.IPAddresses {
		names = append(names, ip.String())
	}
	switch {
	case len(names) == 0:
		return "the server's certificate is for no host: give it one with the host of database.url as subjectAltName"
	case len(names) > most:
		names = append(names[:most], "…")
	}
	return "the server's certificate is for " + strings.Join(names, ", ") + ": put that name into database.url as the host"
}

// hasRoots tells whether certificates are checked against those in a file, and not the system's.
func (t *Target) hasRoots() bool {
	if t.config.TLSConfig == nil || t.config.TLSConfig.RootCAs == nil {
		return false
	}
	system, err := x509.SystemCertPool() // also that of sslrootcert=system
	return err != nil || !t.config.TLSConfig.RootCAs.Equal(system)
}

// passwordless tells whether no password was found anywhere.
func (t *Target) passwordless() bool { return t.config.Password == "" && len(t.password) == 0 }

// routeHint is what to do where there is no way to the host, "" when the host says nothing of it.
func (t *Target) routeHint() string {
	if t.direct() {
		return directHint
	}
	if ip, err := netip.ParseAddr(t.config.Host); err == nil && ip.Is6() && !ip.Is4In6() {
		return sixHint
	}
	return ""
}

// fullHint is what to do where there is no place for a connection.
func (t *Target) fullHint(said string) string {
	if strings.Contains(said, "too many connections for role") {
		return "end other connections of the role " + t.user() + ", or raise its own limit: alter role … connection limit 20; lsh tries again by itself"
	}
	return "close other clients, or use the transaction pooler (port 6543); lsh tries again by itself"
}
