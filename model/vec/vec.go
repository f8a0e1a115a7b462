package vec

import "framewise/transforms/isa"

// functions are the implementations for one level of instructions.
type functions struct {
	level        isa.Level
	lstmForward  func(g, bias, cp, c, y []float32)
	lstmBackward func(g, cp, y, dy, dh, dc []float32)
	gruForward   func(g, s, hp, y []float32)
	gruBackward  func(g, s, hp, dy, dh []float32)
	add          func(dst, src []float32)
	prefetch     func(x []float32)
	tanh         func(dst, src []float32)
	exp          func(dst, src []float32, shift float32)
	adam         func(w, g, m, v []float32, s *AdamStep)
	ctc          func(b, neighbor, l, repeat, p, bOut, lOut []float32, blank float32) float32
}

var (
	portable = &functions{level: isa.Scalar, lstmForward: lstmForwardGo, lstmBackward: lstmBackwardGo,
		add: addGo, prefetch: func([]float32) {}, tanh: tanhGo, exp: expGo, adam: adamGo, ctc: ctcGo,
		gruForward: gruForwardGo, gruBackward: gruBackwardGo}

	active = choose()
)

func choose() *functions {
	level, _ := isa.Choose() // gemm.Setting reports the error
	if f := levels()[level]; f != nil {
		return f
	}
	return portable
}

// LSTMForward computes one step of one sequence, H = len(c) cells. g holds the
// four gates' inputs [4H] in the order i, f, g, o, but for their bias, and
// receives their outputs; cp is the cell state before; c and y receive the cell
// state and the output:
//
//	i, f, o = sigmoid    g = tanh    c = f*cp + i*g    y = o*tanh(c)
func LSTMForward(g, bias, cp, c, y []float32) {
	h := len(c)
	if h == 0 {
		return
	}
	active.lstmForward(g[:4*h], bias[:4*h], cp[:h], c, y[:h])
}

// LSTMBackward is the gradient of LSTMForward. g holds the gates' outputs [4H]
// and receives the gradients with respect to their inputs; y is the output,
// from which and from o comes tanh(c); dy and dh are the gradients with respect
// to y from above and from the step after; dc is that with respect to c from the
// step after and receives the one for the step before.
func LSTMBackward(g, cp, y, dy, dh, dc []float32) {
	h := len(dc)
	if h == 0 {
		return
	}
	active.lstmBackward(g[:4*h], cp[:h], y[:h], dy[:h], dh[:h], dc)
}

// Prefetch has x brought from memory near the processor while other work is
// done. It changes nothing.
func Prefetch(x []float32) {
	if len(x) > 0 {
		active.prefetch(x)
	}
}

// Add adds src to dst, element by element, as far as dst goes.
func Add(dst, src []float32) {
	if len(dst) > 0 {
		active.add(dst, src[:len(dst)])
	}
}

// Tanh stores tanh(src) in dst, which may be src, as far as dst goes.
func Tanh(dst, src []float32) {
	if len(dst) > 0 {
		active.tanh(dst, src[:len(dst)])
	}
}

// Exp stores exp(src - shift) in dst, which may be src, as far as dst goes.
// Arguments are clamped to [-87, 88], so that no result is 0 or infinite.
func Exp(dst, src []float32, shift float32) {
	if len(dst) > 0 {
		active.exp(dst, src[:len(dst)], shift)
	}
}

// AdamStep holds the factors of one step of Adam (Kingma and Ba 2015):
//
//	g' = Scale*g + Decay*w
//	m  = Beta1*m + (1-Beta1)*g'
//	v  = Beta2*v + (1-Beta2)*g'^2
//	w -= Rate*m / (sqrt(Correction*v) + Epsilon)
//
// with Rate = learning rate / (1-Beta1^t) and Correction = 1 / (1-Beta2^t).
type AdamStep struct {
	Scale, Decay, Beta1, Beta2, OneMinusBeta1, OneMinusBeta2, Rate, Correction, Epsilon float32
}

// Adam takes one step for weights w with gradients g and the moments m and v,
// all as long as w.
func Adam(w, g, m, v []float32, s *AdamStep) {
	if len(w) > 0 {
		active.adam(w, g[:len(w)], m[:len(w)], v[:len(w)], s)
	}
}
