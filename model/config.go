package model

import (
	"errors"
	"fmt"
	"strings"

	"go.yaml.in/yaml/v3"
)

// Merge modes of the two directions.
const (
	MergeConcat = "concat" // [H] and [H] make [2H]
	MergeSum    = "sum"    // [H] and [H] make [H]
)

// Kinds of recurrent units.
const (
	CellLSTM = "lstm"
	CellGRU  = "gru"
)

// Orders of merging; see the package documentation.
const (
	TopologyLate      = "late"
	TopologyEachLayer = "each-layer"
)

// What becomes of the order of time in backward layers; see the package
// documentation.
const (
	BackwardAligned   = "aligned"
	BackwardDouble    = "double"
	BackwardUnaligned = "unaligned"
)

// Extents of a mask of dropout.
const (
	DropoutFrame     = "frame"     // another mask for every frame
	DropoutUtterance = "utterance" // one mask for all frames of an utterance (Gal and Ghahramani 2016)
)

// Config describes a network: the network's keys of train.yaml.
type Config struct {
	Preset   string     `yaml:"preset" json:"preset"`                   // the network that the other keys change
	Deltas   int        `yaml:"deltas" json:"deltas"`                   // 0 | 1 | 2: statics, with deltas, with delta-deltas
	Conv     ConvConfig `yaml:"conv" json:"conv"`                       // the two convolutions in front; filters 0 = none
	Dense    int        `yaml:"dense" json:"dense"`                     // width of a linear dense layer before the recurrent layers; 0 = none
	Cell     string     `yaml:"cell" json:"cell"`                       // lstm | gru: kind of the recurrent layers
	Layers   int        `yaml:"layers" json:"layers"`                   // recurrent layers a direction; 0 = none
	Hidden   int        `yaml:"hidden" json:"hidden"`                   // units of one a direction
	Topology string     `yaml:"topology" json:"topology"`               // late | each-layer
	Merge    string     `yaml:"merge" json:"merge"`                     // concat | sum
	Backward string     `yaml:"backward" json:"backward"`               // aligned | double | unaligned
	Norm     bool       `yaml:"layer_norm" json:"layer_norm"`           // normalize the outputs of every recurrent layer, each direction by itself unless merged
	Dropout  float64    `yaml:"dropout" json:"dropout"`                 // share of values dropped after the merge
	Between  float64    `yaml:"dropout_between" json:"dropout_between"` // and between recurrent layers
	Mask     string     `yaml:"dropout_mask" json:"dropout_mask"`       // frame | utterance: what has a mask of its own
}

// ConvConfig is the pair of convolutions in front of the LSTMs, as in the
// post: Filters kernels of T frames by F values, then 2*Filters kernels of T
// frames by all values that are left, both valid and with tanh. They see the
// statics and deltas as channels, and shorten an utterance by 2*(T-1) frames.
type ConvConfig struct {
	Filters int `yaml:"filters" json:"filters"`
	T       int `yaml:"t" json:"t"` // frames
	F       int `yaml:"f" json:"f"` // values of a frame
}

// presets are complete configurations, in the order in which they are listed.
var presets = []Config{
	{Preset: "blstm-late", Deltas: 2, Cell: CellLSTM, Layers: 2, Hidden: 64, Topology: TopologyLate,
		Merge: MergeConcat, Backward: BackwardAligned, Dropout: 0.3, Between: 0.3, Mask: DropoutFrame},
	{Preset: "blstm-each-layer", Deltas: 2, Cell: CellLSTM, Layers: 2, Hidden: 64, Topology: TopologyEachLayer,
		Merge: MergeConcat, Backward: BackwardAligned, Dropout: 0.3, Between: 0.3, Mask: DropoutFrame},
	{Preset: "post", Deltas: 2, Conv: ConvConfig{Filters: 32, T: 5, F: 5}, Dense: 128, Cell: CellLSTM, Layers: 2, Hidden: 128,
		Topology: TopologyLate, Merge: MergeConcat, Backward: BackwardDouble, Dropout: 0.5, Mask: DropoutFrame},
	{Preset: "graves2005", Deltas: 1, Cell: CellLSTM, Layers: 1, Hidden: 93, Topology: TopologyLate, Merge: MergeConcat, Backward: BackwardAligned, Mask: DropoutFrame},
	{Preset: "linear", Deltas: 2, Cell: CellLSTM, Topology: TopologyLate, Merge: MergeConcat, Backward: BackwardAligned, Mask: DropoutFrame},
}

// Presets lists the names of the presets.
func Presets() []string {
	names := make([]string, len(presets))
	for i, p := range presets {
		names[i] = p.Preset
	}
	return names
}

