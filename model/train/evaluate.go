package train

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"

	"framewise/corpus"
	"framewise/dataset"
	"framewise/model/decode"
	"framewise/model/results"
)

// evalFrames is the budget of a batch that trains nothing.
const evalFrames = 4800

// EvalOptions are what Evaluate needs to know.
type EvalOptions struct {
	Run                  string         // run folder
	Data                 string         // folder of the dataset
	Split                string         // "" = test
	Decode               *decode.Config // nil = as the run's configuration says
	CheckBatchInvariance bool
	Progress             func(done, total int64) // frames; may be nil
}

// Evaluate scores a run on the unaugmented examples of a split, and writes the
// result to eval-<split>.json in the run folder.
//
// The phone error rate compares what is decoded with the examples' phone
// sequences, both by the rule of score.Phones: folded to 39 classes for timit61
// and as trained on for other label sets. Greedy decoding folds the frames' best
// classes and collapses them, or takes CTC's best path. Frame accuracy is of the
// likeliest class of a frame whatever the decoding, with CTC the likeliest
// besides the blank. All scores are defined in docs/scoring.md.
func Evaluate(ctx context.Context, opt EvalOptions) (res *results.Eval, err error) {
	if opt.Split == "" {
		opt.Split = corpus.Test
	}
	t, err := loadTrained(opt.Run)
	if err != nil {
		return nil, err
	}
	d, err := dataset.Open(ctx, opt.Data)
	if err != nil {
		return nil, err
	}
	view, err := t.front.view(d.Manifest.CMVN)
	if err != nil {
		return nil, fmt.Errorf("evaluate on %q: %w", opt.Data, err)
	}
	if err := t.front.check(d.Manifest); err != nil {
		return nil, fmt.Errorf("evaluate on %q: %w", opt.Data, err)
	}
	if d.Manifest.FeatureDim != t.front.F {
		return nil, fmt.Errorf("evaluate on %q: features are %d wide, the run was trained on %d", opt.Data, d.Manifest.FeatureDim, t.front.F)
	}
	split, err := d.Split(opt.Split)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, split.Close()) }()
	res, err = t.evaluate(ctx, split, view, d.Manifest.LabelSet, opt)
	if err != nil {
		return nil, fmt.Errorf("evaluate on %q: %w", opt.Data, err)
	}
	return res, writeJSON(filepath.Join(opt.Run, fmt.Sprintf(results.EvalFileName, opt.Split)), res)
}

func (t *trained) evaluate(ctx context.Context, src source, view viewer, set *corpus.LabelSet, opt EvalOptions) (*results.Eval, error) {
	fold, err := t.folding(set)
	if err != nil {
		return nil, err
	}
	d, err := t.decoder(opt.Decode)
	if err != nil {
		return nil, err
	}
	y, err := newTally(t, set, fold, d)
	if err != nil {
		return nil, err
	}
	r := &reader{src: src, view: view, fold: fold, ctc: t.cfg.Loss.CTC(), inputs: t.net.Inputs(), decoder: d}
	fit, skipped := items(src, t.net, true)
	if len(fit) == 0 {
		return nil, fmt.Errorf("split %s has no unaugmented example to score", opt.Split)
	}
	var done, total int64
	for _, it := range fit {
		total += int64(it.frames)
	}
	tick := func(frames int) {
		done += int64(frames)
		if opt.Progress != nil {
			opt.Progress(done, total)
		}
	}
	if err := r.pass(ctx, t.net, t.linear, planSorted(fit, evalFrames), tick, y.add); err != nil {
		return nil, err
	}
	res := y.result(t, fold)
	res.Split, res.Skipped, res.Decode = opt.Split, skipped, d.cfg
	if opt.CheckBatchInvariance {
		if res.BatchInvariance, err = t.batchInvariance(ctx, r, fit); err != nil {
			return nil, err
		}
	}
	return res, nil
}
