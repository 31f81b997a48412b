package settings

import (
	"os"
	"slices"
	"strings"
	"testing"
)

// Each text is a whole config.yaml; FILE stands for its path in what is wanted.
func TestWrongFiles(t *testing.T) {
	tests := map[string]struct {
		text string
		want []string
	}{
		"misspelt key":      {"sockte: /s\n", []string{`FILE:1:1: unknown key "sockte" (did you mean socket?)`}},
		"misspelt long key": {"\n\nmax_paralel: 3\n", []string{`FILE:3:1: unknown key "max_paralel" (did you mean max_parallel?)`}},
		"foreign key": {"colour: red\n", []string{
			`FILE:1:1: unknown key "colour" (the keys are jobs_file, socket, pid_file, log_file, state_dir, apply, log_level, log_format, max_parallel or database)`,
		}},
		"key in capitals":   {"APPLY: auto\n", []string{`FILE:1:1: unknown key "APPLY" (did you mean apply?)`}},
		"flag's name":       {"log-level: info\n", []string{`FILE:1:1: unknown key "log-level" (did you mean log_level?)`}},
		"key twice":         {"apply: auto\nlog_level: info\napply: manual\n", []string{"FILE:3:1: apply is there twice, first on line 1"}},
		"number for a path": {"socket: 5\n", []string{"FILE:1:9: socket is a number (5), want text (put it in quotes)"}},
		"yes for a word":    {"apply: true\n", []string{"FILE:1:8: apply is a yes or no (true), want text (put it in quotes)"}},
		"list for a path":   {"jobs_file: [a, b]\n", []string{"FILE:1:12: jobs_file is a list, want text"}},
		"mapping":           {"state_dir: {a: b}\n", []string{"FILE:1:12: state_dir is a mapping, want text"}},
		"no value":          {"log_file:\napply: auto\n", []string{"FILE:1:10: log_file is nothing, want text"}},
		"empty path":        {"socket: ''\n", []string{"FILE:1:9: socket: the path is empty"}},
		"other's home":      {"socket: ~bob/s\n", []string{`FILE:1:9: socket: path "~bob/s" names another's home directory (write ~/bob/s or an absolute path)`}},
		"NUL":               {`socket: "/a\0b"` + "\n", []string{`FILE:1:9: socket: path "/a\x00b" has a NUL in it`}},
		"misspelt word":     {"apply: manuall\n", []string{`FILE:1:8: apply: "manuall" is not auto or manual (did you mean manual?)`}},
		"word in capitals":  {"log_level: WARN\n", []string{`FILE:1:12: log_level: "WARN" is not debug, info, warn or error (did you mean warn?)`}},
		"other word":        {"log_format: xml\n", []string{`FILE:1:13: log_format: "xml" is not text or json`}},
		"text for a number": {"max_parallel: '3'\n", []string{`FILE:1:15: max_parallel is the text "3", want a whole number`}},
		"fraction":          {"max_parallel: 1.5\n", []string{"FILE:1:15: max_parallel is a number (1.5), want a whole number"}},
		"negative":          {"max_parallel: -1\n", []string{`FILE:1:15: max_parallel: "-1" is not a whole number, 0 or more`}},
		"huge":              {"max_parallel: 99999999999999999999\n", []string{"FILE:1:15: max_parallel is a number (99999999999999999999), want a whole number"}},
		"a list":            {"- apply\n", []string{"FILE:1:1: the file is a list, want keys and values"}},
		"a text":            {"apply\n", []string{`FILE:1:1: the file is a text, want keys and values`}},
		"no YAML":           {"apply: auto\nsocket: [\n", []string{"FILE:2:9: a bracket is opened and never closed (close it, or put a comma between the items)"}},
		"two documents":     {"apply: auto\n---\napply: manual\n", []string{"FILE:2:1: a second document begins here, want one (remove the --- line)"}},
		"all at once": {"sockte: /s\napply: perhaps\nmax_parallel: many\nlog_level: info\nlog_level: info\n", []string{
			`FILE:1:1: unknown key "sockte" (did you mean socket?)`,
			`FILE:2:8: apply: "perhaps" is not auto or manual`,
			`FILE:3:15: max_parallel is the text "many", want a whole number`,
			"FILE:5:1: log_level is there twice, first on line 4",
		}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			w.write(t, w.configFile(), test.text)
			_, err := w.load(t)
			if err == nil {
				t.Fatal("Load took it")
			}
			problemsOf(t, err)
			want := strings.ReplaceAll(strings.Join(test.want, "\n"), "FILE", w.configFile())
			if got := err.Error(); got != want {
				t.Errorf("problems are\n%s\nwant\n%s", got, want)
			}
		})
	}
}

