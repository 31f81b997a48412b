package config_test

import (
	"bytes"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"go.yaml.in/yaml/v3"

	"github.com/lsh-project/lsh/config"
)

const shippedSchema = "../examples/jobs.schema.json"

func TestShippedSchemaIsFresh(t *testing.T) {
	if *update {
		if err := os.WriteFile(shippedSchema, config.Schema(), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	shipped, err := os.ReadFile(shippedSchema)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(shipped, config.Schema()) {
		t.Errorf("%s is stale: write it anew with go test ./config -run Schema -update", shippedSchema)
	}
}

func schema(t *testing.T) *jsonschema.Schema {
	t.Helper()
	document, err := jsonschema.UnmarshalJSON(bytes.NewReader(config.Schema()))
	if err != nil {
		t.Fatal(err)
	}
	compiler := jsonschema.NewCompiler()
	if err := compiler.AddResource("jobs.schema.json", document); err != nil {
		t.Fatal(err)
	}
	compiled, err := compiler.Compile("jobs.schema.json")
	if err != nil {
		t.Fatal(err)
	}
	return compiled
}

func validate(t *testing.T, compiled *jsonschema.Schema, path string) error {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var document any
	if err := yaml.Unmarshal(text, &document); err != nil {
		return err // an editor shows the parser's error
	}
	return compiled.Validate(document)
}

func TestSchemaAcceptsGoodFiles(t *testing.T) {
	compiled := schema(t)
	var paths []string
	for _, pattern := range []string{"testdata/good/*.yaml", "../examples/*.yaml", "../examples/*/jobs.yaml"} {
		more, err := filepath.Glob(pattern)
		if err != nil {
			t.Fatal(err)
		}
		paths = append(paths, more...)
	}
	if len(paths) < 3 {
		t.Fatalf("only %d files to check", len(paths))
	}
	for _, path := range paths {
		if err := validate(t, compiled, path); err != nil {
			t.Errorf("%s: %v", path, err)
		}
	}
}

// beyondSchema are the mistakes that only Load can see: they depend on other keys
// and files, on the host, or on what a value means.
var beyondSchema = []string{
	"moved-from-twice", "moved-from-still-there", "moved-from-itself", "output-keep-no-time",
	"command-first-item-empty", "command-with-nul", "dir-of-another-user",
	"dir-variable-not-closed", "dir-variable-unknown", "dst-of-elapsed-time", "env-file-empty",
	"env-name-reserved", "env-variable-unknown", "group-unknown", "include-bad-pattern", "include-cycle",
	"include-empty", "include-group-twice", "include-job-twice", "include-missing",
	"inherit-env-of-the-daemon", "on-change-signal-unknown", "only-hosts-bad-pattern",
	"schedule-hour-out-of-range", "schedule-in-a-list", "schedule-name-unknown", "schedule-never",
	"shell-for-a-list", "stop-signal-of-linux-only", "stop-signal-unknown", "tag-of-yaml",
	"jitter-longer-than-schedule", "stop-signal-unlike-any", "timeout-enormous", "timeout-tiny", "timezone-is-a-city",
	"timeout-too-long", "timezone-in-defaults-unknown", "timezone-unknown", "two-documents", "umask-not-octal",
}

func TestSchemaRefusesBadFiles(t *testing.T) {
	compiled := schema(t)
	for name, path := range badFiles(t) {
		err := validate(t, compiled, path)
		if beyond := slices.Contains(beyondSchema, name); beyond != (err == nil) {
			t.Errorf("%s: the schema says %v; listed as beyond it: %v", name, err, beyond)
		}
	}
}
