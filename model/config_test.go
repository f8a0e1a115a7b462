package model

import (
	"math"
	"strings"
	"testing"

	"framewise/corpus/draw"

	"go.yaml.in/yaml/v3"
)

func TestConfigYAML(t *testing.T) {
	for _, c := range []struct {
		name, yaml string
		check      func(Config) bool
	}{
		{"a preset alone", "preset: post", func(c Config) bool { return c.Conv.Filters == 32 && c.Hidden == 128 && c.Backward == BackwardDouble }},
		{"keys win over the preset, whatever their order", "hidden: 7\npreset: blstm-each-layer", func(c Config) bool { return c.Hidden == 7 && c.Topology == TopologyEachLayer }},
		{"filters bring the widths along", "preset: post\nconv: {filters: 8}", func(c Config) bool { return c.Conv == ConvConfig{8, 5, 5} && c.Hidden == 32 && c.Dense == 32 }},
		{"unless they are given", "preset: post\nconv: {filters: 8}\nhidden: 9", func(c Config) bool { return c.Hidden == 9 && c.Dense == 32 }},
		{"no preset keeps what is there", "layers: 3", func(c Config) bool { return c.Layers == 3 && c.Hidden == 64 }},
	} {
		got, err := Preset("blstm-late")
		if err != nil {
			t.Fatal(err)
		}
		if err := readYAML(c.yaml, &got); err != nil {
			t.Errorf("%s: %v", c.name, err)
		} else if !c.check(got) {
			t.Errorf("%s: %+v", c.name, got)
		}
		b, err := yaml.Marshal(got)
		if err != nil {
			t.Fatal(err)
		}
		var again Config
		if err := readYAML(string(b), &again); err != nil || again != got {
			t.Errorf("%s: %+v became %+v through YAML (%v)", c.name, got, again, err)
		}
	}
	var c Config
	if err := readYAML("preset: lstm", &c); err == nil || !strings.Contains(err.Error(), "blstm-late") {
		t.Errorf("an unknown preset gives %v", err)
	}
}

func readYAML(text string, c *Config) error {
	var doc yaml.Node
	if err := yaml.Unmarshal([]byte(text), &doc); err != nil {
		return err
	}
	return c.ReadYAML(doc.Content[0])
}

func TestValidate(t *testing.T) {
	for _, name := range Presets() {
		c, err := Preset(name)
		if err != nil {
			t.Fatal(err)
		}
		if err := c.Validate(); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	for key, change := range map[string]func(*Config){
		"deltas":           func(c *Config) { c.Deltas = 3 },
		"hidden":           func(c *Config) { c.Hidden = 0 },
		"layers":           func(c *Config) { c.Layers = -1 },
		"topology":         func(c *Config) { c.Topology = "early" },
		"merge":            func(c *Config) { c.Merge = "mul" },
		"backward":         func(c *Config) { c.Backward = "" },
		"backward: double": func(c *Config) { c.Backward, c.Topology = BackwardDouble, TopologyEachLayer },
		"dropout":          func(c *Config) { c.Dropout = 1 },
		"dropout_between":  func(c *Config) { c.Between = math.NaN() },
		"cell":             func(c *Config) { c.Cell = "rnn" },
		"dropout_mask":     func(c *Config) { c.Mask = "batch" },
		"conv.t":           func(c *Config) { c.Conv = ConvConfig{Filters: 2, F: 3} },
	} {
		c, _ := Preset("blstm-late")
		change(&c)
		if err := c.Validate(); err == nil || !strings.Contains(err.Error(), key) {
			t.Errorf("a wrong %s gives %v", key, err)
		}
		if _, err := New(c, 40, 10, 1); err == nil {
			t.Errorf("a network with a wrong %s is made", key)
		}
	}
	c, _ := Preset("post")
	if _, err := New(c, 4, 10, 1); err == nil {
		t.Error("a filter wider than the spectrum is accepted")
	}
}

func TestOrthogonal(t *testing.T) {
	const n = 24
	q := orthogonal(draw.New(1, "test", "", 0), n)
	for i := range n {
		for j := range n {
			var d float64
			for k := range n {
				d += float64(q[i*n+k]) * float64(q[j*n+k])
			}
			want := 0.0
			if i == j {
				want = 1
			}
			if math.Abs(d-want) > 1e-6 {
				t.Fatalf("rows %d and %d: %v", i, j, d)
			}
		}
	}
}

func TestInit(t *testing.T) {
	c := small(t, "blstm-late")
	c.Norm = true
	a, b := network(t, c, 7, 5), network(t, c, 7, 5)
	other, _ := New(c, 7, 5, 8)
	for i, p := range a.Params() {
		if p.kind == normParam { // gains 1, biases 0, and L2 on neither
			for j, v := range p.Data() {
				if want := map[bool]float32{true: 1}[j < p.Cols]; v != want || p.Decay() != 0 {
					t.Errorf("%s: %v at %d, L2 on %d", p.Name, v, j, p.Decay())
				}
			}
			continue
		}
		same, differs := true, false
		for j, v := range p.Data() {
			same = same && v == b.Params()[i].Data()[j]
			differs = differs || v != other.Params()[i].Data()[j]
		}
		if !same || !differs {
			t.Errorf("%s: same seed same weights %v, other seed other weights %v", p.Name, same, differs)
		}
		if p.kind == lstmParam && p.Data()[(p.Rows-1)*p.Cols+c.Hidden] != 1 {
			t.Errorf("%s: the forget gate's bias is not 1", p.Name)
		}
	}
}

func TestBatchSize(t *testing.T) {
	for n, want := range map[int]int{1: 1, 2: 2, 3: 2, 4: 4, 7: 4, 8: 8, 31: 16, 100: 64} {
		if got := BatchSize(n); got != want {
			t.Errorf("BatchSize(%d) = %d, want %d", n, got, want)
		}
	}
}
