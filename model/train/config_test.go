package train

import (
	"math"
	"strings"
	"testing"

	"framewise/model"
	"framewise/model/optim"

	"go.yaml.in/yaml/v3"
)

func TestUnknownKeys(t *testing.T) {
	for text, want := range map[string]string{
		"epoch: 3":                   `unknown key "epoch"; did you mean "epochs"?`,
		"optimizer: {momentun: 0.5}": `unknown key "optimizer.momentun"; did you mean "momentum"?`,
		"hiden: 3":                   `"hidden"`,
		"batch: {frame: 3}":          `"batch.frame"; did you mean "frames"?`,
		"loss: {nam: ctc}":           `"loss.nam"; did you mean "name"?`,
	} {
		c := DefaultConfig()
		if err := yaml.Unmarshal([]byte(text), &c); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s gives %v, want it to name %s", text, err, want)
		}
	}
}

func TestOneWayOfBatching(t *testing.T) {
	c := DefaultConfig()
	if err := yaml.Unmarshal([]byte("batch: {utterances: 1}"), &c); err != nil || c.Batch != (BatchConfig{Utterances: 1, Padding: PaddingMasked}) {
		t.Errorf("batch is %+v (%v)", c.Batch, err)
	}
	if err := yaml.Unmarshal([]byte("batch: {padding: longest}"), &c); err != nil || c.Batch != (BatchConfig{Utterances: 1, Padding: PaddingLongest}) {
		t.Errorf("batch is %+v (%v)", c.Batch, err)
	}
	if err := c.Validate(); err != nil {
		t.Error(err)
	}
	c.Loss.Name = model.LossCTC
	if err := c.Validate(); err == nil || !strings.Contains(err.Error(), "batch.padding: longest") {
		t.Errorf("phones for padding: %v", err)
	}
}

func TestValidateNamesTheKey(t *testing.T) {
	if err := DefaultConfig().Validate(); err != nil {
		t.Fatal(err)
	}
	for key, change := range map[string]func(*Config){
		"hidden":                  func(c *Config) { c.Network.Hidden = -1 },
		"cmvn":                    func(c *Config) { c.CMVN = "all" },
		"folding":                 func(c *Config) { c.Folding = "61" },
		"epochs":                  func(c *Config) { c.Epochs = 0 },
		"batch.padding":           func(c *Config) { c.Batch.Padding = "none" },
		"batch":                   func(c *Config) { c.Batch.Utterances = 3 },
		"optimizer.name":          func(c *Config) { c.Optimizer.Name = "lbfgs" },
		"optimizer.lr":            func(c *Config) { c.Optimizer.LR = math.NaN() },
		"optimizer.momentum":      func(c *Config) { c.Optimizer.Momentum = 1 },
		"optimizer.clip":          func(c *Config) { c.Optimizer.Clip = -1 },
		"schedule.name":           func(c *Config) { c.Schedule.Name = "linear" },
		"schedule.factor":         func(c *Config) { c.Schedule = ScheduleConfig{Name: "plateau", Factor: 1, Patience: 1} },
		"schedule.threshold":      func(c *Config) { c.Schedule = ScheduleConfig{Name: "plateau", Factor: 0.5, Patience: 1, Threshold: 1} },
		"schedule.warmup":         func(c *Config) { c.Schedule.Warmup = 1 },
		"accumulate":              func(c *Config) { c.Accumulate = 0 },
		"weight_noise":            func(c *Config) { c.WeightNoise = -1 },
		"ema":                     func(c *Config) { c.EMA = 1 },
		"max_loss":                func(c *Config) { c.MaxLoss = 0.5 },
		"early_stopping.by":       func(c *Config) { c.EarlyStopping.By = "f1" },
		"spec_augment.policy":     func(c *Config) { c.SpecAugment.Policy = "LibriFull" },
		"spec_augment.freq_masks": func(c *Config) { c.SpecAugment.FreqMasks = -1 },
		"spec_augment.time_share": func(c *Config) { c.SpecAugment.TimeShare = 2 },
		"cmvn is none":            func(c *Config) { c.SpecAugment, c.CMVN = specPolicies["ld"], "none" },
		"schedule.patience":       func(c *Config) { c.Schedule = ScheduleConfig{Name: "plateau", Factor: 0.5} },
		"early_stopping.patience": func(c *Config) { c.EarlyStopping.Patience = -1 },
		"loss.name":               func(c *Config) { c.Loss.Name = "transducer" },
		"loss.label_smoothing":    func(c *Config) { c.Loss.LabelSmoothing = 1 },
		"loss.class_weights":      func(c *Config) { c.Loss.ClassWeights = "equal" },
		"decode.beam":             func(c *Config) { c.Decode.Beam = 0 },
		"decode.name":             func(c *Config) { c.Decode.Name = "beam" }, // of frames
		"l2":                      func(c *Config) { c.L2 = -1 },
		"input_noise":             func(c *Config) { c.InputNoise = -1 },
		"baseline":                func(c *Config) { c.Baseline = "majority" },
		"checkpoint":              func(c *Config) { c.Checkpoint = -1 },
		"readers":                 func(c *Config) { c.Readers = -1 },
		"threads":                 func(c *Config) { c.Threads = -1 },
	} {
		c := DefaultConfig()
		change(&c)
		if err := c.Validate(); err == nil || !strings.Contains(err.Error(), key) {
			t.Errorf("a wrong %s gives %v", key, err)
		}
	}
}

