package train

import (
	"errors"
	"fmt"
	"math"
	"strings"

	"framewise/corpus/files"
	"framewise/model"
	"framewise/model/decode"
	"framewise/model/gemm"
	"framewise/model/optim"
	"framewise/transforms/spelling"

	"go.yaml.in/yaml/v3"
)

// Config is train.yaml.
type Config struct {
	Network model.Config `yaml:",inline" json:"network"` // preset, hidden, layers, ...

	CMVN    string `yaml:"cmvn" json:"cmvn"`       // none | utterance | speaker | global
	Folding string `yaml:"folding" json:"folding"` // none | 48 | 39

	Loss          model.Loss        `yaml:"loss" json:"loss"`
	Decode        decode.Config     `yaml:"decode" json:"decode"`
	Epochs        int               `yaml:"epochs" json:"epochs"`
	Batch         BatchConfig       `yaml:"batch" json:"batch"`
	Accumulate    int               `yaml:"accumulate" json:"accumulate"` // batches whose gradients make one update
	Optimizer     OptimizerConfig   `yaml:"optimizer" json:"optimizer"`
	Schedule      ScheduleConfig    `yaml:"schedule" json:"schedule"`
	EarlyStopping StoppingConfig    `yaml:"early_stopping" json:"early_stopping"`
	L2            float64           `yaml:"l2" json:"l2"`                     // l2 * w is added to the gradient of every weight but the biases
	InputNoise    float64           `yaml:"input_noise" json:"input_noise"`   // standard deviation of noise on the normalized features
	WeightNoise   float64           `yaml:"weight_noise" json:"weight_noise"` // standard deviation of noise on the weights while gradients are computed
	SpecAugment   SpecAugmentConfig `yaml:"spec_augment" json:"spec_augment"`
	EMA           float64           `yaml:"ema" json:"ema"`           // decay of the average of weights that is scored and kept; 0 = none
	MaxLoss       float64           `yaml:"max_loss" json:"max_loss"` // stop at a batch whose loss is over so many times that of guessing evenly; 0 = never

	Baseline   string `yaml:"baseline" json:"baseline"`     // linear | none: what is trained beside the network
	Checkpoint int    `yaml:"checkpoint" json:"checkpoint"` // steps between checkpoints within an epoch; 0 = at its end only
	Seed       uint64 `yaml:"seed" json:"seed"`
	Threads    int    `yaml:"threads" json:"threads"` // 0 = one for each processor
	Readers    int    `yaml:"readers" json:"readers"` // goroutines that read batches ahead; 0 = as many as threads
	BLAS       string `yaml:"blas" json:"blas"`       // own | auto | gonum | openblas | blis | mkl: what multiplies matrices
}

// BatchConfig says how batches are cut; exactly one of frames and utterances is
// set.
type BatchConfig struct {
	Frames     int    `yaml:"frames" json:"frames"`         // padded frames of a batch, at most
	Utterances int    `yaml:"utterances" json:"utterances"` // examples of a batch; 1 = one at a time without padding
	Padding    string `yaml:"padding" json:"padding"`       // masked | counted | longest: what is made of padding in training
}

// UnmarshalYAML reads the block: naming one way of cutting drops the other.
func (b *BatchConfig) UnmarshalYAML(n *yaml.Node) error {
	var given struct{ Frames, Utterances *int }
	if err := n.Decode(&given); err != nil {
		return err
	}
	if given.Frames != nil || given.Utterances != nil {
		b.Frames, b.Utterances = 0, 0
	}
	type plain BatchConfig // without this method
	return n.Decode((*plain)(b))
}

// OptimizerConfig says how weights follow gradients.
type OptimizerConfig struct {
	Name     string  `yaml:"name" json:"name"`         // adam | sgd
	LR       float64 `yaml:"lr" json:"lr"`             // learning rate
	Momentum float64 `yaml:"momentum" json:"momentum"` // of sgd
	Clip     float64 `yaml:"clip" json:"clip"`         // largest L2 norm of the gradient of all weights; 0 = no limit
}

