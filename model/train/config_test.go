package train

import (
	"math"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"
)

func TestUnknownKeys(t *testing.T) {
	for text, want := range map[string]string{
		"epoch: 3":                   `"epochs"`,
		"optimizer: {momentun: 0.5}": `"optimizer.momentum"`,
		"hiden: 3":                   `"hidden"`,
		"batch: {frame: 3}":          `"batch.frames"`,
		"loss: {nam: ctc}":           `"loss.name"`,
	} {
		c := DefaultConfig()
		if err := yaml.Unmarshal([]byte(text), &c); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s gives %v, want it to name %s", text, err, want)
		}
	}
}

func TestOneWayOfBatching(t *testing.T) {
	c := DefaultConfig()
	if err := yaml.Unmarshal([]byte("batch: {utterances: 1}"), &c); err != nil || c.Batch != (BatchConfig{Utterances: 1}) {
		t.Errorf("batch is %+v (%v)", c.Batch, err)
	}
	if err := c.Validate(); err != nil {
		t.Error(err)
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
		"batch":                   func(c *Config) { c.Batch.Utterances = 3 },
		"optimizer.name":          func(c *Config) { c.Optimizer.Name = "lbfgs" },
		"optimizer.lr":            func(c *Config) { c.Optimizer.LR = math.NaN() },
		"optimizer.momentum":      func(c *Config) { c.Optimizer.Momentum = 1 },
		"optimizer.clip":          func(c *Config) { c.Optimizer.Clip = -1 },
		"schedule.name":           func(c *Config) { c.Schedule.Name = "linear" },
		"schedule.factor":         func(c *Config) { c.Schedule = ScheduleConfig{Name: "plateau", Factor: 1, Patience: 1} },
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
		tr.cfg.Schedule = ScheduleConfig{Name: name, Factor: 0.5, Patience: 1}
		tr.state.Epoch, tr.state.Drops = epoch, drops
		return tr.rate(batch, 4)
	}
	for _, c := range []struct{ got, want float64 }{
		{rate("constant", 7, 3, 2), 1},
		{rate("plateau", 7, 3, 2), 0.25},
		{rate("cosine", 1, 0, 0), 1},
		{rate("cosine", 6, 0, 0), 0.5},
		{rate("cosine", 10, 4, 0), 0},
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
	tr.state = state{Epoch: 1, BestScore: -1}
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
