package train

import (
	"encoding/json"
	"fmt"
	"path/filepath"

	"framewise/corpus"
	"framewise/corpus/files"
	"framewise/model"
	"framewise/model/gemm"
	"framewise/model/nn"
	"framewise/model/results"
	"framewise/model/weights"
)

// trained is what a run folder holds, ready to be asked.
type trained struct {
	dir    string
	cfg    Config
	run    *results.Run
	front  Frontend
	net    *model.Network
	linear *model.Network // nil if the run has no baseline
}

// loadTrained reads a run folder. The weights are those of the best epoch so
// far; the run need not be finished.
func loadTrained(dir string) (*trained, error) {
	run, err := results.ReadRun(filepath.Join(dir, results.RunFile))
	if err != nil {
		return nil, fmt.Errorf("load run %q: %w", dir, err)
	}
	t := &trained{dir: dir, run: run}
	if t.cfg, err = ReadConfig(filepath.Join(dir, results.ConfigFile)); err != nil {
		return nil, fmt.Errorf("load run %q: %w", dir, err)
	}
	b, err := files.ReadRegular(filepath.Join(dir, results.FrontendFile))
	if err == nil {
		err = json.Unmarshal(b, &t.front)
	}
	if err != nil {
		return nil, fmt.Errorf("load run %q: front end: %w", dir, err)
	}
	nn.SetThreads(threads(t.cfg.Threads))
	if err := gemm.Use(gemm.Own); err != nil { // training in this process may have chosen a library
		return nil, fmt.Errorf("load run %q: %w", dir, err)
	}
	if t.net, err = loadNetwork(filepath.Join(dir, results.WeightsFile), t.cfg.Network, t.front.F, t.cfg.Loss.Outputs(len(run.Labels))); err != nil {
		return nil, fmt.Errorf("load run %q: %w", dir, err)
	}
	if t.cfg.Baseline == "linear" {
		cfg, err := model.Preset("linear")
		if err != nil {
			return nil, err
		}
		cfg.Deltas = t.cfg.Network.Deltas
		if t.linear, err = loadNetwork(filepath.Join(dir, results.LinearFile), cfg, t.front.F, len(run.Labels)); err != nil {
			return nil, fmt.Errorf("load run %q: %w", dir, err)
		}
	}
	return t, nil
}

func loadNetwork(path string, cfg model.Config, f, k int) (*model.Network, error) {
	file, err := weights.Read(path)
	if err != nil {
		return nil, err
	}
	return model.Restore(cfg, f, k, file, "")
}

// folding is the run's folding of a label set, checked against what it was
// trained with.
func (t *trained) folding(set *corpus.LabelSet) (*corpus.Folding, error) {
	if set == nil {
		return nil, fmt.Errorf("the dataset has no frame labels")
	}
	if set.Name != t.run.LabelSet {
		return nil, fmt.Errorf("the dataset's labels are %q, the run was trained on %q", set.Name, t.run.LabelSet)
	}
	fold, err := set.Fold(t.run.Folding)
	if err != nil {
		return nil, err
	}
	if d := fold.Digest(); d != t.run.FoldingDigest {
		return nil, fmt.Errorf("the folding %q of %q has the digest %.12s, the run was trained with %.12s", fold.Name, set.Name, d, t.run.FoldingDigest)
	}
	return fold, nil
}