// ScheduleConfig says how the learning rate changes from update to update, as
// optim.Schedule states it.
type ScheduleConfig struct {
	Name      string  `yaml:"name" json:"name"`           // constant | plateau | cosine | onecycle
	Warmup    float64 `yaml:"warmup" json:"warmup"`       // all but onecycle: share of training in which the rate rises
	MinLR     float64 `yaml:"min_lr" json:"min_lr"`       // plateau, cosine: the lowest rate
	Factor    float64 `yaml:"factor" json:"factor"`       // plateau: the rate is multiplied by it
	Patience  int     `yaml:"patience" json:"patience"`   // plateau: after that many epochs without a better development loss
	Threshold float64 `yaml:"threshold" json:"threshold"` // plateau: better means lower by that share

	PctStart       float64 `yaml:"pct_start" json:"pct_start"`               // onecycle: share of training in which the rate rises
	DivFactor      float64 `yaml:"div_factor" json:"div_factor"`             // onecycle: the first rate is lr / div_factor
	FinalDivFactor float64 `yaml:"final_div_factor" json:"final_div_factor"` // onecycle: the last is the first / final_div_factor
}

// StoppingConfig says which epoch is kept and ends training early. It needs a
// development split.
type StoppingConfig struct {
	By       string `yaml:"by" json:"by"`             // auto | accuracy | loss | per, of the development split; auto is per with CTC, else accuracy
	Patience int    `yaml:"patience" json:"patience"` // epochs without a better one; 0 = never
}

// Names of CMVN, as in package dataset, and the other fixed words of train.yaml.
var (
	cmvnNames      = []string{"none", "utterance", "speaker", "global"}
	foldingNames   = []string{"none", "48", "39"}
	optimizerNames = []string{"adam", "sgd"}
	stoppingNames  = []string{"auto", "accuracy", "loss", "per"}
	baselineNames  = []string{"linear", "none"}
	paddingNames   = []string{PaddingMasked, PaddingCounted, PaddingLongest}
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
		Loss:          model.Loss{Name: model.LossFrames, ClassWeights: model.WeightsNone},
		Decode:        decode.DefaultConfig(),
		Epochs:        20,
		Batch:         BatchConfig{Frames: 4800, Padding: PaddingMasked},
		Accumulate:    1,
		Optimizer:     OptimizerConfig{Name: "adam", LR: 0.008, Momentum: 0.9, Clip: 1},
		Schedule:      ScheduleConfig{Name: optim.Cosine, Factor: 0.5, Patience: 2, PctStart: 0.3, DivFactor: 25, FinalDivFactor: 1e4},
		EarlyStopping: StoppingConfig{By: "auto", Patience: 6},
		SpecAugment:   specPolicies["none"],
		MaxLoss:       50,
		Baseline:      "linear",
		Checkpoint:    200,
		Seed:          20160818,
		BLAS:          gemm.Own,
	}
}

// ReadConfig reads a train.yaml file over the default configuration.
func ReadConfig(path string) (Config, error) {
	c := DefaultConfig()
	b, err := files.ReadRegular(path)
	if err != nil {
		return c, fmt.Errorf("read training config: %w", err)
	}
	if err := yaml.Unmarshal(b, &c); err != nil {
		return c, fmt.Errorf("read training config %q: %w", path, err)
	}
	return c, nil
}

// UnmarshalYAML reads the keys that are there over what c holds: `preset`
// first, then the others on top of it. Unknown keys are errors that
// spelling.Hint ends.
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
		var names []string
		var inner *yaml.Node
		for j := 0; j+1 < len(known.Content); j += 2 {
			names = append(names, known.Content[j].Value)
			if known.Content[j].Value == key {
				inner = known.Content[j+1]
			}
		}
		if inner == nil {
			return fmt.Errorf("line %d: unknown key %q%s", n.Content[i].Line, prefix+key, spelling.Hint(key, names))
		}
		if err := checkKeys(n.Content[i+1], inner, prefix+key+"."); err != nil {
			return err
		}
	}
	return nil
}

