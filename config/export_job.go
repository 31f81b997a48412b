package config

import (
	"slices"
	"strconv"
	"strings"
	"unicode"

	"go.yaml.in/yaml/v3"
)

// job writes the keys of a job in which it differs from the base. Variables are
// named as they are in written, which says the same as real does here.
func (x *exporter) job(written, real *Job) *yaml.Node {
	var m exportMap
	base := &x.base
	if real.Description != "" {
		m.add("description", textNode(real.Description))
	}
	if len(real.Tags) > 0 {
		m.add("tags", listNode(real.Tags))
	}
	if !real.Enabled {
		m.add("enabled", plainNode("false"))
	}
	x.only(&m, real.Only)
	x.process(&m, written, real)
	if len(real.Schedule) > 0 {
		m.add("schedule", inQuotes(oneOrList(real.Schedule)))
	}
	if real.Timezone != "" {
		m.add("timezone", textNode(real.Timezone))
	}
	x.when(&m, real, base)
	x.missed(&m, real, base)
	if real.Overlap != base.Overlap {
		m.add("overlap", textNode(real.Overlap.String()))
	}
	if real.Group != "" {
		m.add("group", textNode(real.Group))
	}
	if real.Timeout != base.Timeout {
		m.add("timeout", textNode(FormatDuration(real.Timeout)))
	}
	x.ends(&m, real, base)
	if real.MovedFrom != "" {
		m.add("moved_from", textNode(real.MovedFrom))
	}
	if real.OnChange != base.OnChange {
		m.add("on_change", textNode(real.OnChange.String()))
	}
	return m.mapping()
}

func (x *exporter) only(m *exportMap, o Only) {
	var only exportMap
	if len(o.Hosts) > 0 {
		only.add("hosts", listNode(o.Hosts))
	}
	if len(o.OS) > 0 {
		only.add("os", listNode(o.OS))
	}
	m.addFlow("only", only)
}

// process writes what shapes the process.
func (x *exporter) process(m *exportMap, written, real *Job) {
	if real.Argv != nil {
		m.add("command", listNode(real.Argv))
	} else {
		m.add("command", textNode(real.Command))
		if !slices.Equal(real.Shell, x.base.Shell) {
			m.add("shell", listNode(real.Shell))
		}
	}
	if real.Stdin != "" {
		m.add("stdin", textNode(real.Stdin))
	}
	if real.Dir != x.home {
		m.add("dir", textNode(x.path(written.Dir)))
	}
	if len(written.Env) > 0 {
		var env exportMap
		for _, v := range written.Env {
			env.add(v.Name, textNode(escaped(v.Value)))
		}
		m.add("env", env.mapping())
	}
	if len(written.EnvFile) > 0 {
		var files []string
		for _, f := range written.EnvFile {
			path := x.path(f.Path)
			if f.Optional {
				path = "-" + path
			}
			files = append(files, path)
		}
		m.add("env_file", oneOrList(files))
	}
	if len(real.InheritEnv) > 0 {
		m.add("inherit_env", listNode(real.InheritEnv))
	}
	if real.Umask != nil {
		m.add("umask", quotedNode(showUmask(real)))
	}
	if real.Nice != nil {
		m.add("nice", plainNode(strconv.Itoa(*real.Nice)))
	}
}

// when writes what may also stand in the defaults, because a job of another kind
// may not write it.
func (x *exporter) when(m *exportMap, j, base *Job) {
	var dst exportMap
	if j.DST.Gap != base.DST.Gap {
		dst.add("gap", textNode(gaps[j.DST.Gap]))
	}
	if j.DST.Overlap != base.DST.Overlap {
		dst.add("overlap", textNode(passes[j.DST.Overlap]))
	}
	m.addFlow("dst", dst)
	if j.Jitter != base.Jitter {
		m.add("jitter", textNode(FormatDuration(j.Jitter)))
	}
}

func (x *exporter) missed(m *exportMap, j, base *Job) {
	if j.CatchUp != base.CatchUp {
		m.add("catch_up", textNode(j.CatchUp.String()))
	}
	if j.CatchUpWithin != base.CatchUpWithin {
		m.add("catch_up_within", textNode(FormatDuration(j.CatchUpWithin)))
	}
}

