package train

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"framewise/corpus/draw"
	"framewise/model/results"
	"framewise/model/score"
	"framewise/model/tensorboard"
	"framewise/model/weights"
)

// everything turns on all that a resumed run must remember.
func everything(c Config) Config {
	c.Network.Dropout, c.Network.Between, c.InputNoise, c.WeightNoise = 0.1, 0.1, 0.05, 0.02
	c.SpecAugment = SpecAugmentConfig{Policy: "none", FreqMasks: 1, FreqWidth: 2, TimeMasks: 1, TimeWidth: 6, TimeShare: 0.5}
	c.Accumulate, c.EMA, c.L2 = 3, 0.98, 1e-5
	c.Schedule = DefaultConfig().Schedule
	c.Schedule.Name, c.Schedule.Patience, c.Schedule.Threshold, c.Schedule.Warmup = "plateau", 1, 0.05, 0.2
	return c
}

// digest is the SHA-256 of a file's tensors, by name.
func digest(t *testing.T, dir, name string) string {
	t.Helper()
	f, err := weights.Read(filepath.Join(dir, name))
	if err != nil {
		t.Fatal(err)
	}
	h := sha256.New()
	for _, w := range f.Tensors {
		fmt.Fprintf(h, "%s %v\n", w.Name, w.Shape)
		for _, v := range w.Data {
			_ = binary.Write(h, binary.LittleEndian, math.Float32bits(v)) // a hash takes everything
		}
	}
	return fmt.Sprintf("%x", h.Sum(nil))
}

// metricLines are the lines of metrics.jsonl without what is measured by clocks.
func metricLines(t *testing.T, dir string) []string {
	t.Helper()
	b, err := os.ReadFile(filepath.Join(dir, results.MetricsFile))
	if err != nil {
		t.Fatal(err)
	}
	var lines []string
	for line := range bytes.Lines(b) {
		var e results.Epoch
		if err := json.Unmarshal(line, &e); err != nil {
			t.Fatalf("line %d of the metrics: %v", len(lines)+1, err)
		}
		e.Time, e.Seconds, e.FramesPerSec, e.IdleShare = "", 0, 0, 0
		same, err := json.Marshal(e)
		if err != nil {
			t.Fatal(err)
		}
		lines = append(lines, string(same))
	}
	return lines
}

// checkSameRun compares two finished run folders.
func checkSameRun(t *testing.T, what, want, got string) {
	t.Helper()
	for _, name := range []string{results.LastFile, results.WeightsFile, results.LinearFile} {
		if a, b := digest(t, want, name), digest(t, got, name); a != b {
			t.Errorf("%s: %s has SHA-256 %.12s, undisturbed %.12s", what, name, b, a)
		}
	}
	if a, b := metricLines(t, want), metricLines(t, got); !slices.Equal(a, b) {
		t.Errorf("%s: metrics %v, undisturbed %v", what, b, a)
	}
	run, err := results.ReadRun(filepath.Join(got, results.RunFile))
	if err != nil || !run.Finished {
		t.Errorf("%s: run %+v (%v)", what, run, err)
	}
	// The event file says what the metrics say, no epoch twice.
	epochs, err := results.ReadMetrics(filepath.Join(got, results.MetricsFile))
	if err != nil {
		t.Fatal(err)
	}
	events, err := os.ReadFile(filepath.Join(got, results.EventsFile))
	if err != nil {
		t.Fatal(err)
	}
	var expected []byte
	for _, e := range epochs {
		expected = tensorboard.Append(expected, &e)
	}
	if !bytes.HasSuffix(events, expected) || len(events)-len(expected) > 64 {
		t.Errorf("%s: the event file is not that of the metrics", what)
	}
}

// A process that is killed leaves its folder as it is at that moment. Training
// goes on from copies of the folder, taken at every moment that the loop
// reports, to the run that was never disturbed.
func TestKilledAnywhereResumesExactly(t *testing.T) {
	for _, loss := range []string{"frames", "ctc"} {
		c := everything(toyConfig(t, "blstm-late"))
		c.Loss.Name, c.Checkpoint, c.Epochs = loss, 2, 4
		if loss == "ctc" {
			c.Network.Layers, c.Epochs = 1, 3
		}
		train, dev := toy(20, 40, 1), toy(4, 40, 2)
		whole := t.TempDir()
		var copies []string
		var kinds []string
		pick := draw.New(11, "moments", loss, 0)
		moment := 0
		if _, err := runToy(t, context.Background(), c, train, dev, whole, func(o *Options) {
			o.Progress = func(p Progress) {
				if moment++; pick.IntN(moment, 2) > 0 {
					return
				}
				dir := filepath.Join(t.TempDir(), "copy")
				if err := os.CopyFS(dir, os.DirFS(whole)); err != nil {
					t.Fatal(err)
				}
				copies, kinds = append(copies, dir), append(kinds, p.Phase)
			}
		}); err != nil {
			t.Fatal(err)
		}
		if e := lastEpoch(t, whole); e.Epoch != c.Epochs || len(copies) < 8 || !slices.Contains(kinds, "train") || !slices.Contains(kinds, "dev") {
			t.Fatalf("%s: %d epochs, copies %v: the test shows little", loss, e.Epoch, kinds)
		}
		c.Checkpoint = 0 // fewer files to wait for
		for i, dir := range copies {
			if _, err := runToy(t, context.Background(), c, train, dev, dir, func(o *Options) { o.Resume = true }); err != nil {
				t.Fatal(err)
			}
			checkSameRun(t, fmt.Sprintf("%s, copy %d", loss, i), whole, dir)
		}
	}
}

