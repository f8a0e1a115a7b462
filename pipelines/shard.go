package pipelines

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"sync"

	"framewise/augment"
	"framewise/corpus"
	"framewise/dataset"
)

// press makes shards. It knows nothing of Beam, and one of it may make several
// shards at a time.
type press struct {
	job      Job
	store    dataset.Store
	manifest *os.File // or its local copy
	counts   *counts
	features int
	sounds   map[string]*augment.Sounds // by effect

	mu       sync.Mutex
	makers   []*Maker    // idle ones, with their scratch space
	matrices [][]float32 // of examples that have been written
}

// newPress readies a process to make a job's shards.
func newPress(ctx context.Context, j Job) (*press, error) {
	first, err := NewMaker(j.Config, j.Rate, j.Labels)
	if err != nil {
		return nil, err
	}
	store, err := openStore(ctx, j.Out)
	if err != nil {
		return nil, err
	}
	f, err := openManifest(ctx, j.Manifest)
	if err != nil {
		return nil, err
	}
	slots.resize(j.Workers)
	sounds := j.Sounds.sounds(ctx)
	first.UseSounds(sounds)
	return &press{job: j, sounds: sounds, store: store, manifest: f, counts: countsOf(j.ID),
		features: first.Features(), makers: []*Maker{first}}, nil
}

func (p *press) close() error { return p.manifest.Close() }

// sheet is one shard in the making.
type sheet struct {
	press   *press
	split   string
	n, of   int
	recipes []augment.Recipe // in row order
}

// shard makes the shard with this number from its recipes, in whatever order
// they come, or finds that it stands already.
func (p *press) shard(ctx context.Context, number int, recipes []augment.Recipe) (r *dataset.ShardResult, kept bool, err error) {
	ctx, leave, err := p.counts.gate.enter(ctx)
	if err != nil {
		return nil, false, err
	}
	defer leave()
	s := &sheet{press: p, recipes: recipes}
	if s.split, s.n, s.of, err = p.job.place(number); err != nil {
		return nil, false, err
	}
	if err := p.job.check(number, recipes); err != nil {
		return nil, false, fmt.Errorf("shard %s: %w", dataset.ShardName(s.split, s.n, s.of), err)
	}
	sortRows(s.recipes)
	digest, err := s.digest()
	if err != nil {
		return nil, false, err
	}
	if r, err = dataset.StandingShard(ctx, p.store, s.split, s.n, s.of, digest); err != nil {
		return nil, false, err
	}
	if r != nil && s.stillRejected(ctx, r) {
		p.counts.examples.Add(int64(len(recipes)))
		p.counts.steps.Add(1)
		p.counts.kept.Add(1)
		return r, true, nil
	}
	r, err = s.make(ctx, digest)
	if err != nil {
		return nil, false, fmt.Errorf("make shard %s: %w", dataset.ShardName(s.split, s.n, s.of), err)
	}
	p.counts.made.Add(1)
	return r, false, nil
}

// sortRows puts recipes into the order of a shard's rows.
func sortRows(rs []augment.Recipe) {
	keys := make(map[string]uint64, len(rs))
	for _, r := range rs {
		keys[r.ID] = dataset.RowKey(r.ID)
	}
	slices.SortFunc(rs, func(a, b augment.Recipe) int {
		return cmp.Or(cmp.Compare(keys[a.ID], keys[b.ID]), strings.Compare(a.ID, b.ID))
	})
}

// utterance reads the manifest's line of a part. It is read whenever it is
// needed: a shard may hold all of a corpus, whose alignments weigh ten times as
// much as the recipes.
func (s *sheet) utterance(p augment.Part) (*corpus.Utterance, error) {
	return readLine(s.press.manifest, s.press.job.Manifest, p)
}

// digest hashes what determines the shard's bytes.
func (s *sheet) digest() (string, error) {
	j := &s.press.job
	place := dataset.Header{Split: s.split, Shard: s.n, Shards: s.of, LabelSet: j.Labels}
	return Digest(j.Config, j.Rate, place, s.recipes, s.utterance, s.press.sounds)
}

// Digest hashes what determines a shard's bytes: the configuration, the base
// rate in Hz, of the header its split, its number and the label set, and the
// recipes in row order with the utterances of their parts and the sounds, by
// effect, that these draw.
func Digest(c BuildConfig, rate int, h dataset.Header, recipes []augment.Recipe, utterance func(augment.Part) (*corpus.Utterance, error), sounds map[string]*augment.Sounds) (string, error) {
	dc := dataset.DigestConfig{AlgorithmVersion: algorithmVersion, Split: h.Split, Shard: h.Shard, Shards: h.Shards,
		Layout: c.Shard.Layout, Compression: c.Shard.Compression, DType: c.Shard.DType, SampleRate: rate,
		LabelSet: h.LabelSet, Features: c.Features}
	if c.Augment.Augments(h.Split) {
		a := byPart(c.Augment)
		a.Splits = nil // this one is among them; which others are is nothing to it
		dc.Seed, dc.Augment = c.Seed, a
	}
	d, err := dataset.NewDigest(dc)
	if err != nil {
		return "", err
	}
	for _, r := range recipes {
		d.Example(r.ID, string(r.Variant), len(r.Parts))
		for _, part := range r.Parts {
			u, err := utterance(part)
			if err != nil {
				return "", err
			}
			d.Part(u, part.Gap)
			for _, sound := range c.Augment.DrawnSounds(c.Seed, part.Utterance, r.Variant, sounds) {
				d.Part(sound, 0)
			}
		}
	}
	return d.Sum(), nil
}

