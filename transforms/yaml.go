package transforms

import (
	"fmt"
	"reflect"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"framewise/transforms/spelling"
)

// UnmarshalYAML reads a mapping of the configuration's keys. The `preset` key
// comes first, wherever it stands, and the other keys override it. Without one
// the keys override what c holds already, or psf-logfbank if c is the zero
// value. A key that does not exist is an error that spelling.Hint ends. Values
// are checked by Validate, not here.
func (c *FeatureConfig) UnmarshalYAML(n *yaml.Node) error {
	if n.Kind != yaml.MappingNode {
		return fmt.Errorf("features: line %d: want a mapping such as {preset: psf-logfbank, num_filters: 40}", n.Line)
	}
	known := featureKeys()
	base := *c
	preset := ""
	if base == (FeatureConfig{}) {
		preset = Presets()[0]
	}
	for i := 0; i+1 < len(n.Content); i += 2 {
		key, value := n.Content[i], n.Content[i+1]
		if key.Value == "preset" {
			preset = value.Value
		}
		if !slices.Contains(known, key.Value) {
			return fmt.Errorf("features: line %d: unknown key %q%s", key.Line, key.Value, spelling.Hint(key.Value, known))
		}
	}
	if preset != "" {
		var err error
		if base, err = Preset(preset); err != nil {
			return err
		}
	}
	type plain FeatureConfig // without this method
	if err := n.Decode((*plain)(&base)); err != nil {
		return fmt.Errorf("features: %w", err)
	}
	*c = base
	return nil
}

// featureKeys lists the YAML keys of FeatureConfig in the order of its fields.
func featureKeys() []string {
	t := reflect.TypeFor[FeatureConfig]()
	keys := make([]string, t.NumField())
	for i := range keys {
		keys[i], _, _ = strings.Cut(t.Field(i).Tag.Get("yaml"), ",")
	}
	return keys
}
