package config

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"time"
)

// showArgv returns a list of arguments as YAML and JSON write it, so that blanks
// inside an argument can be told from those between two.
func showArgv(argv []string) string {
	if len(argv) == 0 {
		return ""
	}
	parts := make([]string, len(argv))
	for i, arg := range argv {
		var b strings.Builder
		e := json.NewEncoder(&b)
		e.SetEscapeHTML(false)
		_ = e.Encode(arg) // a string always has a JSON form
		parts[i] = strings.TrimSuffix(b.String(), "\n")
	}
	return "[" + strings.Join(parts, ", ") + "]"
}

func showCommand(j *Job) string {
	if j.Argv != nil {
		return showArgv(j.Argv)
	}
	return j.Command
}

func showEnvFiles(j *Job) string {
	paths := make([]string, len(j.EnvFile))
	for i, f := range j.EnvFile {
		paths[i] = f.Path
		if f.Optional {
			paths[i] = "-" + f.Path
		}
	}
	return list(paths)
}

func showUmask(j *Job) string {
	if j.Umask == nil {
		return ""
	}
	return fmt.Sprintf("%03o", *j.Umask)
}

func showNice(j *Job) string {
	if j.Nice == nil {
		return ""
	}
	return strconv.Itoa(*j.Nice)
}

func showSchedule(j *Job) string { return strings.Join(j.Schedule, "; ") }

func showDuration(d time.Duration) string {
	if d == 0 {
		return ""
	}
	return FormatDuration(d)
}

func showSuccess(j *Job) string { return showCodes(j.Success) }

func envNames(env []EnvVar) []string {
	names := make([]string, len(env))
	for i, v := range env {
		names[i] = v.Name
	}
	return names
}

func showCount(n int) string {
	if n == 0 {
		return ""
	}
	return strconv.Itoa(n)
}

func showSize(n int64) string {
	if n == 0 {
		return ""
	}
	return FormatSize(n)
}

func showCodes(codes []int) string {
	words := make([]string, len(codes))
	for i, code := range codes {
		words[i] = strconv.Itoa(code)
	}
	return list(words)
}
