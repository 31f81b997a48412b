package settings

import (
	"errors"
	"regexp"
	"regexp/syntax"
	"strings"

	"go.yaml.in/yaml/v3"
)

// database reads the mapping of that name.
func (w *walk) database(node *yaml.Node) {
	node = target(node)
	if node.Kind != yaml.MappingNode {
		w.wrong(node, `write  database: {url: "postgres://…"}`, "%s is %s, want a mapping", database, bareKindOf(node))
		return
	}
	for i := 0; i+1 < len(node.Content); i += 2 {
		name := node.Content[i]
		k, known := databaseKeyNamed(name.Value)
		if !known || name.Kind != yaml.ScalarNode {
			hint := meant(name.Value, databaseNames())
			if hint == "" {
				hint = "the keys are " + orList(databaseNames())
			}
			w.wrong(name, hint, "unknown key%s in %s", quoted(name), database)
			continue
		}
		w.keyed(k, name, node.Content[i+1])
	}
}

// argv reads a command that is a list of words.
func (w *walk) argv(k key, node *yaml.Node) {
	argv := make([]string, 0, len(node.Content))
	for _, item := range node.Content {
		item = target(item)
		switch {
		case !plain(item):
			w.wrong(item, "write a text", "%s: a word is %s, want text", k.name, bareKindOf(item))
			return
		case strings.ContainsRune(item.Value, 0):
			w.wrong(item, "", "%s: a word has a NUL in it", k.name)
			return
		}
		argv = append(argv, item.Value)
	}
	if len(argv) == 0 || strings.TrimSpace(argv[0]) == "" {
		w.wrong(node, "begin the list with the program", "%s names no program", k.name)
		return
	}
	if strings.Contains(argv[0], "/") {
		// As any path in the file; a daemon in the background has no directory that could be meant.
		program, _, err := w.path(argv[0])
		if err != nil {
			w.wrong(node, "write its absolute path", "%s: the program is no usable path", k.name)
			return
		}
		argv[0] = program
	}
	w.values[k.name] = argv
}

// plain tells a scalar whose text is unmistakable.
func plain(node *yaml.Node) bool {
	switch node.Tag {
	case "!!str", "!!int", "!!float", "!!bool":
		return node.Kind == yaml.ScalarNode
	}
	return false
}

// patterns reads a list of regular expressions.
func (w *walk) patterns(k key, node *yaml.Node) {
	if node.Kind != yaml.SequenceNode {
		w.wrong(node, "write  redact: ['…']", "%s is %s, want a list of patterns", k.name, bareKindOf(node))
		return
	}
	all := make([]*regexp.Regexp, 0, len(node.Content))
	for _, item := range node.Content {
		item = target(item)
		switch {
		case item.Kind != yaml.ScalarNode || item.Tag != "!!str":
			w.wrong(item, "put it in quotes", "%s: a pattern is %s, want text", k.name, bareKindOf(item))
			continue
		case item.Value == "":
			w.wrong(item, "remove it", "%s: a pattern is empty, and would match everywhere", k.name)
			continue
		}
		pattern, err := regexp.Compile(item.Value)
		if err != nil {
			w.wrong(item, "the syntax is that of RE2: https://github.com/google/re2/wiki/Syntax", "%s: no regular expression: %s", k.name, cause(err))
			continue
		}
		if everywhere(pattern) {
			w.wrong(item, "write  x+  where it has  x*", "%s: a pattern matches the empty text: every place of a text", k.name)
			continue
		}
		all = append(all, pattern)
	}
	w.values[k.name] = all
}

// everywhere tells whether a pattern matches where there is nothing to hide: between
// any two letters, or at the edge of a word.
func everywhere(pattern *regexp.Regexp) bool {
	at := pattern.FindStringIndex("a")
	return pattern.MatchString("") || at != nil && at[0] == at[1]
}

// cause is what is wrong with a regular expression, without a part of it: it may
// spell out what it is to hide.
func cause(err error) string {
	if wrong, ok := errors.AsType[*syntax.Error](err); ok {
		return wrong.Code.String()
	}
	return "it cannot be compiled"
}
