package train

import (
	"encoding/json"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"

	"framewise/internal/fuzzing"
	"framewise/model"
	"framewise/model/results"
	"framewise/model/weights"
	"framewise/transforms"
)

// FuzzConfig: what a train.yaml says and Validate allows is the same after it
// was written; what is refused is refused by the name of the file.
func FuzzConfig(f *testing.F) {
	text, err := yaml.Marshal(DefaultConfig())
	if err != nil {
		f.Fatal(err)
	}
	f.Add(text)
	f.Add([]byte("preset: post\nconv: {filters: 8}\nbatch: {utterances: 1}\nloss: {name: ctc}\nbackward: aligned\n"))
	f.Add([]byte("hidden: &a 3\nlayers: *a\nhiden: 3\n"))
	f.Add([]byte("a: &a [*a]\nl2: .nan\nbatch: &b\n  frames: 1\noptimizer: *b\n"))
	file := filepath.Join(f.TempDir(), "train.yaml")
	read := func(t *testing.T, text []byte) (Config, error) {
		fuzzing.Overwrite(t, file, text)
		return ReadConfig(file)
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		c, err := read(t, text)
		if err != nil {
			if !strings.Contains(err.Error(), "train.yaml") {
				t.Fatalf("the error does not name the file: %v", err)
			}
			return
		}
		if c.Validate() != nil {
			return
		}
		if text, err = yaml.Marshal(c); err != nil {
			t.Fatal(err)
		}
		if again, err := read(t, text); err != nil || again != c {
			t.Fatalf("%+v came back as %+v, %v\n%s", c, again, err, text)
		}
	})
}

// FuzzState: a checkpoint's state is the same after it was written, and counts
// with nothing below 0.
func FuzzState(f *testing.F) {
	text, err := json.Marshal(state{Epoch: 3, Batch: 7, Step: 40, Sums: sums{Loss: 0.1, Terms: 9}, Dataset: "ab"})
	if err != nil {
		f.Fatal(err)
	}
	f.Add(string(text))
	f.Add(`{"epoch":1,"batch":-1}`)
	f.Add(`{"epoch":0}`)
	f.Add(`{"epoch":9223372036854775808}`)
	f.Fuzz(func(t *testing.T, text string) {
		s, err := readState(text)
		if err != nil {
			return
		}
		if s.Epoch < 1 || s.Batch < 0 || s.Step < 0 || s.Steps < 0 || s.Drops < 0 {
			t.Fatalf("accepted %+v", s)
		}
		out, err := json.Marshal(s)
		if err != nil {
			t.Fatal(err)
		}
		if again, err := readState(string(out)); err != nil || !reflect.DeepEqual(again, s) {
			t.Fatalf("%+v came back as %+v, %v", s, again, err)
		}
	})
}

// smallRun leaves a run folder with an untrained network of 4 classes.
func smallRun(tb testing.TB, dir string) (config, run, front []byte) {
	tb.Helper()
	cfg := DefaultConfig()
	cfg.Network.Hidden, cfg.Network.Layers, cfg.Baseline = 3, 1, "none"
	features, err := transforms.Preset("psf-logfbank")
	if err != nil {
		tb.Fatal(err)
	}
	features.NumFilters = 5
	net, err := model.New(cfg.Network, 5, 4, 1)
	if err != nil {
		tb.Fatal(err)
	}
	if err := weights.Write(filepath.Join(dir, results.WeightsFile), weights.File{Tensors: net.Tensors("")}); err != nil {
		tb.Fatal(err)
	}
	if config, err = yaml.Marshal(cfg); err != nil {
		tb.Fatal(err)
	}
	if run, err = json.Marshal(results.Run{Labels: []string{"a", "b", "c", "d"}, LabelSet: "x", Folding: "none"}); err != nil {
		tb.Fatal(err)
	}
	if front, err = json.Marshal(Frontend{SampleRate: 8000, Features: features, F: 5, CMVN: "utterance", Deltas: cfg.Network.Deltas}); err != nil {
		tb.Fatal(err)
	}
	return config, run, front
}

// FuzzRunFolder: whatever the files of a run folder say beside its weights, it
// is loaded and predicts, or is refused with its name; and what they claim of
// the network's size takes no memory that the weights do not have.
func FuzzRunFolder(f *testing.F) {
	dir := f.TempDir()
	config, run, front := smallRun(f, dir)
	f.Add(config, run, front)
	f.Add([]byte(strings.Replace(string(config), "hidden: 3", "hidden: 4096", 1)), run, front)
	f.Add(config, []byte(`{"labels":["a"]}`), front)
	f.Add(config, run, []byte(strings.Replace(string(front), `"f":5`, `"f":1000000000`, 1)))
	f.Add(config, run, []byte(strings.Replace(string(front), `"deltas":2`, `"deltas":1`, 1)))
	f.Add([]byte(strings.Replace(string(config), "threads: 0", "threads: 1000000", 1)), run, front)
	samples := make([]float32, 800)
	for i := range samples {
		samples[i] = float32(i*i%97) - 48
	}
	f.Fuzz(func(t *testing.T, config, run, front []byte) {
		for name, b := range map[string][]byte{results.ConfigFile: config, results.RunFile: run, results.FrontendFile: front} {
			fuzzing.Overwrite(t, filepath.Join(dir, name), b)
		}
		var p *Predictor
		var err error
		fuzzing.Allocations(t, 32<<20, func() { p, err = LoadPredictor(dir, nil) }) // the network has 4000 weights
		if err != nil {
			if !strings.Contains(err.Error(), dir) {
				t.Fatalf("the error does not name the folder: %v", err)
			}
			return
		}
		got, err := p.Predict(samples, 8000)
		if err != nil {
			return
		}
		end := int64(0)
		for _, s := range got.Segments {
			if s.Begin != end || s.End <= s.Begin {
				t.Fatalf("segments %v", got.Segments)
			}
			end = s.End
		}
		if len(got.Posteriors) != len(got.Frames)*len(got.Labels) || end != int64(len(samples)) {
			t.Fatalf("%d frames, %d labels, %d posteriors, segments to %d", len(got.Frames), len(got.Labels), len(got.Posteriors), end)
		}
	})
}