func TestProblemsOfAllPlacesAtOnce(t *testing.T) {
	w := newWorld(t)
	w.write(t, w.configFile(), "apply: never\n")
	w.vars["LSH_APPLY"] = "sometimes"
	w.vars["LSH_MAX_PARALLEL"] = "-3"
	w.vars["LSH_SOKET"] = "/s" // the environment has many owners: no error: Misspelt warns
	_, err := w.load(t, "--apply=auto", "--log-level=inof", "--socket=")
	want := []string{
		w.configFile() + `:1:8: apply: "never" is not auto or manual`,
		`LSH_APPLY: "sometimes" is not auto or manual`,
		`LSH_MAX_PARALLEL: "-3" is not a whole number, 0 or more`,
		`--socket: the path is empty`,
		`--log-level: "inof" is not debug, info, warn or error (did you mean info?)`,
	}
	problemsOf(t, err)
	if got := err.Error(); got != strings.Join(want, "\n") {
		t.Errorf("problems are\n%s\nwant\n%s", got, strings.Join(want, "\n"))
	}
}

func TestAConfigFileThatCannotBeRead(t *testing.T) {
	t.Run("named and missing", func(t *testing.T) {
		w := newWorld(t)
		_, err := w.load(t, "--config=/nowhere/c.yaml")
		if problemsOf(t, err); err.Error() != "/nowhere/c.yaml: read settings: no such file or directory (name another with --config or LSH_CONFIG)" {
			t.Errorf("Load: %v", err)
		}
	})
	t.Run("a directory", func(t *testing.T) {
		w := newWorld(t)
		if err := os.MkdirAll(w.configFile(), 0o700); err != nil {
			t.Fatal(err)
		}
		_, err := w.load(t)
		if problemsOf(t, err); !strings.Contains(err.Error(), "is a directory") {
			t.Errorf("Load: %v", err)
		}
	})
	t.Run("a bad name", func(t *testing.T) {
		w := newWorld(t)
		w.vars["LSH_CONFIG"] = "~bob/c.yaml"
		_, err := w.load(t)
		if problemsOf(t, err); !strings.HasPrefix(err.Error(), "LSH_CONFIG: path") {
			t.Errorf("Load: %v", err)
		}
	})
}

func TestMisspeltVariables(t *testing.T) {
	got := Misspelt([]string{
		"LSH_SOKET=/s", "LSH_APLY=manual", "LSH_JOB_FILE=/j", "LSH_LOGLEVEL=debug", "LSH_apply=auto",
		"LSH_APPLY=auto", "LSH_CONFIG=/c", "LSH_JOB=a", "LSH_RUN_ID=1", "LSH_APLLY=", "LSH_=x", "LSH_PROJECT=x", "LSH_DATABASE_URL=x", "SOKET=/s",
		"LSH_DATABASE_PASSWORD_COMMAND=x", "SUPABASE_DB_URL=x", "LSH_DATABSE_URL=postgres://ann:secret@h/db", "LSH_DATABASE_CACERT=/c",
	})
	var want []string
	for _, pair := range [][2]string{
		{"APLY", "APPLY"}, {"DATABASE_CACERT", "DATABASE_CA_CERT"}, {"DATABSE_URL", "DATABASE_URL"}, {"JOB_FILE", "JOBS_FILE"}, {"LOGLEVEL", "LOG_LEVEL"}, {"SOKET", "SOCKET"}, {"apply", "APPLY"},
	} {
		want = append(want, "the variable LSH_"+pair[0]+" is no setting and is ignored: did you mean LSH_"+pair[1]+"?")
	}
	if !slices.Equal(got, want) {
		t.Errorf("warnings are\n%q, want\n%q", got, want)
	}
}

func TestARelativePathNeedsAWorkingDirectory(t *testing.T) {
	_, _, err := reading{home: "/home/ann"}.path("logs/l")
	if err == nil || !strings.Contains(err.Error(), "working directory is gone") {
		t.Errorf("path: %v", err)
	}
}
