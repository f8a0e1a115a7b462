package transforms

import (
	"math"

	"framewise/transforms/detmath"
	"framewise/transforms/kernels"
)

// melBank is a bank of triangular filters over a power spectrum, kept sparse:
// the bins of a filter are rounded up to whole groups with weights of 0.
type melBank struct {
	filters []kernels.Filter
	weights []float32 // of all filters, one after the other
}

// newMelBank makes the filters of c at a sample rate in Hz.
func newMelBank(c FeatureConfig, rate int, r resolved) melBank {
	scale := 1.0
	if c.PowerOverNFFT {
		scale = 1 / float64(r.nfft) // a power of two: exact
	}
	var b melBank
	if c.MelScale == MelPSF {
		b.fillPSF(c.NumFilters, rate, r)
	} else {
		b.fillKaldi(c.NumFilters, rate, r)
	}
	for i := range b.weights {
		b.weights[i] *= float32(scale)
	}
	return b
}

// fillPSF makes python_speech_features' filters (get_filterbanks): edges are
// FFT bins, rounded down from (nfft+1) f/rate.
func (b *melBank) fillPSF(filters, rate int, r resolved) {
	mel := func(hz float64) float64 { return float64(2595 * (detmath.Log(1+hz/700) / math.Ln10)) }
	hz := func(mel float64) float64 { return float64(700 * (detmath.Pow(10, mel/2595) - 1)) }
	lo, hi := mel(r.low), mel(r.high)
	step := (hi - lo) / float64(filters+1)
	edge := func(i int) float64 {
		m := hi
		if i <= filters {
			m = float64(float64(i)*step) + lo
		}
		return math.Floor(float64(r.nfft+1) * hz(m) / float64(rate))
	}
	for j := range filters {
		left, center, right := edge(j), edge(j+1), edge(j+2)
		b.add(int(left), int(right), r.nfft/2+1, func(bin int) float64 {
			if f := float64(bin); f < center {
				return (f - left) / (center - left)
			}
			return (right - float64(bin)) / (right - center)
		})
	}
}

// fillKaldi makes Kaldi's filters (MelBanks): triangles linear in mel over the
// bins strictly between their edges, the Nyquist bin left out.
func (b *melBank) fillKaldi(filters, rate int, r resolved) {
	mel := func(hz float64) float64 { return float64(1127 * detmath.Log(1+hz/700)) }
	lo, hi := mel(r.low), mel(r.high)
	step := (hi - lo) / float64(filters+1)
	bins := make([]float64, r.nfft/2) // their mels
	for i := range bins {
		bins[i] = mel(float64(i) * float64(rate) / float64(r.nfft))
	}
	for j := range filters {
		left := lo + float64(float64(j)*step)
		center := lo + float64(float64(j+1)*step)
		right := lo + float64(float64(j+2)*step)
		from := 0
		for from < len(bins) && bins[from] <= left {
			from++
		}
		to := from
		for to < len(bins) && bins[to] < right {
			to++
		}
		b.add(from, to, len(bins), func(bin int) float64 {
			if m := bins[bin]; m <= center {
				return (m - left) / (center - left)
			}
			return (right - bins[bin]) / (right - center)
		})
	}
}

// add appends a filter over bins [from, to), cut at limit.
func (b *melBank) add(from, to, limit int, weight func(bin int) float64) {
	to = min(to, limit)
	from = min(from, to)
	n := (to - from + kernels.FilterGroup - 1) / kernels.FilterGroup
	b.filters = append(b.filters, kernels.Filter{First: int32(from), Groups: int32(n)})
	for i := from; i < from+n*kernels.FilterGroup; i++ {
		w := float32(0)
		if i < to {
			w = float32(weight(i))
		}
		b.weights = append(b.weights, w)
	}
}