func TestSchedules(t *testing.T) {
	rate := func(name string, epoch, batch, drops int) float64 {
		tr := &trainer{cfg: DefaultConfig()}
		tr.cfg.Optimizer.LR, tr.cfg.Epochs = 1, 10
		tr.cfg.Schedule = ScheduleConfig{Name: name, Factor: 0.5, Patience: 1, PctStart: 0.3, DivFactor: 25, FinalDivFactor: 1e4}
		tr.state.Epoch, tr.state.Drops = epoch, drops
		return tr.rate(batch, 4)
	}
	for _, c := range []struct{ got, want float64 }{
		{rate("constant", 7, 3, 2), 1},
		{rate("plateau", 7, 3, 2), 0.25},
		{rate("cosine", 1, 0, 0), 1},
		{rate("cosine", 6, 0, 0), 0.5},
		{rate("cosine", 10, 4, 0), 0},
		{rate("onecycle", 1, 0, 0), 0.04},
		{rate("onecycle", 3, 3, 0), 1}, // update 11 of 40
		{rate("onecycle", 10, 3, 0), 0.04 / 1e4},
	} {
		if math.Abs(c.got-c.want) > 1e-12 {
			t.Errorf("rate %v, want %v", c.got, c.want)
		}
	}
}

// A development score that falls drops the rate and then ends training.
func TestPlateauAndStopping(t *testing.T) {
	tr := &trainer{cfg: DefaultConfig()}
	tr.cfg.Schedule = ScheduleConfig{Name: "plateau", Factor: 0.5, Patience: 2}
	tr.cfg.EarlyStopping.Patience = 3
	tr.state = state{Epoch: 1, BestScore: -1, Plateau: optim.NewPlateau()}
	for i, accuracy := range []float64{0.5, 0.6, 0.6, 0.55, 0.5} {
		tr.state.Epoch = i + 1
		loss := 1 - accuracy
		e := tr.summary(1)
		e.DevAccuracy, e.DevLoss = &accuracy, &loss
		if improved := tr.judge(e); improved != (i < 2) {
			t.Errorf("epoch %d improved: %v", i+1, improved)
		}
	}
	if s := tr.state; s.Best != 2 || !s.Stopped || s.Drops != 1 {
		t.Errorf("state %+v", s)
	}
}

// What is judged can be chosen: three epochs, each the best of its kind.
func TestStoppingBy(t *testing.T) {
	for by, want := range map[string]int{"accuracy": 1, "loss": 2, "per": 3, "auto": 1} {
		tr := &trainer{cfg: DefaultConfig(), state: state{Epoch: 1, BestScore: -1, Plateau: optim.NewPlateau()}}
		tr.cfg.EarlyStopping = StoppingConfig{By: by, Patience: 2}
		for i := range 3 {
			tr.state.Epoch = i + 1
			accuracy, loss, per := []float64{0.9, 0.8, 0.7}[i], []float64{2, 1, 3}[i], []float64{0.5, 0.4, 0.3}[i]
			e := tr.summary(1)
			e.DevAccuracy, e.DevLoss, e.DevPER = &accuracy, &loss, &per
			tr.judge(e)
		}
		if tr.state.Best != want || tr.state.Stopped != (want == 1) {
			t.Errorf("by %s: epoch %d is kept, want %d; stopped %v", by, tr.state.Best, want, tr.state.Stopped)
		}
	}
}

// A policy sets the masks; keys beside it change them, in any order.
func TestSpecAugmentPolicy(t *testing.T) {
	for text, want := range map[string]SpecAugmentConfig{
		"spec_augment: {policy: ld}":                                  specPolicies["ld"],
		"spec_augment: {time_masks: 5, policy: sm}":                   {Policy: "sm", FreqMasks: 2, FreqWidth: 15, TimeMasks: 5, TimeWidth: 70, TimeShare: 0.2},
		"spec_augment: {freq_masks: 1, freq_width: 8}":                {Policy: "none", FreqMasks: 1, FreqWidth: 8, TimeShare: 1},
		"spec_augment: {policy: lb, freq_masks: 0, time_share: 0.25}": {Policy: "lb", FreqWidth: 27, TimeMasks: 1, TimeWidth: 100, TimeShare: 0.25},
	} {
		c := DefaultConfig()
		if err := yaml.Unmarshal([]byte(text), &c); err != nil || c.SpecAugment != want {
			t.Errorf("%s gives %+v (%v), want %+v", text, c.SpecAugment, err, want)
		}
		written, err := yaml.Marshal(c)
		if err != nil {
			t.Fatal(err)
		}
		again := DefaultConfig()
		if err := yaml.Unmarshal(written, &again); err != nil || again != c {
			t.Errorf("%s is written as\n%sand read as %+v (%v)", text, written, again, err)
		}
	}
	c := DefaultConfig()
	if err := yaml.Unmarshal([]byte("spec_augment: {policy: strong}"), &c); err == nil || !strings.Contains(err.Error(), "ss") {
		t.Errorf("an unknown policy gives %v", err)
	}
}
