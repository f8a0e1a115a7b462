package train

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"regexp"
	"slices"

	"framewise/corpus"
	"framewise/dataset"
	"framewise/model"
	"framewise/model/results"
	"framewise/model/score"
)

// evalFrames is the budget of a batch that trains nothing.
const evalFrames = 4800

// DefaultMinFrames is the shortest phone, in frames, that survives when frames
// are collapsed into a sequence: 30 ms at the usual frame shift.
const DefaultMinFrames = 3

// EvalOptions are what Evaluate needs to know.
type EvalOptions struct {
	Run                  string // run folder
	Data                 string // folder of the dataset
	Split                string // "" = test
	MinFrames            int    // for the phone error rate; 0 = DefaultMinFrames
	CheckBatchInvariance bool
	Progress             func(done, total int64) // frames; may be nil
}

// Evaluate scores a run on the unaugmented examples of a split, and writes the
// result to eval-<split>.json in the run folder.
//
// The phone error rate compares the frames' best classes, collapsed, with the
// examples' phone sequences; both are folded to 39 classes for timit61
// (silences stay, q is left out) and left as trained on for other label sets,
// and equal neighbors count as one. A run trained with CTC is heard by its best
// path instead; the class of a frame is then the likeliest besides the blank.
func Evaluate(ctx context.Context, opt EvalOptions) (res *results.Eval, err error) {
	if opt.Split == "" {
		opt.Split = corpus.Test
	}
	t, err := loadTrained(opt.Run)
	if err != nil {
		return nil, err
	}
	d, err := dataset.OpenContext(ctx, opt.Data)
	if err != nil {
		return nil, err
	}
	view, err := t.front.view(d.Manifest.CMVN)
	if err != nil {
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

// tally gathers the scores of a split.
type tally struct {
	all      *score.Confusion
	linear   *score.Confusion
	speakers map[string]*score.Confusion
	groups   map[string]*score.Confusion
	phones   *phoneScorer
	edits    score.Edits
	examples int
}

func (t *trained) evaluate(ctx context.Context, src source, view viewer, set *corpus.LabelSet, opt EvalOptions) (*results.Eval, error) {
	fold, err := t.folding(set)
	if err != nil {
		return nil, err
	}
	k := len(fold.Labels)
	y := &tally{all: score.NewConfusion(k), linear: score.NewConfusion(k),
		speakers: map[string]*score.Confusion{}, groups: map[string]*score.Confusion{}}
	if y.phones, err = newPhoneScorer(set, fold, opt.MinFrames); err != nil {
		return nil, err
	}
	r := &reader{src: src, view: view, fold: fold, ctc: t.cfg.Loss.CTC(), inputs: t.net.Inputs()}
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
	res.Split, res.Skipped = opt.Split, skipped
	if opt.CheckBatchInvariance {
		if res.BatchInvariance, err = t.batchInvariance(ctx, r, fit); err != nil {
			return nil, err
		}
	}
	return res, nil
}

// groupOf names groups of examples that are scored apart: TIMIT's SI sentences
// are read by one speaker each, so that no text of them is in two splits.
var groupOf = map[string]*regexp.Regexp{"si": regexp.MustCompile(`(?i)(^|/)SI[0-9]+$`)}

func (y *tally) add(s *scored) error {
	y.examples++
	into := []*score.Confusion{y.all, confusionOf(y.speakers, s.ex.Speaker, len(y.all.Counts))}
	for name, ids := range groupOf {
		if ids.MatchString(s.ex.ID) {
			into = append(into, confusionOf(y.groups, name, len(y.all.Counts)))
		}
	}
	for i, label := range s.labels {
		for _, c := range into {
			c.Add(label, s.best[i])
		}
		if s.linear != nil {
			y.linear.Add(label, s.linear[i])
		}
	}
	y.edits.Add(y.phones.edits(s))
	return nil
}

func confusionOf(m map[string]*score.Confusion, key string, classes int) *score.Confusion {
	if m[key] == nil {
		m[key] = score.NewConfusion(classes)
	}
	return m[key]
}

func (y *tally) result(t *trained, fold *corpus.Folding) *results.Eval {
	e := &results.Eval{LabelSet: t.run.LabelSet, Loss: t.cfg.Loss.Name, Folding: fold.Name, Examples: y.examples,
		Frames: y.all.Frames(), FramesIgnored: y.all.Ignored, FrameAccuracy: y.all.Accuracy(),
		MajorityAccuracy: y.all.ClassAccuracy(max(0, slices.Index(fold.Labels, t.run.Majority))),
		PERFolding:       y.phones.to.Name, PerSpeaker: scores(y.speakers), Groups: scores(y.groups),
		PerLabel: map[string]results.LabelScore{}, Labels: fold.Labels, Confusion: y.all.Counts}
	if t.linear != nil {
		v := y.linear.Accuracy()
		e.LinearAccuracy = &v
	}
	if per, ok := y.edits.Rate(); ok {
		e.PER = &per
	}
	for i, label := range fold.Labels {
		c := y.all.Class(i)
		e.PerLabel[label] = results.LabelScore{Frames: c.Frames, Recall: c.Recall, Precision: c.Precision, F1: c.F1}
	}
	return e
}

func scores(m map[string]*score.Confusion) map[string]results.ScoreCount {
	s := make(map[string]results.ScoreCount, len(m))
	for key, c := range m {
		s[key] = results.ScoreCount{Frames: c.Frames(), FrameAccuracy: c.Accuracy()}
	}
	return s
}

// invarianceTolerance is how far a posterior may be from itself in another
// batch. Sums are made in one order whatever the batch, so the difference
// should be 0; rounding of another kernel for another shape would stay below.
const invarianceTolerance = 1e-5

// invarianceExamples is how many examples the check looks at.
const invarianceExamples = 64

// batchInvariance compares the posteriors of examples alone with those in
// batches of the most different lengths.
func (t *trained) batchInvariance(ctx context.Context, r *reader, fit []item) (*results.BatchInvariance, error) {
	fit = fit[:min(len(fit), invarianceExamples)]
	out := &results.BatchInvariance{Examples: len(fit), Tolerance: invarianceTolerance}
	alone := make([][]float32, len(fit))
	var b model.Batch
	run := func(some []item, use func(j int, p *model.Posteriors)) error {
		if err := ctx.Err(); err != nil {
			return err
		}
		indices := make([]int, len(some))
		for j, it := range some {
			indices[j] = it.index
		}
		if _, err := r.load(&b, indices, 0); err != nil {
			return err
		}
		p, err := t.net.Forward(&b)
		if err != nil {
			return err
		}
		for j := range some {
			use(j, p)
		}
		return nil
	}
	for i := range fit {
		err := run(fit[i:i+1], func(_ int, p *model.Posteriors) { alone[i] = slices.Clone(p.P[:p.T*p.B*p.K]) })
		if err != nil {
			return nil, err
		}
	}
	const together = 8
	for i := 0; i < len(fit); i += together {
		err := run(fit[i:min(i+together, len(fit))], func(j int, p *model.Posteriors) {
			for x, v := range alone[i+j] {
				d := float64(v) - float64(p.Row(x/p.K, j)[x%p.K])
				out.MaxDifference = max(out.MaxDifference, max(d, -d))
			}
		})
		if err != nil {
			return nil, err
		}
	}
	out.Holds = out.MaxDifference <= out.Tolerance
	return out, nil
}
