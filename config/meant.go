package config

import (
	"slices"
	"strings"
)

// otherWords are what other tools and people call our keys.
var otherWords = map[string]string{
	"cwd": "dir", "chdir": "dir", "workdir": "dir", "working_dir": "dir", "working_directory": "dir", "directory": "dir",
	"cron": "schedule", "crontab": "schedule", "when": "schedule", "at": "schedule", "every": "schedule",
	"environment": "env", "enviroment": "env", "envs": "env", "environ": "env", "vars": "env", "variables": "env",
	"tz": "timezone", "time_zone": "timezone",
	"cmd": "command", "run": "command", "exec": "command", "script": "command",
	"input": "stdin", "standard_input": "stdin",
}

// meant returns the key, of those that there are, that was probably meant by a word.
func meant(word string, names []string) (string, bool) {
	if other, ok := otherWords[strings.ReplaceAll(strings.ToLower(word), "-", "_")]; ok && slices.Contains(names, other) {
		return other, true
	}
	return Nearest(word, names)
}

// usualKeys are named where nothing nearer is known and the keys are too many to list.
var usualKeys = []string{"command", "schedule", "dir", "env", "timeout"}

// keysHint tells which keys there are, in a line that people read.
func keysHint(names []string) string {
	const few = 8
	if len(names) <= few {
		return "the keys here are " + list(names)
	}
	usual := slices.DeleteFunc(slices.Clone(usualKeys), func(name string) bool { return !slices.Contains(names, name) })
	return "the usual keys here are " + list(usual) + "; lsh schema shows them all"
}