// stillRejected says whether the recordings that a standing shard lacks are as
// bad as they were, to the word: once one is mended, or damaged otherwise, the
// shard and its rejects have to be made again.
func (s *sheet) stillRejected(ctx context.Context, r *dataset.ShardResult) bool {
	bad := map[string]dataset.Reject{}
	for _, rej := range r.Rejects {
		// What later stages reject follows from audio that the digest covers.
		if rej.Kind == dataset.RejectUtterance && rej.Stage == stageRead {
			bad[rej.ID] = rej
		}
	}
	for _, r := range s.recipes {
		for _, part := range r.Parts {
			rej, ok := bad[part.Utterance]
			if !ok {
				continue
			}
			delete(bad, part.Utterance)
			u, err := s.utterance(part)
			if err == nil {
				_, err = LoadSource(ctx, s.press.job.Manifest, u)
			}
			if p := (*corpus.Problem)(nil); !errors.As(err, &p) || rejectOf(u, p) != rej {
				return false
			}
		}
	}
	return true
}

// make writes the shard: rows in order, made in parallel.
func (s *sheet) make(ctx context.Context, digest string) (*dataset.ShardResult, error) {
	p := s.press
	h := dataset.Header{Split: s.split, Shard: s.n, Shards: s.of, LabelSet: p.job.Labels, Features: p.job.Config.Features,
		F: p.features, Digest: digest}
	w, err := dataset.CreateShard(ctx, p.store, h, p.job.Config.Shard)
	if err != nil {
		return nil, err
	}
	var rejects []dataset.Reject
	err = s.makeRows(ctx, func(o outcome) error {
		p.counts.examples.Add(1)
		p.counts.steps.Add(1)
		if o.example == nil {
			rejects = append(rejects, o.rejects...)
			return nil
		}
		err := w.Write(o.example)
		p.reuse(o.example)
		return err
	})
	if err != nil {
		return nil, errors.Join(err, w.Abort())
	}
	return w.Commit(ctx, rejects)
}

// makeRows makes the shard's examples, several at a time, and gives them to
// row one by one in their order. Beyond the ones that are being made, no more
// than two for every worker wait for their turn.
func (s *sheet) makeRows(ctx context.Context, row func(outcome) error) error {
	ctx, cancel := context.WithCancel(ctx)
	queue := make(chan chan outcome, 2*max(s.press.job.Workers, 1))
	var working sync.WaitGroup
	defer working.Wait()
	defer cancel()
	working.Go(func() {
		defer close(queue)
		for _, r := range s.recipes {
			done := make(chan outcome, 1)
			select {
			case queue <- done:
			case <-ctx.Done():
				return
			}
			slots.acquire()
			working.Go(func() {
				defer slots.release()
				done <- s.makeOne(ctx, r)
			})
		}
	})
	for done := range queue {
		o := <-done
		if o.err != nil {
			return o.err
		}
		if err := row(o); err != nil {
			return err
		}
	}
	return ctx.Err()
}

// makeOne makes one example with an idle maker.
func (s *sheet) makeOne(ctx context.Context, r augment.Recipe) outcome {
	if err := ctx.Err(); err != nil {
		return outcome{err: err}
	}
	m, err := s.press.maker()
	if err != nil {
		return outcome{err: err}
	}
	defer s.press.idle(m)
	return m.try(ctx, r, s.utterance, s.press.job.Manifest)
}

// maker takes an idle maker, or makes one more, and gives it a matrix to fill.
func (p *press) maker() (*Maker, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	var m *Maker
	if n := len(p.makers); n > 0 {
		m, p.makers = p.makers[n-1], p.makers[:n-1]
	} else {
		var err error
		if m, err = NewMaker(p.job.Config, p.job.Rate, p.job.Labels); err != nil {
			return nil, err
		}
		m.UseSounds(p.sounds)
	}
	if n := len(p.matrices); n > 0 && m.matrix == nil {
		m.matrix, p.matrices = p.matrices[n-1], p.matrices[:n-1]
	}
	return m, nil
}

func (p *press) idle(m *Maker) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.makers = append(p.makers, m)
}

// reuse takes back the matrix of an example that has been written. There are
// no more of them than examples that have waited for their turn at once.
func (p *press) reuse(ex *dataset.Example) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if spare := kept(ex.Features); spare != nil {
		p.matrices = append(p.matrices, spare)
	}
	ex.Features = nil
}