// ends writes how a run ends and what is kept of it.
func (x *exporter) ends(m *exportMap, j, base *Job) {
	var stop, retry, output exportMap
	if j.Stop.Signal != base.Stop.Signal {
		stop.add("signal", textNode(j.Stop.Signal))
	}
	if j.Stop.Grace != base.Stop.Grace {
		stop.add("grace", textNode(FormatDuration(j.Stop.Grace)))
	}
	m.addFlow("stop", stop)
	if j.Retry.Max != base.Retry.Max {
		retry.add("max", plainNode(strconv.Itoa(j.Retry.Max)))
	}
	if j.Retry.Delay != base.Retry.Delay {
		retry.add("delay", textNode(FormatDuration(j.Retry.Delay)))
	}
	if j.Retry.MaxDelay != base.Retry.MaxDelay {
		retry.add("max_delay", textNode(FormatDuration(j.Retry.MaxDelay)))
	}
	if len(j.Retry.On) > 0 {
		retry.add("on", codesNode(j.Retry.On))
	}
	m.addFlow("retry", retry)
	if !slices.Equal(j.Success, base.Success) {
		m.add("success", codesNode(j.Success))
	}
	if j.Output.MaxSize != base.Output.MaxSize {
		output.add("max_size", textNode(FormatSize(j.Output.MaxSize)))
	}
	if j.Output.KeepRuns != base.Output.KeepRuns {
		output.add("keep_runs", plainNode(strconv.Itoa(j.Output.KeepRuns)))
	}
	if j.Output.KeepFor != base.Output.KeepFor {
		output.add("keep_for", textNode(FormatDuration(j.Output.KeepFor)))
	}
	m.addFlow("output", output)
}

// path is a path as it is written: with ~ for the home directory.
func (x *exporter) path(path string) string {
	for _, home := range []string{symbolicHome, x.home} {
		if rest, ok := strings.CutPrefix(path, home); ok && home != "/" && (rest == "" || rest[0] == '/') {
			return "~" + escaped(rest)
		}
	}
	return escaped(path)
}

// exportMap is a mapping that is being made.
type exportMap struct{ node yaml.Node }

func (m *exportMap) add(key string, value *yaml.Node) {
	m.node.Content = append(m.node.Content, textNode(key), value)
}

// addFlow adds a mapping on one line, unless it is empty.
func (m *exportMap) addFlow(key string, value exportMap) {
	if len(value.node.Content) > 0 {
		m.add(key, value.flow())
	}
}

func (m *exportMap) mapping() *yaml.Node {
	m.node.Kind, m.node.Tag = yaml.MappingNode, "!!map"
	return &m.node
}

func (m *exportMap) flow() *yaml.Node {
	m.node.Style = yaml.FlowStyle
	return m.mapping()
}

// plainNode is a number or a boolean.
func plainNode(text string) *yaml.Node { return &yaml.Node{Kind: yaml.ScalarNode, Value: text} }

func quotedNode(text string) *yaml.Node {
	return &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!str", Value: text, Style: yaml.DoubleQuotedStyle}
}

// textNode is a text: plain where YAML takes it for one, lines as lines where that
// loses nothing, else quoted.
func textNode(text string) *yaml.Node {
	n := quotedNode(text)
	switch {
	case strings.ContainsFunc(text, func(r rune) bool { return r != '\n' && !unicode.IsPrint(r) }):
	case !strings.Contains(text, "\n"):
		if back, ok := readBack(text); ok && back == text {
			n.Style = 0
		}
	case text[0] != '\n' && text[0] != ' ' && !strings.Contains(text, " \n") && !strings.HasSuffix(text, "\n\n"):
		n.Style = yaml.LiteralStyle
	}
	return n
}

// readBack reads a plain text as YAML 1.1 would, which more programs know: "no" is
// none to some.
func readBack(text string) (string, bool) {
	var n yaml.Node
	if err := yaml.Unmarshal([]byte("[{k: "+text+"}]"), &n); err != nil {
		return "", false
	}
	value := n.Content[0].Content[0]
	if value.Kind != yaml.MappingNode || len(value.Content) != 2 || value.Content[1].Kind != yaml.ScalarNode || value.Content[1].LineComment != "" {
		return "", false
	}
	switch strings.ToLower(text) {
	case "y", "n", "yes", "no", "on", "off":
		return "", false
	}
	return value.Content[1].Value, value.Content[1].ShortTag() == "!!str"
}

// listNode is a list of texts on one line.
func listNode(items []string) *yaml.Node {
	n := &yaml.Node{Kind: yaml.SequenceNode, Tag: "!!seq", Style: yaml.FlowStyle}
	for _, item := range items {
		text := textNode(item)
		if text.Style == yaml.LiteralStyle {
			text.Style = yaml.DoubleQuotedStyle
		}
		n.Content = append(n.Content, text)
	}
	return n
}

func oneOrList(items []string) *yaml.Node {
	if len(items) == 1 {
		return textNode(items[0])
	}
	return listNode(items)
}

// inQuotes has texts in quotes also where they need none, as people write them.
func inQuotes(n *yaml.Node) *yaml.Node {
	if n.Kind == yaml.ScalarNode {
		n.Style = yaml.DoubleQuotedStyle
	}
	for _, item := range n.Content {
		item.Style = yaml.DoubleQuotedStyle
	}
	return n
}

func codesNode(codes []int) *yaml.Node {
	n := &yaml.Node{Kind: yaml.SequenceNode, Tag: "!!seq", Style: yaml.FlowStyle}
	for _, code := range codes {
		n.Content = append(n.Content, plainNode(strconv.Itoa(code)))
	}
	return n
}