// Preset is a complete configuration by name:
//
//	blstm-late        two LSTMs of 64 a direction, directions merged once on top
//	blstm-each-layer  the same, merged after each layer
//	post              the network of the blog post that framewise started from:
//	                  conv 32 x 5 x 5, conv 64, dense 128, two LSTMs of 128, double
//	graves2005        one LSTM of 93 a direction, as Graves and Schmidhuber (2005)
//	                  but without peepholes: docs/training.md says what else differs
//	linear            a softmax on single frames: the baseline
func Preset(name string) (Config, error) {
	for _, p := range presets {
		if p.Preset == name {
			return p, nil
		}
	}
	return Config{}, fmt.Errorf("unknown network preset %q, want one of %s", name, strings.Join(Presets(), ", "))
}

// ReadYAML reads the network's keys: `preset` first, then the others on
// top of it. A new number of filters in `conv` brings the widths behind it
// along, as in the post's listing (dense and hidden 4n), unless they are given.
// It is not UnmarshalYAML: a struct with that method, put inline into another,
// is left out when the other is written.
func (c *Config) ReadYAML(n *yaml.Node) error {
	var given struct {
		Preset string `yaml:"preset"`
		Conv   struct {
			Filters *int `yaml:"filters"`
		} `yaml:"conv"`
	}
	if err := n.Decode(&given); err != nil {
		return err
	}
	if given.Preset != "" {
		p, err := Preset(given.Preset)
		if err != nil {
			return err
		}
		*c = p
	}
	if f := given.Conv.Filters; f != nil && *f > 0 {
		c.Dense, c.Hidden = 4**f, 4**f
	}
	return n.Decode(c)
}

// maxHidden bounds the units of a recurrent layer: making its matrices orthogonal
// takes time with their cube.
const maxHidden = 1 << 12

// Validate reports every value that makes no network.
func (c Config) Validate() error {
	var errs []error
	bad := func(ok bool, format string, args ...any) {
		if !ok {
			errs = append(errs, fmt.Errorf(format, args...))
		}
	}
	bad(c.Deltas >= 0 && c.Deltas <= 2, "deltas: %d, want 0, 1 or 2", c.Deltas)
	bad(c.Layers >= 0 && c.Layers <= 16, "layers: %d, want 0 to 16", c.Layers)
	bad(c.Layers == 0 || c.Hidden >= 1 && c.Hidden <= maxHidden, "hidden: %d, want 1 to %d", c.Hidden, maxHidden)
	bad(c.Dense >= 0 && c.Dense <= 1<<14, "dense: %d, want 0 (none) to 16384", c.Dense)
	bad(c.Cell == CellLSTM || c.Cell == CellGRU, "cell: %q, want %s or %s", c.Cell, CellLSTM, CellGRU)
	bad(c.Topology == TopologyLate || c.Topology == TopologyEachLayer,
		"topology: %q, want %s or %s", c.Topology, TopologyLate, TopologyEachLayer)
	bad(c.Merge == MergeConcat || c.Merge == MergeSum, "merge: %q, want %s or %s", c.Merge, MergeConcat, MergeSum)
	bad(c.Backward == BackwardAligned || c.Backward == BackwardDouble || c.Backward == BackwardUnaligned,
		"backward: %q, want %s, %s or %s", c.Backward, BackwardAligned, BackwardDouble, BackwardUnaligned)
	bad(c.Backward != BackwardDouble || c.Topology != TopologyEachLayer,
		"backward: double stacks two backward layers and so needs topology: late, which is %s", c.Topology)
	bad(c.Dropout >= 0 && c.Dropout < 1, "dropout: %g, want 0 <= dropout < 1", c.Dropout)
	bad(c.Between >= 0 && c.Between < 1, "dropout_between: %g, want 0 <= dropout_between < 1", c.Between)
	bad(c.Mask == DropoutFrame || c.Mask == DropoutUtterance, "dropout_mask: %q, want %s or %s", c.Mask, DropoutFrame, DropoutUtterance)
	if k := c.Conv; k.Filters != 0 {
		bad(k.Filters > 0 && k.Filters <= 1<<12, "conv.filters: %d, want 0 (none) to 4096", k.Filters)
		bad(k.T >= 1 && k.T <= 64, "conv.t: %d frames, want 1 to 64", k.T)
		bad(k.F >= 1 && k.F <= 1<<12, "conv.f: %d values, want 1 to 4096", k.F)
	}
	return errors.Join(errs...)
}

// Crop is the number of frames that the network takes off each end of an
// utterance: t-1 under two valid convolutions of t frames.
func (c Config) Crop() int {
	if c.Conv.Filters == 0 {
		return 0
	}
	return c.Conv.T - 1
}

// Inputs is the number of values of a frame that the network reads, for
// spectra of f values: the statics and their deltas, one after the other.
func (c Config) Inputs(f int) int { return f * (1 + c.Deltas) }
