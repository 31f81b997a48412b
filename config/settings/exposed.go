package settings

import (
	"os"
	"regexp"
)

// exposed is a warning when a URL with a password stands in a file that is not its
// owner's alone to read.
func exposed(file string, values map[string]any) []string {
	url, _ := values["database.url"].(string)
	if !hasPassword(url) {
		return nil
	}
	info, err := os.Stat(file)
	if err != nil || info.Mode()&0o044 == 0 {
		return nil
	}
	return []string{file + " can be read by others and has a password in it: chmod 600 " + file}
}

// hasPassword tells whether there is a password in a URL (before its host, or as a
// parameter) or in a list of  key=value.
func hasPassword(url string) bool {
	return regexp.MustCompile(`://[^/@]*:[^/@]+@|(?i)\b(ssl)?password\s*=\s*[^\s&]`).MatchString(url)
}
