package decode

import (
	"fmt"
	"math"
	"slices"
)

// BeamOptions are what a prefix beam search needs to know.
type BeamOptions struct {
	Classes      int     // K, the blank among them
	Blank        int     // class of the blank: usually the first or the last
	Width        int     // prefixes that are kept from frame to frame
	Bigram       *Bigram // of the classes without the blank, in their order; may be nil
	BigramWeight float64 // of its log-probabilities
	Insertion    float64 // added for every label: above 0 favors more of them
}

// Hypothesis is what an utterance may say.
type Hypothesis struct {
	Classes []int
	Score   float64 // CTC + Extra
	CTC     float64 // log of the sum over the paths that say it and were kept
	Extra   float64 // weighted log-probability of the bigram, and insertions
}

// Beam is a prefix beam search over the outputs of a network trained with CTC
// (Graves 2012, Hannun et al. 2014): it looks for the label sequence y with the
// largest
//
//	log P(y | x) + weight * log P_bigram(y) + insertion * |y|
//
// where P(y | x) sums over all paths that say y. Frame by frame it keeps the
// best prefixes, each with the sums over its paths that end in the blank and in
// its last label. Paths through a prefix that was dropped are lost, so that CTC
// is at most the true log P(y | x), and equal to it if nothing was dropped. Of
// equal scores wins the prefix that was in the beam already, in the beam's
// order, then the extension of the better one, then the smaller class.
//
// It is not safe for concurrent use, and allocates only as prefixes grow.
type Beam struct {
	opt    BeamOptions
	extra  []float64 // [K, K]: row = last class, the blank's for none; what an extension adds
	end    []float64 // [K]: what the end adds
	logp   []float64 // [K]
	nodes  []node
	active []prefix // best first
	next   []prefix
	totals []float64
	place  []int32 // [nodes], place of a node in active, or -1
	child  []int32 // [active, K], place of the prefix longer by a class, or -1
	best   heap
}

// node is a prefix in the tree of all that were ever kept.
type node struct {
	parent int32
	class  int32 // last, -1 at the root
	first  int32 // of the nodes that are longer by a class, 0 = none
	next   int32 // that the same node is the parent of, 0 = none
}

// prefix is one that is in the beam.
type prefix struct {
	node         int32
	parent       int32 // its node
	class        int32
	blank, label float64 // log of the sum over paths that end in the blank, in the last label
	extra        float64
}

// NewBeam prepares a search.
func NewBeam(opt BeamOptions) (*Beam, error) {
	k := opt.Classes
	switch {
	case k < 2:
		return nil, fmt.Errorf("beam search: %d classes, want 2 or more", k)
	case opt.Blank < 0 || opt.Blank >= k:
		return nil, fmt.Errorf("beam search: blank %d, want 0 to %d", opt.Blank, k-1)
	case opt.Width < 1:
		return nil, fmt.Errorf("beam search: width %d, want 1 or more", opt.Width)
	case opt.Bigram != nil && opt.Bigram.Labels() != k-1:
		return nil, fmt.Errorf("beam search: a bigram of %d labels for %d classes and the blank", opt.Bigram.Labels(), k-1)
	case !finite(opt.BigramWeight) || !finite(opt.Insertion):
		return nil, fmt.Errorf("beam search: bigram weight %g and insertion %g, want numbers", opt.BigramWeight, opt.Insertion)
	}
	b := &Beam{opt: opt, extra: make([]float64, k*k), end: make([]float64, k), logp: make([]float64, k), best: heap{room: opt.Width}}
	for v := range k {
		before := opt.label(v)
		for w := range k {
			b.extra[v*k+w] = opt.Insertion + opt.bigram(before, opt.label(w))
		}
		b.end[v] = opt.bigram(before, k-1)
	}
	return b, nil
}

func finite(v float64) bool { return !math.IsNaN(v) && !math.IsInf(v, 0) }

// label is a class's number without the blank, -1 for the blank.
func (o *BeamOptions) label(class int) int {
	switch {
	case class == o.Blank:
		return -1
	case class > o.Blank:
		return class - 1
	}
	return class
}

// bigram is the weighted log-probability of a label, 0 for the blank.
func (o *BeamOptions) bigram(before, label int) float64 {
	if o.Bigram == nil || o.BigramWeight == 0 || label < 0 {
		return 0
	}
	return o.BigramWeight * o.Bigram.LogProb(before, label)
}

// Decode searches an utterance and gives up to n hypotheses, the best first. row
// gives the distribution [K] over the classes at each of the frames. A frame
// without any probability, or with one that is no number, is an error.
func (b *Beam) Decode(frames int, row func(t int) []float32, n int) ([]Hypothesis, error) {
	b.nodes = append(b.nodes[:0], node{parent: -1, class: -1})
	b.place = append(b.place[:0], 0)
	b.active = append(b.active[:0], prefix{parent: -1, class: -1, label: impossible})
	for t := range frames {
		p := row(t)
		if len(p) != b.opt.Classes {
			return nil, fmt.Errorf("beam search: %d classes at frame %d, want %d", len(p), t, b.opt.Classes)
		}
		if !logs(b.logp, p) {
			return nil, fmt.Errorf("beam search: frame %d is no distribution", t)
		}
		b.step()
	}
	return b.hypotheses(n), nil
}

