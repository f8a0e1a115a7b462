package main

import (
	"fmt"
	"math"
)

// agreement checks that ours and theirs did the same work: it returns an error
// that says how far apart they are and what was allowed.
type agreement func(ours, theirs []float32) error

// cellRule is what log-mel cells must keep. A cell far below the loudest of its
// frame holds the rounding errors of each program, and is not compared.
type cellRule struct {
	dim   int     // cells of a frame
	depth float64 // nats below the frame's loudest cell that are compared
	max   float64 // largest difference, in nats
	mean  float64 // largest mean difference
	shift float64 // of theirs, whose samples were in [-1, 1]
}

// fullScale is the logarithm of the power that int16 scale has over [-1, 1].
var fullScale = 2 * math.Log(32768)

// depth is 60 dB, in nats.
var depth = 6 * math.Log(10)

// kaldiCells is for one definition in two orders of float32 arithmetic.
func kaldiCells(dim int) agreement {
	return cellRule{dim: dim, depth: depth, max: 1e-3, mean: 2e-5}.check
}

// psfCells is for a peer that computes in float64.
func psfCells(dim int) agreement {
	return cellRule{dim: dim, depth: depth, max: 1e-3, mean: 2e-6}.check
}

// lhotseCells is kaldiCells for a peer whose samples are in [-1, 1].
func lhotseCells(dim int) agreement {
	return cellRule{dim: dim, depth: depth, max: 3e-3, mean: 2e-5, shift: fullScale}.check
}

// librosaCells allows for triangles that are linear in Hz, where ours are
// linear in mel: no cell is the same, all are near.
func librosaCells(dim int) agreement {
	return cellRule{dim: dim, depth: depth, max: 0.05, mean: 0.01, shift: fullScale}.check
}

func (r cellRule) check(ours, theirs []float32) error {
	if err := sameLength(ours, theirs); err != nil {
		return err
	}
	worst, sum, n := 0.0, 0.0, 0
	for t := 0; t+r.dim <= len(ours); t += r.dim {
		row := ours[t : t+r.dim]
		top := row[0]
		for _, v := range row {
			top = max(top, v)
		}
		for i, v := range row {
			if float64(top-v) > r.depth {
				continue
			}
			d := math.Abs(float64(v) - float64(theirs[t+i]) - r.shift)
			if !(d <= r.max) {
				return fmt.Errorf("frame %d, cell %d: ours %v, theirs %v, want them within %v", t/r.dim, i, v, float64(theirs[t+i])+r.shift, r.max)
			}
			worst, sum, n = max(worst, d), sum+d, n+1
		}
	}
	if mean := sum / float64(n); !(mean <= r.mean) {
		return fmt.Errorf("cells differ by %.2g on average (%.2g at most), want %v", mean, worst, r.mean)
	}
	return nil
}

// values checks every value of rows of dim against a largest difference.
func values(dim int, most float64) agreement {
	return func(ours, theirs []float32) error {
		if err := sameLength(ours, theirs); err != nil {
			return err
		}
		for i, v := range ours {
			if d := math.Abs(float64(v) - float64(theirs[i])); !(d <= most) {
				return fmt.Errorf("frame %d, value %d: ours %v, theirs %v, want them within %v", i/dim, i%dim, v, theirs[i], most)
			}
		}
		return nil
	}
}

// residual checks that signals differ by no more than so many dB under their
// level: two resamplers have other transition bands and ends.
func residual(dB float64) agreement {
	return func(ours, theirs []float32) error {
		if err := sameLength(ours, theirs); err != nil {
			return err
		}
		signal, rest := 0.0, 0.0
		for i, v := range ours {
			d := float64(v) - float64(theirs[i])
			signal, rest = signal+float64(v)*float64(v), rest+d*d
		}
		if got := 10 * math.Log10(rest/signal); !(got <= dB) {
			return fmt.Errorf("signals differ by %.1f dB relative to ours, want %v at most", got, dB)
		}
		return nil
	}
}

// exact checks equality.
func exact() agreement { return values(1, 0) }

func sameLength(ours, theirs []float32) error {
	if len(ours) != len(theirs) || len(ours) == 0 {
		return fmt.Errorf("ours has %d values, theirs %d, want as many", len(ours), len(theirs))
	}
	return nil
}
