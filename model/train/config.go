package train

import (
	"errors"
	"fmt"
	"os"
	"strings"

	"framewise/model"
	"framewise/model/gemm"
	"framewise/model/score"

	"go.yaml.in/yaml/v3"
)

// Config is train.yaml.
type Config struct {
	Network model.Config `yaml:",inline" json:"network"` // preset, hidden, layers, ...

	CMVN    string `yaml:"cmvn" json:"cmvn"`       // none | utterance | speaker | global
	Folding string `yaml:"folding" json:"folding"` // none | 48 | 39

	Loss          model.Loss      `yaml:"loss" json:"loss"`
	Epochs        int             `yaml:"epochs" json:"epochs"`
	Batch         BatchConfig     `yaml:"batch" json:"batch"`
	Optimizer     OptimizerConfig `yaml:"optimizer" json:"optimizer"`
	Schedule      ScheduleConfig  `yaml:"schedule" json:"schedule"`
	EarlyStopping StoppingConfig  `yaml:"early_stopping" json:"early_stopping"`
	L2            float64         `yaml:"l2" json:"l2"`                   // l2 * w is added to the gradient of every weight but the biases
	InputNoise    float64         `yaml:"input_noise" json:"input_noise"` // standard deviation of noise on the normalized features

	Baseline   string `yaml:"baseline" json:"baseline"`     // linear | none: what is trained beside the network
	Checkpoint int    `yaml:"checkpoint" json:"checkpoint"` // steps between checkpoints within an epoch; 0 = at its end only
	Seed       uint64 `yaml:"seed" json:"seed"`
	Threads    int    `yaml:"threads" json:"threads"` // 0 = one for each processor
	BLAS       string `yaml:"blas" json:"blas"`       // own | auto | gonum | openblas | blis | mkl: what multiplies matrices
}

// BatchConfig says how batches are cut; exactly one of the two is set.
type BatchConfig struct {
	Frames     int `yaml:"frames" json:"frames"`         // padded frames of a batch, at most
	Utterances int `yaml:"utterances" json:"utterances"` // examples of a batch; 1 = one at a time without padding
}

// UnmarshalYAML reads the block whole: naming one way of batching drops the
// other.
func (b *BatchConfig) UnmarshalYAML(n *yaml.Node) error {
	type plain BatchConfig
	var p plain
	if err := n.Decode(&p); err != nil {
		return err
	}
	*b = BatchConfig(p)
	return nil
}

// OptimizerConfig says how weights follow gradients.
type OptimizerConfig struct {
	Name     string  `yaml:"name" json:"name"`         // adam | sgd
	LR       float64 `yaml:"lr" json:"lr"`             // learning rate
	Momentum float64 `yaml:"momentum" json:"momentum"` // of sgd
	Clip     float64 `yaml:"clip" json:"clip"`         // largest L2 norm of the gradient of all weights; 0 = no limit
}

// ScheduleConfig says how the learning rate changes from epoch to epoch.
type ScheduleConfig struct {
	Name     string  `yaml:"name" json:"name"`         // constant | plateau | cosine
	Factor   float64 `yaml:"factor" json:"factor"`     // plateau: the rate is multiplied by it
	Patience int     `yaml:"patience" json:"patience"` // plateau: after that many epochs without a better development loss
}

// StoppingConfig ends training early. It needs a development split.
type StoppingConfig struct {
	Patience int `yaml:"patience" json:"patience"` // epochs without a better development accuracy; 0 = never
}

// Names of CMVN, as in package dataset, and the other fixed words of train.yaml.
var (
	cmvnNames      = []string{"none", "utterance", "speaker", "global"}
	foldingNames   = []string{"none", "48", "39"}
	optimizerNames = []string{"adam", "sgd"}
	scheduleNames  = []string{"constant", "plateau", "cosine"}
	baselineNames  = []string{"linear", "none"}
)

// DefaultConfig is the demo's train.yaml.
func DefaultConfig() Config {
	network, err := model.Preset("blstm-late")
	if err != nil {
		panic(err) // the preset is in the table of package model
	}
	return Config{
		Network:       network,
		CMVN:          "speaker",
		Folding:       "none",
		Loss:          model.Loss{Name: model.LossFrames},
		Epochs:        20,
		Batch:         BatchConfig{Frames: 4800},
		Optimizer:     OptimizerConfig{Name: "adam", LR: 0.008, Momentum: 0.9, Clip: 1},
		Schedule:      ScheduleConfig{Name: "cosine", Factor: 0.5, Patience: 2},
		EarlyStopping: StoppingConfig{Patience: 6},
		Baseline:      "linear",
		Checkpoint:    200,
		Seed:          20160818,
		BLAS:          gemm.Own,
	}
}