// step goes on by one frame, whose log-probabilities are in logp.
func (b *Beam) step() {
	b.stay()
	b.best.reset()
	for i := range b.next {
		b.best.offer(candidate{score: logAdd(b.next[i].blank, b.next[i].label) + b.next[i].extra, from: int32(i), class: -1})
	}
	b.grow()
	b.keep()
}

// stay computes what the prefixes of the beam become if they do not grow, and
// adds to each what comes from the one that is shorter by its last label, if
// that is in the beam too.
func (b *Beam) stay() {
	k := b.opt.Classes
	b.next, b.totals = b.next[:0], b.totals[:0]
	b.child = resized(b.child, len(b.active)*k)
	for i := range b.child {
		b.child[i] = -1
	}
	for _, p := range b.active {
		total := logAdd(p.blank, p.label)
		b.totals = append(b.totals, total)
		p.blank = total + b.logp[b.opt.Blank]
		if p.class >= 0 {
			p.label += b.logp[p.class]
		}
		b.next = append(b.next, p)
	}
	for j := range b.next {
		p := &b.next[j]
		if p.parent < 0 {
			continue
		}
		if i := b.place[p.parent]; i >= 0 {
			b.child[int(i)*k+int(p.class)] = int32(j)
			p.label = logAdd(p.label, b.longer(int(i), int(p.class)))
		}
	}
}

// longer is the log of the sum over paths that reach prefix i of the beam at the
// frame before and say another label at this one.
func (b *Beam) longer(i, class int) float64 {
	if int(b.active[i].class) == class { // a blank must stand between equal labels
		return b.active[i].blank + b.logp[class]
	}
	return b.totals[i] + b.logp[class]
}

// grow offers every prefix that is longer by a label than one of the beam and
// not in it.
func (b *Beam) grow() {
	k := b.opt.Classes
	for i := range b.active {
		p := &b.active[i]
		before := b.opt.Blank
		if p.class >= 0 {
			before = int(p.class)
		}
		extra, child := b.extra[before*k:][:k], b.child[i*k:][:k]
		for class, e := range extra {
			if class == b.opt.Blank || child[class] >= 0 {
				continue
			}
			b.best.offer(candidate{score: b.longer(i, class) + p.extra + e, from: int32(i), class: int32(class)})
		}
	}
}

// keep makes the best candidates the beam.
func (b *Beam) keep() {
	k := b.opt.Classes
	for _, p := range b.active {
		b.place[p.node] = -1
	}
	kept := b.best.sorted()
	stayed := len(b.next)
	for _, c := range kept {
		if c.class < 0 {
			b.next = append(b.next, b.next[c.from])
			continue
		}
		from := &b.active[c.from]
		before := b.opt.Blank
		if from.class >= 0 {
			before = int(from.class)
		}
		b.next = append(b.next, prefix{node: b.node(from.node, c.class), parent: from.node, class: c.class, blank: impossible,
			label: b.longer(int(c.from), int(c.class)), extra: from.extra + b.extra[before*k+int(c.class)]})
	}
	b.active = append(b.active[:0], b.next[stayed:]...)
	for i, p := range b.active {
		b.place[p.node] = int32(i)
	}
}

// node finds or makes the node of a prefix: one that left the beam may come
// back, and has to meet what grew out of it.
func (b *Beam) node(parent, class int32) int32 {
	for at := b.nodes[parent].first; at != 0; at = b.nodes[at].next {
		if b.nodes[at].class == class {
			return at
		}
	}
	at := int32(len(b.nodes))
	b.nodes = append(b.nodes, node{parent: parent, class: class, next: b.nodes[parent].first})
	b.nodes[parent].first = at
	b.place = append(b.place, -1)
	return at
}

// hypotheses ends the search.
func (b *Beam) hypotheses(n int) []Hypothesis {
	type ended struct {
		node  int32
		ctc   float64
		extra float64
	}
	all := make([]ended, len(b.active))
	for i, p := range b.active {
		last := b.opt.Blank
		if p.class >= 0 {
			last = int(p.class)
		}
		all[i] = ended{p.node, logAdd(p.blank, p.label), p.extra + b.end[last]}
	}
	slices.SortStableFunc(all, func(x, y ended) int { return compareDown(x.ctc+x.extra, y.ctc+y.extra) })
	out := make([]Hypothesis, 0, min(n, len(all)))
	for _, e := range all[:min(n, len(all))] {
		h := Hypothesis{Score: e.ctc + e.extra, CTC: e.ctc, Extra: e.extra}
		for at := e.node; b.nodes[at].class >= 0; at = b.nodes[at].parent {
			h.Classes = append(h.Classes, int(b.nodes[at].class))
		}
		slices.Reverse(h.Classes)
		out = append(out, h)
	}
	return out
}

func resized[E any](s []E, n int) []E {
	if cap(s) < n {
		return make([]E, n)
	}
	return s[:n]
}
