package settings

import (
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/spf13/pflag"

	"github.com/lsh-project/lsh/config"
)

func TestDatabaseInTheFile(t *testing.T) {
	w := newWorld(t)
	if d := w.mustLoad(t).Database; !reflect.DeepEqual(d, config.Database{}) {
		t.Errorf("without settings the database is %+v, want none, and output of failures", d)
	}
	w.write(t, w.configFile(), `
database:
  url: postgres://ann:secret@db.example.com:5432/postgres?sslmode=verify-full
  password_command: [pass, show, 5432, "two words"]
  ca_cert: certs/ca.crt
  output: off
  redact: ['tok_[a-z0-9]+', "(?i)bearer \\S+"]
  accept_commands: True
`)
	d := w.mustLoad(t).Database
	patterns := []string{}
	for _, p := range d.Redact {
		patterns = append(patterns, p.String())
	}
	if want := []string{"tok_[a-z0-9]+", `(?i)bearer \S+`}; !slices.Equal(patterns, want) {
		t.Errorf("patterns are %q, want %q", patterns, want)
	}
	d.Redact = nil
	want := config.Database{
		URL:             "postgres://ann:secret@db.example.com:5432/postgres?sslmode=verify-full",
		PasswordCommand: []string{"pass", "show", "5432", "two words"},
		CACert:          filepath.Join(filepath.Dir(w.configFile()), "certs/ca.crt"),
		Output:          config.TailsOff, AcceptCommands: true,
	}
	if !reflect.DeepEqual(d, want) {
		t.Errorf("the database is\n%+v, want\n%+v", d, want)
	}
}

func TestPasswordCommand(t *testing.T) {
	w := newWorld(t)
	beside := filepath.Dir(w.configFile())
	for text, want := range map[string][]string{
		"pass show lsh | head -1": {"/bin/sh", "-c", "pass show lsh | head -1"},
		"[pass, show, lsh]":       {"pass", "show", "lsh"},
		"[/opt/pw]":               {"/opt/pw"},
		"[./pw, a/b]":             {beside + "/pw", "a/b"},
		"[~/bin/pw, ~/x]":         {w.home + "/bin/pw", "~/x"},
	} {
		w.write(t, w.configFile(), "database:\n  password_command: "+text+"\n")
		if got := w.mustLoad(t).Database.PasswordCommand; !slices.Equal(got, want) {
			t.Errorf("%s is run as %q, want %q", text, got, want)
		}
	}
}

// Where a variable says the same as the file, the variable counts.
func TestDatabaseInTheEnvironment(t *testing.T) {
	w := newWorld(t)
	w.write(t, w.configFile(), `
database: {url: "postgres://file/db", password_command: [file], ca_cert: /file, output: all, redact: [x], accept_commands: true}
`)
	get := func() config.Database { return w.mustLoad(t).Database }
	w.vars["LSH_DATABASE_URL"] = "postgres://lsh/db"
	w.vars["LSH_DATABASE_PASSWORD_COMMAND"] = "cat pw"
	w.vars["LSH_DATABASE_CA_CERT"] = "~/ca"
	w.vars["LSH_DATABASE_OUTPUT"] = "failures"
	w.vars["LSH_DATABASE_ACCEPT_COMMANDS"] = "false"
	got := get()
	if len(got.Redact) != 1 {
		t.Errorf("%d patterns, want that of the file", len(got.Redact))
	}
	got.Redact = nil
	want := config.Database{URL: "postgres://lsh/db", PasswordCommand: []string{"/bin/sh", "-c", "cat pw"}, CACert: w.home + "/ca"}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("the database is\n%+v, want\n%+v", got, want)
	}
}

// Supabase's variable belongs to other programs too, and may name another project:
// it counts, and is looked at, only where nothing of ours names one.
func TestSupabasesVariableStandsIn(t *testing.T) {
	for _, test := range []struct{ lsh, file, supabase, want string }{
		{"postgres://lsh/db", "postgres://file/db", "postgres://supabase/db", "postgres://lsh/db"},
		{"", "postgres://file/db", "postgres://supabase/db", "postgres://file/db"},
		{"postgres://lsh/db", "", "postgres://supabase/db", "postgres://lsh/db"},
		{"", "", "postgres://supabase/db", "postgres://supabase/db"},
		{"", "postgres://file/db", " ", "postgres://file/db"},
		{"", "", "", ""},
	} {
		w := newWorld(t)
		text := "database:\n  output: all\n"
		if test.file != "" {
			text += "  url: " + test.file + "\n"
		}
		w.write(t, w.configFile(), text)
		w.vars["LSH_DATABASE_URL"], w.vars["SUPABASE_DB_URL"] = test.lsh, test.supabase
		if got := w.mustLoad(t).Database; got.URL != test.want || got.Output != config.TailsOfAll {
			t.Errorf("%+v: URL is %q, output %v", test, got.URL, got.Output)
		}
	}
	w := newWorld(t)
	w.vars["SUPABASE_DB_URL"] = " "
	_, err := w.load(t)
	if problemsOf(t, err); err.Error() != "SUPABASE_DB_URL: it is empty (leave it out)" {
		t.Errorf("Load: %v", err)
	}
}

