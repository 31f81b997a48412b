//go:build supabase

package mirror

import (
	"encoding/json"
	"flag"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/lsh-project/lsh/daemon/pgtest"
)

var (
	supabaseCLI = flag.String("supabase", "", "the Supabase CLI")
	lshProgram  = flag.String("lsh", "", "lsh, with lshd beside it")
)

// project is a directory as the Supabase CLI has it, with the files of the schema in it.
func project(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	out, err := exec.Command(*lshProgram, "sync", "init", "--write", filepath.Join(dir, "supabase", "migrations")).CombinedOutput()
	if err != nil {
		t.Fatalf("lsh sync init --write: %v\n%s", err, out)
	}
	return dir
}

// pushes has the Supabase CLI push a project, and says what it said.
func pushes(t *testing.T, dir string, db *pgtest.Database) string {
	t.Helper()
	cmd := exec.Command(*supabaseCLI, "db", "push", "--yes", "--workdir", dir, "--remote="+db.AdminURL(pgtest.Direct))
	cmd.Env = append(os.Environ(), "SUPABASE_TELEMETRY_DISABLED=1", "HOME="+t.TempDir())
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("supabase db push: %v\n%s", err, out)
	}
	return string(out)
}

// sets has lsh set up the database, and gives what it answers.
func sets(t *testing.T, db *pgtest.Database) (made struct {
	URL     string   `json:"url"`
	Applied []string `json:"applied"`
},
) {
	t.Helper()
	cmd := exec.Command(*lshProgram, "sync", "init", "--admin-url", "-", "--user", db.Name, "-o", "json")
	cmd.Stdin = strings.NewReader(db.AdminURL(pgtest.Transaction))
	out, err := cmd.Output()
	if err != nil {
		if failed, is := err.(*exec.ExitError); is {
			t.Fatalf("lsh sync init: %v\n%s", err, failed.Stderr)
		}
		t.Fatal(err)
	}
	if err := json.Unmarshal(out, &made); err != nil {
		t.Fatal(err)
	}
	return made
}

func TestSupabaseCLIPushesTheSchema(t *testing.T) {
	db, dir := pgtest.Start(t), project(t)
	pushes(t, dir, db)
	rows, _ := steps(t)
	wantRows(t, db, historyOfOurs, rows...)
	wantRows(t, db, historyOfCLI, rows...)

	made := sets(t, db)
	if len(made.Applied) > 0 {
		t.Errorf("after the push, lsh sync init has made %q", made.Applied)
	}
	const host = "11111111-1111-4111-8111-111111111111"
	fill(t, mustLogIn(t, made.URL), host, "01980000-0000-7000-8000-000000000001")
	if said := pushes(t, dir, db); !strings.Contains(said, "up to date") {
		t.Errorf("pushed again, it says\n%s", said)
	}
}

func TestSupabaseCLIKnowsWhatLshHasMade(t *testing.T) {
	db, dir := pgtest.Start(t), project(t)
	if made := sets(t, db); len(made.Applied) == 0 {
		t.Error("lsh sync init has made nothing")
	}
	if said := pushes(t, dir, db); !strings.Contains(said, "up to date") {
		t.Errorf("after lsh sync init, the push says\n%s", said)
	}
	rows, _ := steps(t)
	wantRows(t, db, historyOfOurs, rows...)
	wantRows(t, db, historyOfCLI, rows...)
}
