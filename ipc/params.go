package ipc

import (
	"bytes"
	"encoding/json"
	"maps"
	"reflect"
	"slices"
	"strings"
	"time"
)

// param is one parameter of a method: one field of its P.
type param struct {
	name     string
	index    int
	required bool // absent and null are refused
	typ      reflect.Type
}

// paramsOf are the parameters of P in the order of its fields, which is their
// order when they are given by position.
func paramsOf(p reflect.Type) []param {
	var list []param
	for i := range p.NumField() {
		f := p.Field(i)
		name, options, _ := strings.Cut(f.Tag.Get("json"), ",")
		optional := strings.Contains(options, "omitempty") || strings.Contains(options, "omitzero")
		list = append(list, param{name: name, index: i, required: !optional, typ: f.Type})
	}
	return list
}

// decodeParams fills the struct p from an object or from an array by
// position. It is strict where encoding/json is not: names match exactly, and
// one that is unknown is refused with the nearest that is known, for a
// misspelt limit that is silently dropped is worse than an error.
func decodeParams(method string, raw json.RawMessage, p any) *Error {
	into := reflect.ValueOf(p).Elem()
	known := paramsOf(into.Type())
	given, bad := splitParams(method, raw, known)
	if bad != nil {
		return bad
	}
	for _, k := range known {
		value, ok := given[k.name]
		if !ok || string(value) == "null" {
			if k.required {
				return invalidParams("%s needs the parameter %q", method, k.name)
			}
			continue
		}
		if err := json.Unmarshal(value, into.Field(k.index).Addr().Interface()); err != nil {
			return invalidParams("parameter %q of %s wants %s", k.name, method, typeWords(k.typ))
		}
	}
	return nil
}

// splitParams is each parameter's own JSON by name.
func splitParams(method string, raw json.RawMessage, known []param) (map[string]json.RawMessage, *Error) {
	raw = bytes.TrimSpace(raw)
	if len(raw) == 0 || string(raw) == "null" {
		return nil, nil
	}
	given := map[string]json.RawMessage{}
	if raw[0] == '[' {
		var list []json.RawMessage
		if err := json.Unmarshal(raw, &list); err != nil {
			return nil, invalidParams("parameters of %s: %v", method, err)
		}
		if len(list) > len(known) {
			return nil, invalidParams("%s takes at most %d parameters, not %d", method, len(known), len(list))
		}
		for i, value := range list {
			given[known[i].name] = value
		}
		return given, nil
	}
	if err := json.Unmarshal(raw, &given); err != nil {
		return nil, invalidParams("parameters of %s: %v", method, err)
	}
	names := make([]string, len(known))
	for i, k := range known {
		names[i] = k.name
	}
	for _, name := range slices.Sorted(maps.Keys(given)) {
		if slices.Contains(names, name) {
			continue
		}
		unknown := invalidParams("%s has no parameter %q", method, name)
		if near := nearest(name, names); near != "" {
			return nil, unknown.WithHint("did you mean %q?", near)
		}
		if len(names) == 0 {
			return nil, unknown.WithHint("it takes none")
		}
		return nil, unknown.WithHint("it takes: %s", strings.Join(names, ", "))
	}
	return given, nil
}

func invalidParams(format string, args ...any) *Error {
	return Errorf(CodeInvalidParams, "Invalid params: "+format, args...)
}

// typeWords is a wire type in words.
func typeWords(t reflect.Type) string {
	if t == reflect.TypeFor[time.Time]() {
		return "a time like 2026-01-31T09:00:00+01:00"
	}
	switch t.Kind() {
	case reflect.Pointer:
		return typeWords(t.Elem())
	case reflect.String:
		return "a string"
	case reflect.Bool:
		return "true or false"
	case reflect.Float64:
		return "a number"
	case reflect.Int, reflect.Int64:
		return "a whole number"
	case reflect.Slice:
		return "a list, each " + typeWords(t.Elem())
	default:
		return "another type"
	}
}
