package settings

import (
	"strings"

	"github.com/spf13/pflag"
)

// kind is what a value must be.
type kind uint8

const (
	path     kind = iota // of a file or directory
	word                 // one of key.words
	count                // a whole number, 0 or more
	toggle               // true or false
	address              // URL of a database; it may hold a password
	command              // a list of words, or a text for the shell
	patterns             // a list of regular expressions
)

// key is one setting.
type key struct {
	name  string // in config.yaml; of one in a mapping, with the mapping's before it and a dot
	kind  kind
	words []string
	help  string // of its flag; the word in backquotes stands for the value
}

// keys are the settings that are flags too, in the order of the help.
var keys = []key{
	{name: "jobs_file", kind: path, help: "the jobs `file`"},
	{name: "socket", kind: path, help: "`path` of the socket for clients"},
	{name: "pid_file", kind: path, help: "`path` of the locked file with the daemon's pid"},
	{name: "log_file", kind: path, help: "`path` of the log, rotated by size"},
	{name: "state_dir", kind: path, help: "`directory` for the daemon's own files"},
	{name: "apply", kind: word, words: []string{"auto", "manual"}, help: "`mode` for a changed jobs file: auto applies it, manual holds it for lsh apply"},
	{name: "log_level", kind: word, words: []string{"debug", "info", "warn", "error"}, help: "least `level` that is logged: debug, info, warn or error"},
	{name: "log_format", kind: word, words: []string{"text", "json"}, help: "`format` of the log: text or json"},
	{name: "max_parallel", kind: count, help: "at most `N` runs at a time; 0 is no limit"},
}

// configFlag names config.yaml itself, which cannot be a key in it.
const (
	configFlag = "config"
	configEnv  = envPrefix + "CONFIG"
)

// envPrefix begins the name of every setting's variable.
const envPrefix = "LSH_"

func (k key) flag() string { return strings.ReplaceAll(k.name, "_", "-") }

func (k key) env() string {
	return envPrefix + strings.ToUpper(strings.ReplaceAll(k.name, ".", "_"))
}

// AddFlags defines a flag for every setting but those of the database, and --config.
func AddFlags(flags *pflag.FlagSet) {
	flags.String(configFlag, "", "the settings `file`")
	for _, k := range keys {
		// Numbers are texts here, so that a wrong one is told together
		// with what else is wrong.
		flags.String(k.flag(), "", k.help)
	}
}

func keyNames() []string {
	names := make([]string, len(keys))
	for i, k := range keys {
		names[i] = k.name
	}
	return names
}

func keyNamed(name string) (key, bool) {
	for _, k := range keys {
		if k.name == name {
			return k, true
		}
	}
	return key{}, false
}
