package ipc

import (
	"reflect"
	"strings"
	"time"
)

// OpenRPC is the table in the form of https://spec.open-rpc.org, version 1.3.
type OpenRPC struct {
	OpenRPC    string            `json:"openrpc"`
	Info       OpenRPCInfo       `json:"info"`
	Methods    []OpenRPCMethod   `json:"methods"`
	Components OpenRPCComponents `json:"components"`
}

// OpenRPCInfo names the interface; its version grows when a name goes.
type OpenRPCInfo struct {
	Title   string `json:"title"`
	Version string `json:"version"`
}

// OpenRPCMethod is one method.
type OpenRPCMethod struct {
	Name           string         `json:"name"`
	Summary        string         `json:"summary"`
	ParamStructure string         `json:"paramStructure"`
	Params         []OpenRPCValue `json:"params"`
	Result         OpenRPCValue   `json:"result"`
}

// OpenRPCValue is a parameter or a result.
type OpenRPCValue struct {
	Name     string `json:"name"`
	Required bool   `json:"required,omitempty"`
	Schema   Schema `json:"schema"`
}

// OpenRPCComponents are the types that methods share, and the errors that any
// of them can answer, both by name.
type OpenRPCComponents struct {
	Schemas map[string]Schema       `json:"schemas"`
	Errors  map[string]OpenRPCError `json:"errors"`
}

// OpenRPCError is one error.
type OpenRPCError struct {
	Code    int    `json:"code"`
	Message string `json:"message"`
}

// Schema is the part of JSON Schema that our types need.
type Schema struct {
	Ref             string            `json:"$ref,omitempty"`
	Type            string            `json:"type,omitempty"`
	Format          string            `json:"format,omitempty"`
	ContentEncoding string            `json:"contentEncoding,omitempty"`
	Description     string            `json:"description,omitempty"`
	Properties      map[string]Schema `json:"properties,omitempty"`
	Required        []string          `json:"required,omitempty"`
	Items           *Schema           `json:"items,omitempty"`
	Values          *Schema           `json:"additionalProperties,omitempty"`
}

// openRPC is the document of Methods.
func openRPC() OpenRPC {
	doc := OpenRPC{
		OpenRPC: "1.3.2",
		Info:    OpenRPCInfo{Title: "lsh", Version: "1.0.0"},
		Components: OpenRPCComponents{
			Schemas: map[string]Schema{},
			Errors:  map[string]OpenRPCError{},
		},
	}
	for _, e := range ErrorCodes() {
		doc.Components.Errors[e.Word] = OpenRPCError{e.Code, e.Doc}
	}
	schemas := doc.Components.Schemas
	for _, d := range Methods() {
		m := OpenRPCMethod{Name: d.Name, Summary: d.Doc, ParamStructure: "either", Params: []OpenRPCValue{}}
		for _, p := range paramsOf(d.Params) {
			m.Params = append(m.Params, OpenRPCValue{p.name, p.required, schemaOf(p.typ, schemas)})
		}
		m.Result = OpenRPCValue{Name: d.Result.Name(), Required: true, Schema: schemaOf(d.Result, schemas)}
		doc.Methods = append(doc.Methods, m)
	}
	return doc
}

// schemaOf is the schema of a wire type. Structs go to known by name, once,
// so that types may hold themselves.
func schemaOf(t reflect.Type, known map[string]Schema) Schema {
	switch t {
	case reflect.TypeFor[time.Time]():
		return Schema{Type: "string", Format: "date-time"}
	case reflect.TypeFor[Seconds]():
		return Schema{Type: "number", Description: "seconds"}
	case reflect.TypeFor[[]byte]():
		return Schema{Type: "string", ContentEncoding: "base64"}
	case reflect.TypeFor[OpenRPC]():
		return Schema{Type: "object", Description: "an OpenRPC document"}
	}
	switch t.Kind() {
	case reflect.Pointer:
		return schemaOf(t.Elem(), known)
	case reflect.Struct:
		return structRef(t, known)
	case reflect.Slice:
		items := schemaOf(t.Elem(), known)
		return Schema{Type: "array", Items: &items}
	case reflect.Map:
		values := schemaOf(t.Elem(), known)
		return Schema{Type: "object", Values: &values}
	case reflect.Bool:
		return Schema{Type: "boolean"}
	case reflect.Int, reflect.Int64:
		return Schema{Type: "integer"}
	case reflect.Float64:
		return Schema{Type: "number"}
	default:
		return Schema{Type: "string"}
	}
}

func structRef(t reflect.Type, known map[string]Schema) Schema {
	ref := Schema{Ref: "#/components/schemas/" + t.Name()}
	if _, ok := known[t.Name()]; ok {
		return ref
	}
	known[t.Name()] = Schema{} // taken, before its fields ask for it
	s := Schema{Type: "object", Properties: map[string]Schema{}}
	for _, f := range reflect.VisibleFields(t) {
		if f.Anonymous {
			continue // its fields follow
		}
		name, options, _ := strings.Cut(f.Tag.Get("json"), ",")
		s.Properties[name] = schemaOf(f.Type, known)
		if options == "" {
			s.Required = append(s.Required, name)
		}
	}
	known[t.Name()] = s
	return ref
}