// A line that was half written, and lines from after the checkpoint, are gone
// after resuming; without any checkpoint the run begins anew.
func TestResumeMendsTheMetrics(t *testing.T) {
	c := everything(toyConfig(t, "blstm-late"))
	c.Epochs = 3
	train, dev := toy(20, 40, 1), toy(4, 40, 2)
	whole := t.TempDir()
	if _, err := runToy(t, context.Background(), c, train, dev, whole, nil); err != nil {
		t.Fatal(err)
	}
	metrics, err := os.ReadFile(filepath.Join(whole, results.MetricsFile))
	if err != nil {
		t.Fatal(err)
	}
	for what, text := range map[string]string{"no checkpoint": string(metrics), "no checkpoint, half a line": string(metrics) + `{"epoch":4,`} {
		dir := t.TempDir()
		if err := os.CopyFS(dir, os.DirFS(whole)); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, results.MetricsFile), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		if err := os.Remove(filepath.Join(dir, results.LastFile)); err != nil {
			t.Fatal(err)
		}
		if _, err := runToy(t, context.Background(), c, train, dev, dir, func(o *Options) { o.Resume = true }); err != nil {
			t.Fatal(err)
		}
		checkSameRun(t, what, whole, dir)
	}
}

// A checkpoint whose phones were made by another rule is not gone on with where
// they are targets or choose the epoch; elsewhere it is.
func TestResumeRefusesOtherPhones(t *testing.T) {
	frames := toyConfig(t, "linear")
	frames.Epochs = 1
	per, ctc := frames, toyConfig(t, "blstm-late")
	per.EarlyStopping.By = "per"
	ctc.Loss.Name, ctc.Network.Layers, ctc.Epochs = "ctc", 1, 1
	for _, k := range []struct {
		what    string
		c       Config
		refused bool
	}{{"frames", frames, false}, {"frames, chosen by the PER", per, true}, {"ctc", ctc, true}} {
		train, dev, dir := toy(6, 40, 1), toy(2, 40, 2), t.TempDir()
		run, err := runToy(t, context.Background(), k.c, train, dev, dir, nil)
		if err != nil {
			t.Fatal(err)
		}
		if (run.PhoneRule == score.PhoneRule) != k.refused {
			t.Errorf("%s: run.json has the rule %d", k.what, run.PhoneRule)
		}
		resume := func(rule string) error {
			path := filepath.Join(dir, results.LastFile)
			f, err := weights.Read(path)
			if err != nil {
				t.Fatal(err)
			}
			f.Meta[stateKey] = phoneRuleOf.ReplaceAllString(f.Meta[stateKey], rule)
			if err := weights.Write(path, f); err != nil {
				t.Fatal(err)
			}
			_, err = runToy(t, context.Background(), k.c, train, dev, dir, func(o *Options) { o.Resume = true })
			return err
		}
		if err := resume("$0"); err != nil {
			t.Errorf("%s: the same rule: %v", k.what, err)
		}
		for _, rule := range []string{`,"phone_rule":3`, ""} {
			err := resume(rule)
			if k.refused != errors.Is(err, ErrOtherPhones) || !k.refused && err != nil {
				t.Errorf("%s, rule %q: %v", k.what, rule, err)
			}
			if k.refused && !strings.Contains(err.Error(), "another folder") {
				t.Errorf("%s, rule %q: no advice in %q", k.what, rule, err)
			}
		}
	}
}

// phoneRuleOf is the rule in a checkpoint's state.
var phoneRuleOf = regexp.MustCompile(`,"phone_rule":\d+`)

// Resuming writes a damaged run.json anew, as its error says, also of a run that
// is finished.
func TestResumeMendsRunFile(t *testing.T) {
	c := toyConfig(t, "linear")
	c.Epochs = 1
	train, dir := toy(4, 20, 1), t.TempDir()
	want, err := runToy(t, context.Background(), c, train, nil, dir, nil)
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(dir, results.RunFile)
	if err := os.WriteFile(path, nil, 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := results.ReadRun(path); !errors.Is(err, results.ErrDamaged) {
		t.Fatalf("an empty run.json: %v", err)
	}
	if _, err := runToy(t, context.Background(), c, train, nil, dir, func(o *Options) { o.Resume = true }); err != nil {
		t.Fatal(err)
	}
	got, err := results.ReadRun(path)
	if err != nil || !got.Finished || got.Best != want.Best || got.DatasetSHA256 != want.DatasetSHA256 || got.SecondsTraining != want.SecondsTraining {
		t.Errorf("run.json is %+v, want %+v (%v)", got, want, err)
	}
}