// ReadConfig reads a train.yaml file over the default configuration.
func ReadConfig(path string) (Config, error) {
	c := DefaultConfig()
	b, err := os.ReadFile(path)
	if err != nil {
		return c, fmt.Errorf("read training config: %w", err)
	}
	if err := yaml.Unmarshal(b, &c); err != nil {
		return c, fmt.Errorf("read training config %q: %w", path, err)
	}
	return c, nil
}

// UnmarshalYAML reads the keys that are there over what c holds: `preset`
// first, then the others on top of it. Unknown keys are errors that name the
// nearest known one.
func (c *Config) UnmarshalYAML(n *yaml.Node) error {
	var known yaml.Node
	if err := known.Encode(DefaultConfig()); err != nil {
		return err
	}
	if err := checkKeys(n, &known, ""); err != nil {
		return err
	}
	if err := c.Network.ReadYAML(n); err != nil {
		return err
	}
	type plain Config // without this method
	return n.Decode((*plain)(c))
}

// checkKeys reports a key of n that known does not have.
func checkKeys(n, known *yaml.Node, prefix string) error {
	if n.Kind != yaml.MappingNode || known.Kind != yaml.MappingNode {
		return nil // a wrong type; decoding says so better
	}
	for i := 0; i+1 < len(n.Content); i += 2 {
		key := n.Content[i].Value
		nearest, at := "", -1
		for j := 0; j+1 < len(known.Content); j += 2 {
			k := known.Content[j].Value
			if d := score.Distance([]byte(key), []byte(k)); at < 0 || d < at {
				nearest, at = k, d
			}
			if k == key {
				if err := checkKeys(n.Content[i+1], known.Content[j+1], prefix+key+"."); err != nil {
					return err
				}
				break
			}
		}
		if at != 0 {
			return fmt.Errorf("line %d: unknown key %q, the nearest known one is %q", n.Content[i].Line, prefix+key, prefix+nearest)
		}
	}
	return nil
}

// Validate reports every value that cannot be trained with.
func (c Config) Validate() error {
	errs := []error{c.Network.Validate(), c.Loss.Validate()}
	bad := func(ok bool, format string, args ...any) {
		if !ok {
			errs = append(errs, fmt.Errorf(format, args...))
		}
	}
	oneOf := func(key, value string, names []string) {
		for _, n := range names {
			if n == value {
				return
			}
		}
		bad(false, "%s: %q, want one of %s", key, value, strings.Join(names, ", "))
	}
	oneOf("cmvn", c.CMVN, cmvnNames)
	oneOf("folding", c.Folding, foldingNames)
	oneOf("optimizer.name", c.Optimizer.Name, optimizerNames)
	oneOf("schedule.name", c.Schedule.Name, scheduleNames)
	oneOf("baseline", c.Baseline, baselineNames)
	oneOf("blas", c.BLAS, gemm.Backends())
	bad(c.Epochs >= 1, "epochs: %d, want at least 1", c.Epochs)
	bad(c.Batch.Frames >= 0 && c.Batch.Utterances >= 0 && (c.Batch.Frames > 0) != (c.Batch.Utterances > 0),
		"batch: frames %d and utterances %d, want exactly one of them above 0", c.Batch.Frames, c.Batch.Utterances)
	bad(c.Optimizer.LR > 0, "optimizer.lr: %g, want above 0", c.Optimizer.LR)
	bad(c.Optimizer.Momentum >= 0 && c.Optimizer.Momentum < 1, "optimizer.momentum: %g, want 0 <= momentum < 1", c.Optimizer.Momentum)
	bad(c.Optimizer.Clip >= 0, "optimizer.clip: %g, want 0 (no limit) or more", c.Optimizer.Clip)
	if c.Schedule.Name == "plateau" {
		bad(c.Schedule.Factor > 0 && c.Schedule.Factor < 1, "schedule.factor: %g, want 0 < factor < 1", c.Schedule.Factor)
		bad(c.Schedule.Patience >= 1, "schedule.patience: %d, want at least 1", c.Schedule.Patience)
	}
	bad(c.EarlyStopping.Patience >= 0, "early_stopping.patience: %d, want 0 (never) or more", c.EarlyStopping.Patience)
	bad(c.L2 >= 0, "l2: %g, want 0 or more", c.L2)
	bad(c.InputNoise >= 0, "input_noise: %g, want 0 or more", c.InputNoise)
	bad(c.Checkpoint >= 0, "checkpoint: %d steps, want 0 or more", c.Checkpoint)
	bad(c.Threads >= 0 && c.Threads <= 1024, "threads: %d, want 0 (all) to 1024", c.Threads)
	return errors.Join(errs...)
}
