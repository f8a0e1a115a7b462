package nn

import "math"

// impossible stands for log(0): finite, so that differences of it are numbers,
// and so small that no path through it is seen.
const impossible = -1e30

// ctcFrames are the logits of one utterance of a batch.
type ctcFrames[F float] struct {
	z       []F       // [T, B, K]
	norm    []float64 // [T, B]
	b, B, k int
}

func (f ctcFrames[F]) at(t int) (z []F, norm float64) {
	r := t*f.B + f.b
	return f.z[r*f.k:][:f.k], f.norm[r]
}

// ctcUtterance runs the recursions of one utterance of U labels. A row of
// scores is U+1 blanks and then U+2 labels: blank u stands before label u+1, and
// the first and the last label are not there, so that they are impossible.
//
// Scores are logarithms of sums over paths, less an offset of the row.
type ctcUtterance[F float] struct {
	labels []int
	blank  int
	frames int
	loss   float64

	n       int       // U+1
	repeat  []F       // [n], -1 at i if labels i and i+1, counted from 1, are equal
	prefix  []F       // [frames, 2n+1], sums over paths up to a frame, and it
	offset  []float64 // [frames], of these rows
	suffix  [2][]F    // [2n+1], sums over paths from a frame on, and from the one after
	p       []F       // [n+1], of labels at a frame
	through []F       // [2n+1], shares of paths through a frame
	mass    []F       // [K], these by class
}

func (u *ctcUtterance[F]) prepare(labels []int, blank, frames int) {
	u.labels, u.blank, u.frames, u.n = labels, blank, frames, len(labels)+1
	width := 2*u.n + 1
	u.repeat = grown(u.repeat, u.n)
	clear(u.repeat)
	need := len(labels)
	for i := 1; i < len(labels); i++ {
		if labels[i] == labels[i-1] {
			u.repeat[i] = -1
			need++
		}
	}
	u.loss = 0
	if frames < need {
		u.loss = math.Inf(1)
		return
	}
	u.prefix = grown(u.prefix, frames*width)
	u.offset = grown(u.offset, frames)
	u.suffix[0], u.suffix[1] = grown(u.suffix[0], width), grown(u.suffix[1], width)
	u.through = grown(u.through, width)
	u.p = grown(u.p, u.n+1)
	u.p[0], u.p[u.n] = impossible, impossible
}

func grown[E any](s []E, n int) []E {
	if cap(s) < n {
		return make([]E, n)
	}
	return s[:n]
}

func (u *ctcUtterance[F]) fits() bool { return !math.IsInf(u.loss, 1) }

// start fills a row that comes before all frames, or behind them: one blank is
// certain.
func (u *ctcUtterance[F]) start(row []F, blank int) {
	for i := range row {
		row[i] = impossible
	}
	row[blank] = 0
}

// scores sets p to the labels' log-probabilities at a frame less top, about the
// largest score of the row before. It returns the blank's, and what of the
// log-probabilities has gone to the offset.
func (u *ctcUtterance[F]) scores(z []F, norm float64, top F) (blank F, offset float64) {
	shift := F(norm + float64(top))
	p := u.p[1:][:len(u.labels)]
	for i, y := range u.labels {
		v := z[y] - shift
		if v < impossible {
			v = impossible
		}
		p[i] = v
	}
	if blank = z[u.blank] - shift; blank < impossible {
		blank = impossible
	}
	return blank, float64(shift) - norm
}

// forward computes the loss.
func (u *ctcUtterance[F]) forward(f ctcFrames[F]) {
	if u.frames == 0 || !u.fits() {
		return
	}
	n, width := u.n, 2*u.n+1
	before := u.suffix[0]
	u.start(before, 0)
	var top F
	var sum float64
	for t := range u.frames {
		z, norm := f.at(t)
		blank, offset := u.scores(z, norm, top)
		row := u.prefix[t*width:][:width]
		row[n] = impossible
		top = ctcStep(before[:n], before[n:2*n], before[n+1:], u.repeat, u.p[1:], row[:n], row[n+1:], blank)
		sum += offset
		u.offset[t], before = sum, row
	}
	last, label := float64(before[n-1]), float64(before[2*n-1])
	high := math.Max(last, label)
	u.loss = -(sum + high + math.Log1p(math.Exp(math.Min(last, label)-high)))
	if u.loss > -impossible/10 { // every path goes through a class of probability 0
		u.loss = math.Inf(1)
	}
}

// backward stores the gradient of scale times the loss in the utterance's
// frames of dz. p are the posteriors of the batch.
func (u *ctcUtterance[F]) backward(f ctcFrames[F], p, dz []F, scale F) {
	n, width := u.n, 2*u.n+1
	u.mass = grown(u.mass, f.k)
	behind, row := u.suffix[0], u.suffix[1]
	u.start(behind, n-1)
	var top F
	sum := u.loss
	for t := u.frames - 1; t >= 0; t-- {
		z, norm := f.at(t)
		blank, offset := u.scores(z, norm, top)
		row[2*n] = impossible
		top = ctcStep(behind[:n], behind[n+1:], behind[n:2*n], u.repeat, u.p[:n], row[:n], row[n:2*n], blank)
		u.share(u.prefix[t*width:][:width], row, blank, F(-(u.offset[t] + sum)))
		at := (t*f.B + f.b) * f.k
		u.gradient(dz[at:][:f.k], p[at:][:f.k], scale)
		sum += offset
		behind, row = row, behind
	}
}

// share computes what share of all paths goes through each blank and label of a
// frame. Both rows have the frame's probabilities in them.
func (u *ctcUtterance[F]) share(prefix, suffix []F, blank, offset F) {
	n := u.n
	copy(u.through, prefix)
	for i, v := range u.p[1:n] {
		u.through[n+1+i] -= v
	}
	addTo(u.through, suffix)
	expOf(u.through[:n], u.through[:n], offset+blank)
	expOf(u.through[n+1:2*n], u.through[n+1:2*n], offset)
}

// gradient is the difference of a frame's posteriors and the paths' shares in
// its classes. The shares, whose sum is 1 but for rounding, are divided by it.
func (u *ctcUtterance[F]) gradient(dz, p []F, scale F) {
	clear(u.mass)
	blanks, labels := sum(u.through[:u.n]), u.through[u.n+1:][:len(u.labels)]
	u.mass[u.blank] = blanks
	for i, y := range u.labels {
		u.mass[y] += labels[i]
	}
	share := scale / (blanks + sum(labels))
	for k, m := range u.mass[:len(dz)] {
		dz[k] = p[k]*scale - m*share
	}
}