func TestTheDatabaseHasNoFlags(t *testing.T) {
	flags := pflag.NewFlagSet("lshd", pflag.ContinueOnError)
	AddFlags(flags)
	for _, name := range []string{"database", "database-url", "database.url", "url", "database-password-command"} {
		if flags.Lookup(name) != nil {
			t.Errorf("there is a flag --%s: everybody can read it", name)
		}
	}
}

// Each text is a whole config.yaml in which secret is something that nobody may see.
func TestWrongDatabases(t *testing.T) {
	tests := map[string]struct {
		text string
		want []string
	}{
		"misspelt key":        {"database:\n  ulr: secret\n", []string{`FILE:2:3: unknown key "ulr" in database (did you mean url?)`}},
		"foreign key":         {"database: {colour: secret}\n", []string{`FILE:1:12: unknown key "colour" in database (the keys are url, password_command, ca_cert, output, redact or accept_commands)`}},
		"URL as a key":        {"database: {postgres://ann:secret@h/db}\n", []string{`FILE:1:12: unknown key in database (the keys are url, password_command, ca_cert, output, redact or accept_commands)`}},
		"URL for the mapping": {"database: postgres://ann:secret@h/db\n", []string{`FILE:1:11: database is a text, want a mapping (write  database: {url: "postgres://…"})`}},
		"URL for the file":    {"postgres://ann:secret@h/db\n", []string{"FILE:1:1: the file is a text, want keys and values"}},
		"nothing below it":    {"database:\n", []string{`FILE:1:10: database is nothing, want a mapping (write  database: {url: "postgres://…"})`}},
		"key twice":           {"database:\n  url: secret\n  output: all\n  url: secret\n", []string{"FILE:4:3: database.url is there twice, first on line 2"}},
		"mapping twice":       {"database: {output: all}\napply: auto\ndatabase: {url: secret}\n", []string{"FILE:3:1: database is there twice, first on line 1"}},
		"key outside":         {"database.url: secret\nca_cert: /c\n", []string{"FILE:1:1: unknown key \"database.url\" (it belongs into a mapping:  database: {url: …})", "FILE:2:1: unknown key \"ca_cert\" (it belongs into a mapping:  database: {ca_cert: …})"}},
		"number for the URL":  {"database: {url: 53}\n", []string{"FILE:1:17: database.url is a number, want text (put it in quotes)"}},
		"list for the URL":    {"database:\n  url: [secret]\n", []string{"FILE:2:8: database.url is a list, want text"}},
		"empty URL":           {"database: {url: ' '}\n", []string{"FILE:1:17: database.url: it is empty (leave it out)"}},
		"NUL in the URL":      {`database: {url: "secret\0"}` + "\n", []string{"FILE:1:17: database.url: it has a NUL in it"}},
		"mapping for command": {"database:\n  password_command: {echo: secret}\n", []string{"FILE:2:21: database.password_command is a mapping, want text or a list of words"}},
		"word that is a list": {"database:\n  password_command: [echo, [secret]]\n", []string{"FILE:2:28: database.password_command: a word is a list, want text (write a text)"}},
		"no program":          {"database:\n  password_command: ['', secret]\n", []string{"FILE:2:21: database.password_command names no program (begin the list with the program)"}},
		"empty command":       {"database:\n  password_command: []\n", []string{"FILE:2:21: database.password_command names no program (begin the list with the program)"}},
		"other's program":     {"database:\n  password_command: [~bob/secret]\n", []string{"FILE:2:21: database.password_command: the program is no usable path (write its absolute path)"}},
		"other word":          {"database: {output: failure}\n", []string{`FILE:1:20: database.output: "failure" is not off, failures or all (did you mean failures?)`}},
		"yes":                 {"database: {accept_commands: yes}\n", []string{`FILE:1:29: database.accept_commands is the text "yes", want true or false`}},
		"pattern alone":       {"database: {redact: secret}\n", []string{"FILE:1:20: database.redact is a text, want a list of patterns (write  redact: ['…'])"}},
		"wrong patterns": {"database:\n  redact:\n    - fine\n    - secret(\n    - ''\n    - 5\n    - (?=secret)\n    - (secret)*\n    - secret|^\n    - '\\b'\n    - '\\bsecret\\b'\n", []string{
			"FILE:4:7: database.redact: no regular expression: missing closing ) (the syntax is that of RE2: https://github.com/google/re2/wiki/Syntax)",
			"FILE:5:7: database.redact: a pattern is empty, and would match everywhere (remove it)",
			"FILE:6:7: database.redact: a pattern is a number, want text (put it in quotes)",
			"FILE:7:7: database.redact: no regular expression: invalid or unsupported Perl syntax (the syntax is that of RE2: https://github.com/google/re2/wiki/Syntax)",
			"FILE:8:7: database.redact: a pattern matches the empty text: every place of a text (write  x+  where it has  x*)",
			"FILE:9:7: database.redact: a pattern matches the empty text: every place of a text (write  x+  where it has  x*)",
			"FILE:10:7: database.redact: a pattern matches the empty text: every place of a text (write  x+  where it has  x*)",
		}},
		"no YAML":    {"database:\n  url: @secret\n", []string{"FILE:2:8: an unquoted value cannot begin with this character (put it in quotes)"}},
		"no anchor":  {"database:\n  url: *secret\n", []string{"FILE:2:8: an alias names nothing (put a text that begins with * in quotes, or define the alias above, with &)"}},
		"open quote": {"database:\n  url: \"secret\n", []string{"FILE:2:8: a quote is opened and never closed (close it with the same character)"}},
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
			if strings.Contains(err.Error(), "secret") {
				t.Errorf("it says the secret: %v", err)
			}
		})
	}
}

