package mirror

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

func TestMigrationsRecordThemselves(t *testing.T) {
	all, err := Migrations()
	if err != nil || len(all) == 0 {
		t.Fatalf("%d migrations, %v", len(all), err)
	}
	for _, m := range all {
		records := regexp.MustCompile(`insert into lsh\.schema_version \(version, name\) values \((\d+), '(\w+)'\)`).FindStringSubmatch(m.Text)
		if records == nil || m.File != records[1]+"_"+records[2]+".sql" || m.Name != records[2] {
			t.Errorf("%s records %v", m.File, records)
		}
	}
	if !slices.IsSortedFunc(all, func(a, b Migration) int { return int(a.Version - b.Version) }) || Newest() != all[len(all)-1].Version {
		t.Errorf("newest is %d of %v", Newest(), all)
	}
}

func TestWriteMigrations(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "supabase", "migrations")
	all, err := Migrations()
	if err != nil {
		t.Fatal(err)
	}
	written, same, err := WriteMigrations(dir)
	if err != nil || len(written) != len(all) || len(same) != 0 {
		t.Fatalf("written %q, as they were %q, %v", written, same, err)
	}
	other := filepath.Join(dir, "20200101000000_mine.sql")
	if err := os.WriteFile(other, []byte("select 1;\n"), 0o600); err != nil {
		t.Fatal(err)
	}

	// One is missing: it comes again, and the rest is left alone.
	if err := os.Remove(written[1]); err != nil {
		t.Fatal(err)
	}
	again, same, err := WriteMigrations(dir)
	if err != nil || !slices.Equal(again, written[1:2]) || len(same) != len(all)-1 {
		t.Errorf("written %q, as they were %q, %v", again, same, err)
	}

	// One says something else: nothing is written.
	if err := os.Remove(written[0]); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(written[1], []byte("drop schema lsh;\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	_, _, err = WriteMigrations(dir)
	if e, is := err.(*Error); !is || !strings.Contains(e.Message, written[1]) || e.Hint == "" {
		t.Errorf("a file that says something else: %v", err)
	}
	if _, err := os.Stat(written[0]); err == nil {
		t.Error("a file was written all the same")
	}
	for path, want := range map[string]string{written[1]: "drop schema lsh;\n", other: "select 1;\n"} {
		if text, err := os.ReadFile(path); string(text) != want {
			t.Errorf("%s says %q, %v", path, text, err)
		}
	}
}
