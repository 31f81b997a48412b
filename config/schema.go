package config

import (
	"encoding/json"
	"maps"
)

// Schema returns the JSON Schema (draft 2020-12) of a jobs file, made from the
// table of keys. It accepts what is right within one value; what depends on other
// keys, files or the host is left to [Load]. An included file needs no version, and
// the schema holds for it too once it has one.
func Schema() []byte {
	name := schemaOf("pattern", namePattern)
	job := objectOf(jobKeys(), false)
	job["required"] = []string{"command"}
	group := objectOf(groupKeys(), false)
	group["required"] = []string{"max_parallel"}
	parts := map[string]map[string]any{
		"defaults": schemaOf("$ref", "#/$defs/defaults"),
		"groups":   schemaOf("type", []string{"object", "null"}, "propertyNames", name, "additionalProperties", schemaOf("$ref", "#/$defs/group")),
		"jobs":     schemaOf("type", []string{"object", "null"}, "propertyNames", name, "additionalProperties", schemaOf("$ref", "#/$defs/job")),
	}
	properties := map[string]any{}
	for _, k := range fileKeys() {
		schema := maps.Clone(k.shape.schema)
		if part, ok := parts[k.name]; ok {
			schema = part
		}
		schema["description"] = k.doc
		properties[k.name] = schema
	}
	defaults := objectOf(jobKeys(), true)
	defaults["type"] = []string{"object", "null"}
	schema := map[string]any{
		"$schema": "https://json-schema.org/draft/2020-12/schema",
		"title":   "lsh jobs file",
		"type":    "object", "additionalProperties": false, "required": []string{"version"},
		"properties": properties,
		"$defs":      map[string]any{"job": job, "defaults": defaults, "group": group},
	}
	text, err := json.MarshalIndent(schema, "", "  ")
	if err != nil {
		panic("config: the table of keys holds a schema that is no JSON: " + err.Error())
	}
	return append(text, '\n')
}

// objectOf makes the schema of a mapping with fixed keys.
func objectOf(keys []key, defaultsOnly bool) map[string]any {
	properties := map[string]any{}
	for _, k := range keys {
		if defaultsOnly && k.jobOnly {
			continue
		}
		schema := maps.Clone(k.shape.schema)
		if k.keys != nil {
			schema = objectOf(k.keys, false)
		}
		schema["description"] = k.doc
		properties[k.name] = schema
	}
	return map[string]any{"type": "object", "additionalProperties": false, "properties": properties}
}