// checkFinite reports every key whose value is an infinity or no number.
func (c Config) checkFinite() error {
	var n yaml.Node
	if err := n.Encode(c); err != nil {
		return err
	}
	return finiteKeys(&n, "")
}

func finiteKeys(n *yaml.Node, prefix string) error {
	var errs []error
	for i := 0; n.Kind == yaml.MappingNode && i+1 < len(n.Content); i += 2 {
		key, value := prefix+n.Content[i].Value, n.Content[i+1]
		var v float64
		if value.ShortTag() == "!!float" && value.Decode(&v) == nil && v-v != 0 {
			errs = append(errs, fmt.Errorf("%s: %s, want a finite number", key, value.Value))
		}
		errs = append(errs, finiteKeys(value, key+"."))
	}
	return errors.Join(errs...)
}

// Validate reports every value that cannot be trained with.
func (c Config) Validate() error {
	errs := []error{c.Network.Validate(), c.Loss.Validate(), c.Decode.Validate(c.Loss.CTC()), c.schedule().Validate(), c.SpecAugment.validate(c.CMVN), c.checkFinite()}
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
	oneOf("early_stopping.by", c.EarlyStopping.By, stoppingNames)
	oneOf("baseline", c.Baseline, baselineNames)
	oneOf("batch.padding", c.Batch.Padding, paddingNames)
	bad(!c.Batch.countsPadding() || !c.Loss.CTC(), "batch.padding: %s, but padded frames have no phones, which the loss %s wants", c.Batch.Padding, model.LossCTC)
	oneOf("blas", c.BLAS, gemm.Backends())
	bad(c.Epochs >= 1, "epochs: %d, want at least 1", c.Epochs)
	bad(c.Batch.Frames >= 0 && c.Batch.Utterances >= 0 && (c.Batch.Frames > 0) != (c.Batch.Utterances > 0),
		"batch: frames %d and utterances %d, want exactly one of them above 0", c.Batch.Frames, c.Batch.Utterances)
	bad(c.Optimizer.LR > 0, "optimizer.lr: %g, want above 0", c.Optimizer.LR)
	bad(c.Optimizer.Momentum >= 0 && c.Optimizer.Momentum < 1, "optimizer.momentum: %g, want 0 <= momentum < 1", c.Optimizer.Momentum)
	bad(c.Optimizer.Clip >= 0, "optimizer.clip: %g, want 0 (no limit) or more", c.Optimizer.Clip)
	if c.Schedule.Name == optim.StepDown {
		bad(c.Schedule.Patience >= 1, "schedule.patience: %d, want at least 1", c.Schedule.Patience)
		bad(c.Schedule.Threshold >= 0 && c.Schedule.Threshold < 1, "schedule.threshold: %g, want 0 <= threshold < 1", c.Schedule.Threshold)
	}
	bad(c.Accumulate >= 1, "accumulate: %d batches, want at least 1", c.Accumulate)
	bad(c.WeightNoise >= 0 && !math.IsInf(c.WeightNoise, 1), "weight_noise: %g, want 0 or more", c.WeightNoise)
	bad(c.EMA >= 0 && c.EMA < 1, "ema: %g, want 0 (none) or a decay below 1", c.EMA)
	bad(c.MaxLoss == 0 || c.MaxLoss > 1, "max_loss: %g, want 0 (never) or above 1", c.MaxLoss)
	bad(c.EarlyStopping.Patience >= 0, "early_stopping.patience: %d, want 0 (never) or more", c.EarlyStopping.Patience)
	bad(c.L2 >= 0, "l2: %g, want 0 or more", c.L2)
	bad(c.InputNoise >= 0, "input_noise: %g, want 0 or more", c.InputNoise)
	bad(c.Checkpoint >= 0, "checkpoint: %d steps, want 0 or more", c.Checkpoint)
	bad(c.Threads >= 0 && c.Threads <= 1024, "threads: %d, want 0 (all) to 1024", c.Threads)
	bad(c.Readers >= 0 && c.Readers <= 1024, "readers: %d, want 0 (as many as threads) to 1024", c.Readers)
	return errors.Join(errs...)
}
