package config

import (
	"slices"
	"strings"
)

// Patterns of names, as regular expressions that Go and JSON Schema read alike.
const (
	namePattern     = `^[a-z0-9][a-z0-9._-]{0,62}$`
	variablePattern = `^[A-Za-z_][A-Za-z0-9_]*$`
	sizePattern     = `^[1-9][0-9]{0,14}[KMG]?$`
	durationPattern = `^(0|([0-9]+(\.[0-9]*)?|\.[0-9]+)(w|d|h|m|s|ms|us|µs|μs|ns)(([0-9]+(\.[0-9]*)?|\.[0-9]+)(w|d|h|m|s|ms|us|µs|μs|ns))*)$`
)

// maxParallel bounds a group's limit: more is a slip.
const maxParallel = 100000

// maxRetries and maxRuns bound attempts and kept runs in the same way.
const (
	maxRetries = 1000
	maxRuns    = 10_000_000
)

// The values of keys with a fixed choice, in the order of their constants.
var (
	gaps     = []string{"run", "skip"}
	passes   = []string{"first", "both"}
	overlaps = []string{"skip", "queue", "replace", "allow"}
	catchUps = []string{"none", "one", "all"}
	systems  = []string{"linux", "darwin", "freebsd", "netbsd", "openbsd"}
)

// schemaOf makes a schema of pairs of keyword and value.
func schemaOf(pairs ...any) map[string]any {
	schema := make(map[string]any, len(pairs)/2)
	for pair := range slices.Chunk(pairs, 2) {
		schema[pair[0].(string)] = pair[1]
	}
	return schema
}

func listOf(item map[string]any, least int) map[string]any {
	schema := schemaOf("type", "array", "items", item)
	if least > 0 {
		schema["minItems"] = least
	}
	return schema
}

func nonEmptyText() map[string]any { return schemaOf("type", "string", "minLength", 1) }

// plainScalar is a value whose text is taken as it is written.
func plainScalar() map[string]any {
	return schemaOf("type", []string{"string", "number", "boolean"})
}

func enum(values []string) map[string]any { return schemaOf("type", "string", "enum", values) }

func text(want, hint string) shape {
	return shape{want: want, hint: hint, free: true, schema: schemaOf("type", "string")}
}

func texts(want, hint string) shape {
	return shape{want: want, hint: hint, schema: map[string]any{
		"anyOf": []any{nonEmptyText(), listOf(nonEmptyText(), 0)},
	}}
}

func schedules() shape {
	return shape{
		want: "a schedule or a list of schedules", hint: `write  schedule: "30 2 * * *"  or  schedule: "@daily"`,
		schema: map[string]any{"anyOf": []any{
			nonEmptyText(),
			schemaOf("type", "array", "items", nonEmptyText(), "minItems", 1, "uniqueItems", true),
		}},
	}
}

func choice(values []string) shape {
	last := len(values) - 1
	return shape{want: strings.Join(values[:last], ", ") + " or " + values[last], hint: "write one of " + list(values), schema: enum(values)}
}

func duration() shape {
	return shape{
		want: "a duration such as 30s, 10m, 1d", hint: "write a number and a unit: 30s, 10m, 1h30m, 1d, 2w",
		schema: map[string]any{"anyOf": []any{
			schemaOf("type", "string", "pattern", durationPattern),
			schemaOf("type", "integer", "const", 0),
		}},
	}
}

func exitCodes(hint string) shape {
	return shape{want: "a list of exit codes", hint: hint, schema: listOf(map[string]any{"type": "integer", "minimum": 0, "maximum": 255}, 1)}
}

func size() shape {
	return shape{
		want: "a size such as 500K, 10M, 1G", hint: "write a whole number and K, M or G",
		schema: map[string]any{"anyOf": []any{
			schemaOf("type", "string", "pattern", sizePattern),
			map[string]any{"type": "integer", "minimum": 1},
		}},
	}
}

func signalShape() shape {
	return shape{
		want: "the name of a signal", hint: "write one of HUP, INT, QUIT, TERM, KILL, USR1, USR2",
		schema: schemaOf("type", "string", "pattern", "^"+signalPattern+"$"),
	}
}
