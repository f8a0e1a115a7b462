package transforms

import (
	"fmt"
	"math"
	"os"
	"slices"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"
)

// docs/features.md tells what each preset sets each key to, and is right.
func TestDocumentedPresets(t *testing.T) {
	doc, err := os.ReadFile("../docs/features.md")
	if err != nil {
		t.Fatal(err)
	}
	documented := map[string][]string{} // by key, for each preset
	for line := range strings.Lines(string(doc)) {
		cells := strings.Split(strings.Trim(strings.TrimSpace(line), "|"), "|")
		for i := range cells {
			cells[i] = strings.Trim(strings.TrimSpace(cells[i]), "`")
		}
		switch key, values := cells[0], cells[1:]; len(values) {
		case len(Presets()):
			documented[key] = values
			if key == "key" && !slices.Equal(values, Presets()) {
				t.Errorf("columns %q, want %q", values, Presets())
			}
		case 1: // all presets
			documented[key] = slices.Repeat(values, len(Presets()))
		}
	}
	floors := map[string]float64{"2^-52": 0x1p-52, "2^-23": 0x1p-23}
	for i, name := range Presets() {
		c, err := Preset(name)
		if err != nil {
			t.Fatal(err)
		}
		b, err := yaml.Marshal(c)
		if err != nil {
			t.Fatal(err)
		}
		var values map[string]any
		if err := yaml.Unmarshal(b, &values); err != nil {
			t.Fatal(err)
		}
		for _, key := range featureKeys() {
			if key == "preset" {
				continue
			}
			said, ok := documented[key]
			if !ok {
				t.Errorf("no row for %s", key)
				continue
			}
			same := said[i] == fmt.Sprint(values[key])
			if v, isFloat := values[key].(float64); isFloat && floors[said[i]] != 0 {
				same = math.Float64bits(v) == math.Float64bits(floors[said[i]])
			}
			if !same {
				t.Errorf("%s of %s is documented as %s, is %v", key, name, said[i], values[key])
			}
		}
	}
}