func TestWrongDatabaseVariables(t *testing.T) {
	w := newWorld(t)
	w.vars["LSH_DATABASE_URL"] = " "
	w.vars["LSH_DATABASE_OUTPUT"] = "none"
	w.vars["LSH_DATABASE_ACCEPT_COMMANDS"] = "1"
	_, err := w.load(t)
	want := []string{
		"LSH_DATABASE_URL: it is empty (leave it out)",
		`LSH_DATABASE_OUTPUT: "none" is not off, failures or all`,
		`LSH_DATABASE_ACCEPT_COMMANDS: "1" is not true or false`,
	}
	problemsOf(t, err)
	if got := err.Error(); got != strings.Join(want, "\n") {
		t.Errorf("problems are\n%s\nwant\n%s", got, strings.Join(want, "\n"))
	}
}

// A password in a file that others can read is warned of, also when a variable
// hides it.
func TestAPasswordThatOthersCanRead(t *testing.T) {
	tests := []struct {
		url  string
		mode os.FileMode
		warn bool
	}{
		{"postgres://ann:secret@h:5432/db", 0o600, false},
		{"postgres://ann:secret@h:5432/db", 0o640, true},
		{"postgres://ann:secret@h:5432/db", 0o604, true},
		{"postgres://ann:p@secret@h/db", 0o644, true},
		{"postgres://ann@h/db?sslmode=verify-full&password=secret", 0o644, true},
		{"host=h user=ann password = secret", 0o644, true},
		{"postgres://ann@h:5432/db?sslmode=verify-full", 0o644, false},
		{"postgres://ann:@h/db", 0o644, false},
		{"host=h user=ann", 0o644, false},
	}
	for _, test := range tests {
		w := newWorld(t)
		w.write(t, w.configFile(), "database: {url: '"+test.url+"'}\n")
		if err := os.Chmod(w.configFile(), test.mode); err != nil {
			t.Fatal(err)
		}
		w.vars["LSH_DATABASE_URL"] = "postgres://elsewhere/db"
		var want []string
		if test.warn {
			want = []string{w.configFile() + " can be read by others and has a password in it: chmod 600 " + w.configFile()}
		}
		if got := w.mustLoad(t).Warnings; !slices.Equal(got, want) {
			t.Errorf("%s with mode %o: warnings are %q, want %q", test.url, test.mode, got, want)
		}
	}
}
