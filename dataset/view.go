package dataset

import (
	"fmt"
	"slices"
	"sync"

	"framewise/transforms"
)

// The kinds of CMVN.
const (
	CMVNNone      = "none"
	CMVNUtterance = "utterance" // by the mean and variance of the example itself
	CMVNSpeaker   = "speaker"   // part by part, by those of the part's speaker and variant
	CMVNGlobal    = "global"    // by those of train
)

// varianceFloor is the least variance that CMVN divides by.
const varianceFloor = 1e-8

// ViewConfig says how features are presented. The zero value is the features
// as they are stored.
type ViewConfig struct {
	CMVN     string            // none (or ""), utterance, speaker, global
	Deltas   int               // 0, 1 (with first derivatives) or 2 (and second)
	Channels bool              // [1+Deltas, T, F] in place of [T, F*(1+Deltas)]: with Deltas 2 the three channels of an image
	Global   *transforms.Stats // for CMVN global; nil: the dataset's GlobalStats
	Split    string            // for CMVN speaker: whose sums; "": those of all splits together
}

// View turns stored features into a network's input: CMVN, then deltas, then
// the layout. It may be used by many goroutines at once.
type View struct {
	cfg      ViewConfig
	f        int
	global   normalizer
	speakers map[[2]string]normalizer // by speaker and variant
	scratch  sync.Pool                // of *[]float32
}

type normalizer struct{ mean, invStd []float32 } // [F] each

func newNormalizer(s transforms.Stats) normalizer {
	mean, invStd := s.Normalizer(varianceFloor)
	return normalizer{mean, invStd}
}

func (n normalizer) apply(x []float32, f int) {
	transforms.ApplyCMVN(x, len(x)/f, f, n.mean, n.invStd)
}

// View makes a view of the dataset's examples.
func (d *Dataset) View(cfg ViewConfig) (*View, error) {
	if cfg.CMVN == CMVNGlobal && cfg.Global == nil {
		g := d.GlobalStats()
		cfg.Global = &g
	}
	if cfg.Split != "" && d.Manifest.Split(cfg.Split) == nil {
		return nil, fmt.Errorf("view: the dataset has no split %q, it has %v", cfg.Split, d.SplitNames())
	}
	return NewView(cfg, d.Manifest.FeatureDim, d.Manifest.CMVN)
}

// NewView makes a view of features F wide that need not come from a dataset.
// CMVN speaker looks (speaker, variant) up in sums; what is not found there is
// normalized by itself.
func NewView(cfg ViewConfig, f int, sums []CMVN) (*View, error) {
	if cfg.CMVN == "" {
		cfg.CMVN = CMVNNone
	}
	if kinds := []string{CMVNNone, CMVNUtterance, CMVNSpeaker, CMVNGlobal}; !slices.Contains(kinds, cfg.CMVN) {
		return nil, fmt.Errorf("view: cmvn %q, want one of %v", cfg.CMVN, kinds)
	}
	if cfg.Deltas < 0 || cfg.Deltas > 2 {
		return nil, fmt.Errorf("view: deltas %d, want 0, 1 or 2", cfg.Deltas)
	}
	if f < 1 {
		return nil, fmt.Errorf("view: feature width %d, want > 0", f)
	}
	v := &View{cfg: cfg, f: f}
	v.scratch.New = func() any { return new([]float32) }
	switch cfg.CMVN {
	case CMVNGlobal:
		if cfg.Global == nil || cfg.Global.Frames < 1 || len(cfg.Global.Sum) != f || len(cfg.Global.SumSq) != f {
			return nil, fmt.Errorf("view: cmvn global needs the statistics of some frames of width %d: is there a train split?", f)
		}
		v.global = newNormalizer(*cfg.Global)
	case CMVNSpeaker:
		if err := v.setSpeakers(sums); err != nil {
			return nil, err
		}
	}
	return v, nil
}

