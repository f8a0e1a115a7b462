package nn

import (
	G "gorgonia.org/gorgonia"
	"gorgonia.org/tensor"
)

// Softmax turns logits [T, B, K] into posteriors [T, B, K], zero past each
// utterance's length. It is for inference and has no gradient: training goes
// through CrossEntropy, which takes logits.
func Softmax(logits, lens *G.Node) (*G.Node, error) {
	if logits.Dtype() == tensor.Float64 {
		return newSoftmax[float64](logits, lens)
	}
	return newSoftmax[float32](logits, lens)
}

func newSoftmax[F float](logits, lens *G.Node) (*G.Node, error) {
	T, B, K, err := sequence("Softmax", logits, lens)
	if err != nil {
		return nil, err
	}
	y := newBuffer[F](K, T, B, K)
	return apply(operation{name: "Softmax", dtype: logits.Dtype(), shape: y.dense.Shape(), run: func(in []G.Value) (G.Value, error) {
		lens, longest, err := lengths(in[1], T)
		if err != nil {
			return nil, err
		}
		z, p := data[F](in[0]), y.rows(longest*B)
		parallel(Threads(), longest*B, 256, func(lo, hi int) {
			for r := lo; r < hi; r++ {
				if row := p[r*K:][:K]; r/B < lens[r%B] {
					softmaxRow(row, z[r*K:][:K])
				} else {
					clear(row)
				}
			}
		})
		return y.dense, nil
	}}, logits, lens)
}
