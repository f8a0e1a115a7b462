package transforms

import (
	"fmt"
	"math"
)

// Stats are the sums from which cepstral mean and variance normalization
// (CMVN) is made. The zero value is empty and takes its width from the first
// rows. Sums are float64 and depend on the order of Add and Merge in their
// last bits, so callers that need the same bits keep the same order.
type Stats struct {
	Frames int64     `json:"frames"`
	Sum    []float64 `json:"sum"`   // [F]
	SumSq  []float64 `json:"sumsq"` // [F]
}

// Add counts rows [T, F]. No rows change nothing.
func (s *Stats) Add(rows []float32, F int) error {
	if F < 1 || len(rows)%F != 0 {
		return fmt.Errorf("cmvn: %d values are no rows of width %d", len(rows), F)
	}
	if len(rows) == 0 { // and no reason to believe F
		return nil
	}
	if err := s.widen(F); err != nil {
		return err
	}
	for ; len(rows) > 0; rows = rows[F:] {
		sum, sq := s.Sum[:F], s.SumSq[:F]
		for i, v := range rows[:F] {
			x := float64(v)
			sum[i] += x
			sq[i] += float64(x * x)
		}
		s.Frames++
	}
	return nil
}

// Merge adds the sums of o.
func (s *Stats) Merge(o Stats) error {
	if o.Frames == 0 {
		return nil
	}
	if len(o.Sum) != len(o.SumSq) {
		return fmt.Errorf("cmvn: %d sums and %d sums of squares, want as many", len(o.Sum), len(o.SumSq))
	}
	if err := s.widen(len(o.Sum)); err != nil {
		return err
	}
	s.Frames += o.Frames
	for i := range s.Sum {
		s.Sum[i] += o.Sum[i]
		s.SumSq[i] += o.SumSq[i]
	}
	return nil
}

// widen makes room for F columns the first time.
func (s *Stats) widen(F int) error {
	if len(s.Sum) == 0 && len(s.SumSq) == 0 {
		s.Sum, s.SumSq = make([]float64, F), make([]float64, F)
	}
	if len(s.Sum) != F || len(s.SumSq) != F {
		return fmt.Errorf("cmvn: statistics of width %d, want %d", len(s.Sum), F)
	}
	return nil
}

// Normalizer returns each column's mean and the inverse of its standard
// deviation, [F] both, for [ApplyCMVN]. Variances below floor (say 1e-8) count
// as floor. Without frames both are empty.
func (s Stats) Normalizer(floor float64) (mean, invStd []float32) {
	if s.Frames == 0 {
		return nil, nil
	}
	mean, invStd = make([]float32, len(s.Sum)), make([]float32, len(s.Sum))
	n := float64(s.Frames)
	for i := range mean {
		m := s.Sum[i] / n
		v := s.SumSq[i]/n - float64(m*m)
		mean[i] = float32(m)
		invStd[i] = float32(1 / math.Sqrt(max(v, floor)))
	}
	return mean, invStd
}

// ApplyCMVN replaces each x of rows [T, F] by (x - mean) * invStd. A nil
// mean or invStd leaves its half out.
func ApplyCMVN(x []float32, T, F int, mean, invStd []float32) {
	for t := range T {
		row := x[t*F : t*F+F]
		if mean != nil {
			for i, m := range mean[:len(row)] {
				row[i] -= m
			}
		}
		if invStd != nil {
			for i, s := range invStd[:len(row)] {
				row[i] *= s
			}
		}
	}
}