func (v *View) setSpeakers(sums []CMVN) error {
	stats := map[[2]string]*transforms.Stats{}
	for i := range sums {
		c := &sums[i]
		if v.cfg.Split != "" && c.Split != v.cfg.Split {
			continue
		}
		key := [2]string{c.Speaker, c.Variant}
		if stats[key] == nil {
			stats[key] = &transforms.Stats{}
		}
		if err := stats[key].Merge(c.Stats); err != nil || len(c.Sum) != v.f {
			return fmt.Errorf("view: cmvn sums of speaker %q are %d wide, want %d", c.Speaker, len(c.Sum), v.f)
		}
	}
	v.speakers = make(map[[2]string]normalizer, len(stats))
	for key, s := range stats {
		v.speakers[key] = newNormalizer(*s)
	}
	return nil
}

// Dim is the number of values a frame: F*(1+Deltas).
func (v *View) Dim() int { return v.f * (1 + v.cfg.Deltas) }

// Apply writes the view of an example into dst and returns it with its length
// set to T*Dim; a dst without that capacity is replaced. The layout is
// [T, F*(1+Deltas)], a frame's statics before its deltas, or with Channels
// [1+Deltas, T, F]. The example is not changed. Apply panics if the example's
// features are not T*F, as no example that was read from a shard is.
func (v *View) Apply(dst []float32, ex *Example) []float32 {
	t, n := int(ex.NumFrames), int(ex.NumFrames)*v.f
	if len(ex.Features) != n {
		panic(fmt.Sprintf("dataset: view of %d values, want %d frames of %d", len(ex.Features), t, v.f))
	}
	dst = resize(dst, n*(1+v.cfg.Deltas))
	if v.cfg.Deltas == 0 || v.cfg.Channels {
		v.planes(dst, ex)
		return dst
	}
	buf := v.scratch.Get().(*[]float32)
	*buf = resize(*buf, len(dst))
	v.planes(*buf, ex)
	d := v.Dim()
	for k := range 1 + v.cfg.Deltas {
		plane := (*buf)[k*n : (k+1)*n]
		for i := range t {
			copy(dst[i*d+k*v.f:], plane[i*v.f:(i+1)*v.f])
		}
	}
	v.scratch.Put(buf)
	return dst
}

// planes writes statics, deltas and delta-deltas one after the other, [1+Deltas, T, F].
func (v *View) planes(dst []float32, ex *Example) {
	n := copy(dst, ex.Features)
	v.normalize(dst[:n], ex.Parts)
	for k := range v.cfg.Deltas {
		transforms.Deltas(dst[(k+1)*n:(k+2)*n], dst[k*n:(k+1)*n], n/v.f, v.f)
	}
}

// normalize applies CMVN to x [T, F] in place.
func (v *View) normalize(x []float32, parts []Part) {
	switch v.cfg.CMVN {
	case CMVNUtterance:
		v.own(x)
	case CMVNGlobal:
		v.global.apply(x, v.f)
	case CMVNSpeaker:
		// A part's frames run up to the next part's, so a gap is normalized
		// with the part before it.
		for i := range parts {
			p := &parts[i]
			rows := x[int(p.BeginFrame)*v.f : int(p.BeginFrame+p.NumFrames)*v.f]
			if norm, ok := v.speakers[[2]string{p.Speaker, p.Variant}]; ok {
				norm.apply(rows, v.f)
			} else {
				v.own(rows)
			}
		}
	}
}

// own normalizes rows by their own mean and variance.
func (v *View) own(rows []float32) {
	if len(rows) == 0 {
		return
	}
	var s transforms.Stats
	// The only error is a width that does not divide the rows, which Apply excludes.
	_ = s.Add(rows, v.f)
	newNormalizer(s).apply(rows, v.f)
}

func resize(s []float32, n int) []float32 {
	if cap(s) < n {
		return make([]float32, n)
	}
	return s[:n]
}
