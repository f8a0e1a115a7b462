package main

import (
	"bytes"
	"fmt"
	"maps"
	"reflect"
	"strings"

	"github.com/spf13/cobra"
	"go.yaml.in/yaml/v3"

	"framewise/corpus/files"
	"framewise/transforms/spelling"
)

// configFlags are the three flags of every command with a configuration.
type configFlags struct {
	file  string
	sets  []string
	print bool
}

func (c *configFlags) add(cmd *cobra.Command) {
	cmd.Flags().StringVar(&c.file, "config", "", "YAML file of settings; --print-config shows every key")
	cmd.Flags().StringArrayVar(&c.sets, "set", nil, "one setting as key=value, dotted keys reach nested ones; repeatable")
	cmd.Flags().BoolVar(&c.print, "print-config", false, "print the resolved configuration and stop")
}

// override appends key=value for a flag of its own, if the user gave it.
func (c *configFlags) override(cmd *cobra.Command, flag, key string) {
	if f := cmd.Flags().Lookup(flag); f != nil && f.Changed {
		c.sets = append(c.sets, key+"="+f.Value.String())
	}
}

// resolve lays the file and then the settings over the defaults in dsts,
// pointers to structs with yaml tags, each of which takes the keys it has. What
// the user gave is merged first and read once, so that a preset named anywhere
// comes before the keys that change it. Every error is an error of the call.
func (c *configFlags) resolve(dsts ...any) error {
	given, err := c.given(fieldsOf(dsts...))
	if err != nil {
		return err
	}
	return decodeKeys(given, "", dsts...)
}

// given merges the file and the settings into one mapping, whose keys are among
// fields.
func (c *configFlags) given(fields map[string]reflect.Type) (*yaml.Node, error) {
	given := &yaml.Node{Kind: yaml.MappingNode, Tag: "!!map"}
	add := func(source string, over *yaml.Node, err error) error {
		if err == nil {
			err = checkKeys(over, fields, "")
		}
		if err != nil {
			return usagef("%s: %w", source, err)
		}
		merge(given, over)
		return nil
	}
	if c.file != "" {
		text, err := files.ReadInput(c.file)
		if err != nil {
			return nil, usagef("read the configuration: %w", err)
		}
		over, err := parseMapping(text)
		if err := add(c.file, over, err); err != nil {
			return nil, err
		}
	}
	for _, s := range c.sets {
		over, err := settingNode(s)
		if err := add("--set "+s, over, err); err != nil {
			return nil, err
		}
	}
	return given, nil
}

// fieldsOf are the keys of several structs, given by pointers.
func fieldsOf(dsts ...any) map[string]reflect.Type {
	fields := map[string]reflect.Type{}
	for _, dst := range dsts {
		maps.Copy(fields, yamlFields(reflect.TypeOf(dst).Elem()))
	}
	return fields
}

// decodeKeys reads a mapping into several structs, each of which takes the keys
// it has; where says in which block the mapping is.
func decodeKeys(given *yaml.Node, where string, dsts ...any) error {
	for _, dst := range dsts {
		if err := subset(given, yamlFields(reflect.TypeOf(dst).Elem())).Decode(dst); err != nil {
			return usagef("%sconfiguration: %w", where, err)
		}
	}
	return nil
}

// subset is the part of a mapping whose keys are among fields.
func subset(m *yaml.Node, fields map[string]reflect.Type) *yaml.Node {
	out := &yaml.Node{Kind: yaml.MappingNode, Tag: m.Tag}
	for i := 0; i+1 < len(m.Content); i += 2 {
		if _, ok := fields[m.Content[i].Value]; ok {
			out.Content = append(out.Content, m.Content[i:i+2]...)
		}
	}
	return out
}

// parseMapping reads one YAML document whose top is a mapping; an empty
// document is an empty mapping.
func parseMapping(text []byte) (*yaml.Node, error) {
	var doc yaml.Node
	dec := yaml.NewDecoder(bytes.NewReader(text))
	if err := dec.Decode(&doc); err != nil && len(bytes.TrimSpace(text)) > 0 {
		return nil, err
	}
	if len(doc.Content) == 0 {
		return &yaml.Node{Kind: yaml.MappingNode, Tag: "!!map"}, nil
	}
	if doc.Content[0].Kind != yaml.MappingNode {
		return nil, fmt.Errorf("line %d: want `key: value` lines", doc.Content[0].Line)
	}
	return doc.Content[0], nil
}

// settingNode turns a.b.c=value into nested mappings.
func settingNode(s string) (*yaml.Node, error) {
	key, value, ok := strings.Cut(s, "=")
	if !ok || key == "" {
		return nil, fmt.Errorf("want key=value")
	}
	var doc yaml.Node
	if err := yaml.Unmarshal([]byte(value), &doc); err != nil {
		return nil, fmt.Errorf("value is not YAML: %w", err)
	}
	node := &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!null", Value: "null"}
	if len(doc.Content) > 0 {
		node = doc.Content[0]
	}
	names := strings.Split(key, ".")
	for i := len(names) - 1; i >= 0; i-- {
		node = &yaml.Node{Kind: yaml.MappingNode, Tag: "!!map", Content: []*yaml.Node{
			{Kind: yaml.ScalarNode, Tag: "!!str", Value: names[i]}, node}}
	}
	return node, nil
}

// merge lays over on base, mapping by mapping.
func merge(base, over *yaml.Node) {
	for i := 0; i+1 < len(over.Content); i += 2 {
		key, value := over.Content[i], over.Content[i+1]
		old := lookup(base, key.Value)
		switch {
		case old == nil:
			base.Content = append(base.Content, key, value)
		case old.Kind == yaml.MappingNode && value.Kind == yaml.MappingNode:
			merge(old, value)
		default:
			*old = *value
		}
	}
}

func lookup(m *yaml.Node, key string) *yaml.Node {
	for i := 0; i+1 < len(m.Content); i += 2 {
		if m.Content[i].Value == key {
			return m.Content[i+1]
		}
	}
	return nil
}

// checkKeys refuses keys that are not among fields, by the path to them and
// with the nearest key that exists.
func checkKeys(m *yaml.Node, fields map[string]reflect.Type, path string) error {
	if m.Kind != yaml.MappingNode {
		return nil // a wrong type: decoding says so better
	}
	for i := 0; i+1 < len(m.Content); i += 2 {
		key := m.Content[i]
		field, ok := fields[key.Value]
		if !ok {
			at := ""
			if key.Line > 0 {
				at = fmt.Sprintf("line %d: ", key.Line)
			}
			return fmt.Errorf("%sunknown key %q%s", at, path+key.Value, spelling.Hint(key.Value, sortedKeys(fields)))
		}
		if field.Kind() != reflect.Struct {
			continue
		}
		if err := checkKeys(m.Content[i+1], yamlFields(field), path+key.Value+"."); err != nil {
			return err
		}
	}
	return nil
}

// yamlFields maps the keys of a struct to their types, inlined structs too.
func yamlFields(t reflect.Type) map[string]reflect.Type {
	fields := map[string]reflect.Type{}
	for i := range t.NumField() {
		f := t.Field(i)
		name, opts, _ := strings.Cut(f.Tag.Get("yaml"), ",")
		switch {
		case !f.IsExported() || name == "-":
		case strings.Contains(opts, "inline"):
			for k, v := range yamlFields(f.Type) {
				fields[k] = v
			}
		case name == "":
			fields[strings.ToLower(f.Name)] = f.Type
		default:
			fields[name] = f.Type
		}
	}
	return fields
}
