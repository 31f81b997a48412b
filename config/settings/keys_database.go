package settings

import (
	"slices"
	"strings"
)

// database is the key of config.yaml that holds a mapping: where the state is synced to.
const database = "database"

// databaseKeys are the keys in that mapping, each with its whole name. None is a flag:
// everybody on a machine can read its command lines, and a URL may hold a password.
var databaseKeys = []key{
	{name: "database.url", kind: address},
	{name: "database.password_command", kind: command},
	{name: "database.ca_cert", kind: path},
	{name: "database.output", kind: word, words: []string{"off", "failures", "all"}},
	{name: "database.redact", kind: patterns},
	{name: "database.accept_commands", kind: toggle},
}

// supabaseEnv is what Supabase's own tools take the URL from. It may be another
// project's than the one to sync to, and so stands in only where no setting names one.
const supabaseEnv = "SUPABASE_DB_URL"

// variable is the name that k has in the environment, "" for none.
func (k key) variable() string {
	if k.kind == patterns {
		return "" // a variable holds one text
	}
	return k.env()
}

// standIn is the URL of supabaseEnv, by key, unless one of the layers has a URL.
func standIn(here reading, env Env, layers ...map[string]any) (map[string]any, Problems) {
	return readTexts(here, databaseKeys, func(k key) (text, where string, ok bool) {
		if k.kind != address || slices.ContainsFunc(layers, func(l map[string]any) bool { return l[k.name] != nil }) {
			return "", "", false
		}
		return lookup(env, supabaseEnv)
	})
}

// secret tells whether what is written for k must not be shown.
func (k key) secret() bool { return k.kind == address || k.kind == command || k.kind == patterns }

// short is the name that k has in its mapping.
func (k key) short() string { return strings.TrimPrefix(k.name, database+".") }

func databaseNames() []string {
	names := make([]string, len(databaseKeys))
	for i, k := range databaseKeys {
		names[i] = k.short()
	}
	return names
}

func databaseKeyNamed(short string) (key, bool) {
	i := slices.IndexFunc(databaseKeys, func(k key) bool { return k.short() == short })
	if i < 0 {
		return key{}, false
	}
	return databaseKeys[i], true
}

// strayed is a hint for a key of the mapping that stands outside of it, as url,
// database.url or database_url.
func strayed(name string) string {
	if rest, ok := strings.CutPrefix(name, database); ok && rest != "" {
		name = rest[1:]
	}
	if _, known := databaseKeyNamed(name); !known {
		return ""
	}
	return "it belongs into a mapping:  database: {" + name + ": …}"
}
