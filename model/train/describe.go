package train

import (
	"encoding/json"
	"errors"
	"fmt"
	"path/filepath"
	"runtime"
	"time"

	"framewise/model"
	"framewise/model/gemm"
	"framewise/model/nn"
	"framewise/model/results"
	"framewise/model/weights"
	"framewise/transforms/isa"

	"go.yaml.in/yaml/v3"
)

// describe fills in what run.json says of a run from its beginning; skipped are
// the ids of the examples that are too short.
func (t *trainer) describe(m *material, opt Options, net *model.Network, skipped []string) {
	level, _ := isa.Choose() // what is wrong with the setting, doctor says
	t.run = results.Run{Created: time.Now().UTC().Format(time.RFC3339), Framewise: opt.Version, Go: runtime.Version(),
		Platform: runtime.GOOS + "/" + runtime.GOARCH, Seed: t.cfg.Seed, Dataset: opt.Data,
		DatasetSHA256: m.checksum, LabelSet: m.labels.Name, Folding: t.fold.Name, FoldingDigest: t.fold.Digest(),
		Loss: t.cfg.Loss.Name, PhoneRule: t.cfg.phoneRule(), Labels: t.fold.Labels, Silence: t.fold.Silence, Majority: t.fold.Labels[m.majority(t.fold)],
		Parameters: net.Parameters(), MACsPerFrame: net.MACsPerFrame(), GEMM: gemm.Backend(), VectorUnit: level.String(), Threads: nn.Threads(),
		TrainExamples: len(t.items), Skipped: skipped, Selection: "last-epoch"}
	for _, p := range net.Params() {
		t.run.Layers = append(t.run.Layers, results.Layer{Name: p.Name, Rows: p.Rows, Cols: p.Cols, Parameters: p.Rows * p.Cols, MACsPerFrame: p.MACsPerFrame()})
	}
	for _, it := range t.items {
		t.run.TrainFrames += int64(it.frames)
	}
}

// writeDescription writes what evaluation, prediction and reports need to know
// of a run.
func (t *trainer) writeDescription(m *material) error {
	b, err := yaml.Marshal(t.cfg)
	if err != nil {
		return fmt.Errorf("write config: %w", err)
	}
	return errors.Join(
		weights.WriteFile(filepath.Join(t.out, results.ConfigFile), b),
		writeJSON(filepath.Join(t.out, results.FrontendFile), m.front),
		writeJSON(filepath.Join(t.out, results.RunFile), t.run))
}

func writeJSON(path string, v any) error {
	b, err := json.MarshalIndent(v, "", "  ")
	if err != nil {
		return fmt.Errorf("write %q: %w", path, err)
	}
	return weights.WriteFile(path, append(b, '\n'))
}
