package sweep

import (
	"errors"
	"fmt"
	"strings"

	"go.yaml.in/yaml/v3"
)

// A Grid is what varies: every combination of the levels of its axes, each with
// every seed.
type Grid struct {
	Axes    []Axis
	SeedKey string   // the setting that a seed is given to
	Seeds   []uint64 // at least one
}

// An Axis is one thing that varies.
type Axis struct {
	Name   string
	Levels []Level
}

// A Level is one value of an axis: settings as key=value, with values in YAML.
type Level struct {
	Name     string
	Settings []string
}

// A Point is one experiment of a grid.
type Point struct {
	Levels   []string // a level's name for each axis
	Seed     uint64
	Settings []string // of all levels, and the seed's
}

// ReadAxes reads the axes of a grid, in their order. A key with a list stands
// for a setting and its values; a key with a mapping stands for named levels,
// each with the settings it makes, none for the pipeline as it is:
//
//	train.backward: [aligned, double]
//	augmentation:
//	  none: {build.augment.concat.copies: 0, build.augment.narrowband.mode: off}
//	  both: {}
//
// Errors name the line.
func ReadAxes(node *yaml.Node) ([]Axis, error) {
	if node == nil || node.Tag == "!!null" {
		return nil, nil
	}
	if node.Kind != yaml.MappingNode {
		return nil, fmt.Errorf("line %d: want a mapping from settings to their values", node.Line)
	}
	var axes []Axis
	seen := map[string]bool{}
	for i := 0; i+1 < len(node.Content); i += 2 {
		key, value := node.Content[i], node.Content[i+1]
		a, err := readAxis(key.Value, value)
		if err == nil && seen[a.Name] {
			err = errors.New("it is there twice")
		}
		if err == nil && len(a.Levels) == 0 {
			err = errors.New("it has no values")
		}
		if err != nil {
			return nil, fmt.Errorf("line %d: %s: %w", key.Line, key.Value, err)
		}
		seen[a.Name] = true
		axes = append(axes, a)
	}
	return axes, nil
}

func readAxis(name string, value *yaml.Node) (Axis, error) {
	a := Axis{Name: name}
	switch value.Kind {
	case yaml.SequenceNode:
		for _, v := range value.Content {
			text, err := flow(v)
			if err != nil {
				return a, err
			}
			a.Levels = append(a.Levels, Level{Name: text, Settings: []string{name + "=" + text}})
		}
	case yaml.MappingNode:
		for i := 0; i+1 < len(value.Content); i += 2 {
			level, err := readLevel(value.Content[i].Value, value.Content[i+1])
			if err != nil {
				return a, err
			}
			a.Levels = append(a.Levels, level)
		}
	default:
		return a, errors.New("want a list of values, or a mapping from names to settings")
	}
	names := map[string]bool{}
	for _, l := range a.Levels {
		if names[l.Name] {
			return a, fmt.Errorf("%s is there twice", l.Name)
		}
		names[l.Name] = true
	}
	return a, nil
}

func readLevel(name string, settings *yaml.Node) (Level, error) {
	l := Level{Name: name}
	if settings.Kind != yaml.MappingNode {
		return l, fmt.Errorf("%s: want a mapping from settings to values, {} for none", name)
	}
	for i := 0; i+1 < len(settings.Content); i += 2 {
		text, err := flow(settings.Content[i+1])
		if err != nil {
			return l, err
		}
		l.Settings = append(l.Settings, settings.Content[i].Value+"="+text)
	}
	return l, nil
}

// flow is a YAML value on one line.
func flow(n *yaml.Node) (string, error) {
	if n.Kind == yaml.ScalarNode {
		return n.Value, nil
	}
	n.Style = yaml.FlowStyle
	b, err := yaml.Marshal(n)
	return strings.TrimSpace(string(b)), err
}

// MaxPoints bounds a grid: one that asks for more experiments is a mistake.
const MaxPoints = 10_000

// Check refuses a grid of more than MaxPoints experiments.
func (g Grid) Check() error {
	n := len(g.Seeds)
	for _, a := range g.Axes {
		if n *= len(a.Levels); n > MaxPoints {
			break
		}
	}
	if n > MaxPoints {
		return fmt.Errorf("more than %d points, of %d axes and %d seeds", MaxPoints, len(g.Axes), len(g.Seeds))
	}
	return nil
}

// Points are the grid's experiments: the last axis varies fastest, and seeds
// faster still.
func (g Grid) Points() []Point {
	points := []Point{{}}
	for _, a := range g.Axes {
		var next []Point
		for _, p := range points {
			for _, l := range a.Levels {
				next = append(next, Point{
					Levels:   append(p.Levels[:len(p.Levels):len(p.Levels)], l.Name),
					Settings: append(p.Settings[:len(p.Settings):len(p.Settings)], l.Settings...),
				})
			}
		}
		points = next
	}
	var all []Point
	for _, p := range points {
		for _, seed := range g.Seeds {
			all = append(all, Point{Levels: p.Levels, Seed: seed,
				Settings: append(p.Settings[:len(p.Settings):len(p.Settings)], fmt.Sprintf("%s=%d", g.SeedKey, seed))})
		}
	}
	return all
}

// Name is a point's name, fit for a folder: axis-level pairs and the seed.
func (g Grid) Name(p Point) string {
	var parts []string
	for i, a := range g.Axes {
		short := a.Name[strings.LastIndexByte(a.Name, '.')+1:]
		parts = append(parts, plain(short)+"="+plain(p.Levels[i]))
	}
	return strings.Join(append(parts, fmt.Sprintf("seed=%d", p.Seed)), ",")
}

// plain replaces what a folder's name had better not hold.
func plain(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r >= 'a' && r <= 'z', r >= 'A' && r <= 'Z', r >= '0' && r <= '9', r == '-', r == '_', r == '.':
			return r
		}
		return '_'
	}, s)
}
