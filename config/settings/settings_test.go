package settings

import (
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/spf13/pflag"

	"github.com/lsh-project/lsh/config"
)

// world is a machine with one user, ann, whose HOME is home.
type world struct {
	home string
	vars map[string]string
}

func newWorld(t *testing.T) world {
	t.Helper()
	return world{home: t.TempDir(), vars: map[string]string{}}
}

func (w world) configFile() string { return filepath.Join(w.home, ".config/lsh/config.yaml") }

func (w world) write(t *testing.T, file, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

func (w world) load(t *testing.T, args ...string) (Settings, error) {
	t.Helper()
	flags := pflag.NewFlagSet("lshd", pflag.ContinueOnError)
	AddFlags(flags)
	if err := flags.Parse(args); err != nil {
		t.Fatal(err)
	}
	lookup := func(name string) (string, bool) { v, ok := w.vars[name]; return v, ok }
	return Load(flags, Env{Lookup: lookup, Home: w.home, User: "ann", UID: 1000, Dir: "/work"})
}

func (w world) mustLoad(t *testing.T, args ...string) Settings {
	t.Helper()
	s, err := w.load(t, args...)
	if err != nil {
		t.Fatalf("Load: %v", err)
	}
	return s
}

func TestDefaults(t *testing.T) {
	w := newWorld(t)
	w.vars["USER"] = "mallory" // not to be believed
	want := Settings{
		Paths: config.Paths{
			JobsFile:      w.home + "/.config/lsh/jobs.yaml",
			ConfigFile:    w.configFile(),
			Socket:        "/tmp/lsh-daemon-ann.sock",
			RuntimeSocket: w.home + "/.local/state/lsh/daemon.sock",
			PidFile:       "/tmp/lsh-job-daemon-ann.pid",
			LogFile:       "/tmp/lsh-job-daemon-ann.log",
			StateDir:      w.home + "/.local/state/lsh",
		},
		Apply: "auto", LogLevel: slog.LevelInfo, LogFormat: "text",
	}
	if got := w.mustLoad(t); !reflect.DeepEqual(got, want) {
		t.Errorf("settings without any are\n%+v, want\n%+v", got, want)
	}
	for name, text := range map[string]string{"empty": "", "comments": "# nothing yet\n", "nothing": "---\n", "null": "null\n", "no keys": "{}\n"} {
		w.write(t, w.configFile(), text)
		if got := w.mustLoad(t); !reflect.DeepEqual(got, want) {
			t.Errorf("settings of an empty file (%s) are\n%+v, want\n%+v", name, got, want)
		}
	}
}

// Every key is written in each place with a value of its own; the later place
// wins, and an empty variable is none.
func TestPrecedence(t *testing.T) {
	tests := []struct {
		key                     string
		get                     func(Settings) any
		standard                any
		inFile, inEnv, inFlag   string
		fromFile, fromEnv, from any
	}{
		{"jobs_file", func(s Settings) any { return s.JobsFile }, "~/.config/lsh/jobs.yaml", "~/f", "~/e", "~/g", "~/f", "~/e", "~/g"},
		{"socket", func(s Settings) any { return s.Socket }, "/tmp/lsh-daemon-ann.sock", "/f", "/e", "/g", "/f", "/e", "/g"},
		{"pid_file", func(s Settings) any { return s.PidFile }, "/tmp/lsh-job-daemon-ann.pid", "/f/", "/e//p", "/g/../h", "/f", "/e/p", "/h"},
		{"log_file", func(s Settings) any { return s.LogFile }, "/tmp/lsh-job-daemon-ann.log", "f/log", "e/log", "g/log", "~/.config/lsh/f/log", "/work/e/log", "/work/g/log"},
		{"state_dir", func(s Settings) any { return s.StateDir }, "~/.local/state/lsh", "~", "~/e", "~/g/", "~", "~/e", "~/g"},
		{"apply", func(s Settings) any { return s.Apply }, "auto", "manual", "auto", "manual", "manual", "auto", "manual"},
		{"log_level", func(s Settings) any { return s.LogLevel }, slog.LevelInfo, "debug", "warn", "error", slog.LevelDebug, slog.LevelWarn, slog.LevelError},
		{"log_format", func(s Settings) any { return s.LogFormat }, "text", "json", "text", "json", "json", "text", "json"},
		{"max_parallel", func(s Settings) any { return s.MaxParallel }, 0, "3", "4", "0", 3, 4, 0},
	}
	if len(tests) != len(keys) {
		t.Errorf("%d keys are tested, there are %d", len(tests), len(keys))
	}
	for _, test := range tests {
		t.Run(test.key, func(t *testing.T) {
			w := newWorld(t)
			want := func(what string, value any, args ...string) {
				t.Helper()
				if text, ok := value.(string); ok {
					value = strings.Replace(text, "~", w.home, 1)
				}
				if got := test.get(w.mustLoad(t, args...)); got != value {
					t.Errorf("%s: %v, want %v", what, got, value)
				}
			}
			k, ok := keyNamed(test.key)
			if !ok {
				t.Fatal("no such key")
			}
			want("nothing written", test.standard)
			w.write(t, w.configFile(), test.key+": "+test.inFile+"\n")
			w.vars[k.env()] = ""
			if test.inFile == "~" { // alone it is YAML's null
				w.write(t, w.configFile(), test.key+": '~'\n")
			}
			want("in the file", test.fromFile)
			w.vars[k.env()] = test.inEnv
			want("in the environment too", test.fromEnv)
			want("and as a flag", test.from, "--"+k.flag()+"="+test.inFlag)
		})
	}
}

func TestWhichConfigFile(t *testing.T) {
	w := newWorld(t)
	w.write(t, w.configFile(), "max_parallel: 1\n")
	w.write(t, w.home+"/xdg/lsh/config.yaml", "max_parallel: 2\n")
	w.write(t, w.home+"/env.yaml", "max_parallel: 3\n")
	w.write(t, w.home+"/flag.yaml", "max_parallel: 4\nlog_file: logs/l\n")
	want := func(n int, file string, args ...string) {
		t.Helper()
		if s := w.mustLoad(t, args...); s.MaxParallel != n || s.ConfigFile != file {
			t.Errorf("settings of %s with max_parallel %d, want %s with %d", s.ConfigFile, s.MaxParallel, file, n)
		}
	}
	want(1, w.configFile())
	w.vars["XDG_CONFIG_HOME"] = w.home + "/xdg"
	want(2, w.home+"/xdg/lsh/config.yaml")
	w.vars["LSH_CONFIG"] = "~/env.yaml"
	want(3, w.home+"/env.yaml")
	want(4, w.home+"/flag.yaml", "--config", w.home+"/flag.yaml")

	// A relative path is relative to the file that says it.
	if s := w.mustLoad(t, "--config=~/flag.yaml"); s.LogFile != w.home+"/logs/l" {
		t.Errorf("log file is %s, want it beside the config file", s.LogFile)
	}
}

func TestAnotherStateDirectoryHasAnotherRuntimeSocket(t *testing.T) {
	w := newWorld(t)
	runtime := t.TempDir()
	if err := os.Chmod(runtime, 0o700); err != nil {
		t.Fatal(err)
	}
	w.vars["XDG_RUNTIME_DIR"] = runtime
	first := w.mustLoad(t).RuntimeSocket
	second := w.mustLoad(t, "--state-dir=/srv/lsh").RuntimeSocket
	if first != runtime+"/lsh/daemon.sock" || second == first || filepath.Dir(second) != filepath.Dir(first) {
		t.Errorf("runtime sockets are %s and %s, want two in one place", first, second)
	}
}

func TestLoadKeepsViperOutOfTheWay(t *testing.T) {
	// viper would take LSH_APPLY from the real environment if it were asked to.
	t.Setenv("LSH_APPLY", "manual")
	if s := newWorld(t).mustLoad(t); s.Apply != "auto" {
		t.Errorf("apply is %s, which is not from the Env that Load was given", s.Apply)
	}
}

func TestSystem(t *testing.T) {
	t.Setenv("USER", "mallory")
	t.Setenv("HOME", "/somewhere")
	env, err := System()
	if err != nil {
		t.Fatal(err)
	}
	if env.Home != "/somewhere" || env.UID != os.Geteuid() || env.User != config.UserName(os.Geteuid()) {
		t.Errorf("System is %+v", env)
	}
	for _, home := range []string{"", "relative"} {
		t.Setenv("HOME", home)
		if env, err = System(); err != nil || !filepath.IsAbs(env.Home) || env.Home == "/somewhere" {
			t.Errorf("with HOME=%q the home is %q, %v, want the account's", home, env.Home, err)
		}
	}
}

func problemsOf(t *testing.T, err error) Problems {
	t.Helper()
	problems, ok := errors.AsType[Problems](err)
	if !ok {
		t.Fatalf("Load: %v, want Problems", err)
	}
	return problems
}
