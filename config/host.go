package config

// Host is what loading needs to know of the machine. It is an argument, so
// that a file can be read as another host would read it.
type Host struct {
	Name string // for `only.hosts`
	OS   string // as runtime.GOOS
	Home string // for ~ and ${HOME}
	// ID seeds H, jitter and @every: the machine id, else Name.
	ID string
	// Getenv looks a variable up for ${VAR}.
	Getenv func(string) (string, bool)
	// ReadFile reads the jobs file and its includes. A missing file is an
	// error that errors.Is fs.ErrNotExist.
	ReadFile func(path string) ([]byte, error)
	// Glob finds the includes that a pattern names where ReadFile does not
	// read from the disk; nil is [Glob].
	Glob func(pattern string) ([]string, error)
}
