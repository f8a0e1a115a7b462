package vec

import (
	"math"
	"slices"
	"testing"

	"framewise/corpus/draw"
	"framewise/transforms/isa"
)

func eachLevel(t *testing.T, f func(t *testing.T)) {
	was := active
	defer func() { active = was }()
	for l := isa.Scalar; l <= isa.Best(); l++ {
		active = levels()[l]
		t.Run(l.String(), f)
	}
}

// numbers draws n numbers in (-size, size), with a guard behind them.
func numbers(key string, n int, size float64) []float32 {
	k := draw.New(1, "vec test", key, n)
	x := make([]float32, n+1)
	for i := range x {
		x[i] = float32(size * (2*k.Float64(i) - 1))
	}
	return x
}

// near compares n numbers with float64 values, relatively and absolutely, and
// sees that the guard behind them is untouched.
func near(t *testing.T, what string, got, before []float32, want []float64, relative, absolute float64) {
	t.Helper()
	for i, w := range want {
		if !(math.Abs(float64(got[i])-w) <= relative*math.Abs(w)+absolute) {
			t.Fatalf("%s: number %d of %d is %v, want %v", what, i, len(want), got[i], w)
		}
	}
	if got[len(want)] != before[len(want)] {
		t.Fatalf("%s: wrote behind its %d numbers", what, len(want))
	}
}

func TestElementwise(t *testing.T) {
	eachLevel(t, func(t *testing.T) {
		for n := 1; n <= 40; n++ {
			x, y := numbers("x", n, 3), numbers("y", n, 1)
			dst := slices.Clone(x)
			want := make([]float64, n)
			Add(dst[:n], y)
			for i := range want {
				want[i] = float64(x[i] + y[i])
			}
			near(t, "add", dst, x, want, 0, 0)
			dst = slices.Clone(x)
			Tanh(dst[:n], dst)
			for i := range want {
				want[i] = math.Tanh(float64(x[i]))
			}
			near(t, "tanh", dst, x, want, 3e-7, 0)
			dst = slices.Clone(x)
			Exp(dst[:n], y, 1.5)
			for i := range want {
				want[i] = math.Exp(float64(y[i] - 1.5))
			}
			near(t, "exp", dst, x, want, 2e-7, 0)
		}
		Add(nil, nil)
		Tanh(nil, nil)
		Exp(nil, nil, 0)
		Adam(nil, nil, nil, nil, &AdamStep{})
		LSTMForward(nil, nil, nil, nil, nil)
		Prefetch(nil)
		LSTMBackward(nil, nil, nil, nil, nil, nil)
	})
}

func TestWholeRange(t *testing.T) {
	var x []float32
	for v := -100.0; v <= 100; v += 0.0171 {
		x = append(x, float32(v))
	}
	for e := -30.0; e < 0; e++ {
		x = append(x, float32(math.Exp2(e)), -float32(math.Exp2(e)))
	}
	x = append(x, 0, 0.625, -0.625, math.MaxFloat32, -math.MaxFloat32, float32(math.Inf(1)), float32(math.Inf(-1)))
	eachLevel(t, func(t *testing.T) {
		ex, th := make([]float32, len(x)), make([]float32, len(x))
		Exp(ex, x, 0)
		Tanh(th, x)
		for i, v := range x {
			want := math.Exp(math.Max(-87, math.Min(88, float64(v))))
			if math.Abs(float64(ex[i])-want) > 2e-7*want {
				t.Fatalf("exp(%v) = %v, want %v", v, ex[i], want)
			}
			if want = math.Tanh(float64(v)); math.Abs(float64(th[i])-want) > 3e-7*math.Abs(want) {
				t.Fatalf("tanh(%v) = %v, want %v", v, th[i], want)
			}
		}
		nan := []float32{float32(math.NaN())}
		Exp(nan, nan, 0)
		if nan[0] == nan[0] {
			t.Fatalf("exp(NaN) = %v", nan[0])
		}
		Tanh(nan, nan)
		if nan[0] == nan[0] {
			t.Fatalf("tanh(NaN) = %v", nan[0])
		}
	})
}

// cells is one call of the LSTM kernels with h cells.
type cells struct{ g, bias, cp, c, y, dy, dh, dc []float32 }

func newCells(h int) cells {
	return cells{g: numbers("g", 4*h, 4), bias: numbers("bias", 4*h, 1), cp: numbers("cp", h, 2), c: numbers("c", h, 1),
		y: numbers("y", h, 1), dy: numbers("dy", h, 1), dh: numbers("dh", h, 1), dc: numbers("dc", h, 1)}
}

func (x cells) clone() cells {
	for _, s := range []*[]float32{&x.g, &x.cp, &x.c, &x.y, &x.dy, &x.dh, &x.dc} {
		*s = slices.Clone(*s)
	}
	return x
}

func sigmoid64(x float64) float64 { return 1 / (1 + math.Exp(-x)) }

func TestLSTMForward(t *testing.T) {
	eachLevel(t, func(t *testing.T) {
		for h := 1; h <= 40; h++ {
			x := newCells(h)
			got := x.clone()
			LSTMForward(got.g, got.bias, got.cp, got.c[:h], got.y)
			g, c, y := make([]float64, 4*h), make([]float64, h), make([]float64, h)
			for j := range h {
				in := func(gate int) float64 { return float64(x.g[gate*h+j] + x.bias[gate*h+j]) }
				i, f, q, o := sigmoid64(in(0)), sigmoid64(in(1)), math.Tanh(in(2)), sigmoid64(in(3))
				g[j], g[h+j], g[2*h+j], g[3*h+j] = i, f, q, o
				c[j] = f*float64(x.cp[j]) + i*q
				y[j] = o * math.Tanh(c[j])
			}
			near(t, "gates", got.g, x.g, g, 1e-6, 1e-8)
			near(t, "cell", got.c, x.c, c, 1e-6, 5e-7)
			near(t, "output", got.y, x.y, y, 1e-6, 5e-7)
		}
	})
}

func TestLSTMBackward(t *testing.T) {
	eachLevel(t, func(t *testing.T) {
		for h := 1; h <= 40; h++ {
			x := newCells(h)
			for i := range x.g {
				x.g[i] = float32(sigmoid64(float64(x.g[i])))
			}
			for j := range h { // what LSTMForward gives is below o
				x.y[j] *= x.g[3*h+j]
			}
			got := x.clone()
			LSTMBackward(got.g, got.cp, got.y, got.dy, got.dh, got.dc[:h])
			g, dc := make([]float64, 4*h), make([]float64, h)
			for j := range h {
				i, f, q, o := float64(x.g[j]), float64(x.g[h+j]), float64(x.g[2*h+j]), float64(x.g[3*h+j])
				tc, d := float64(x.y[j])/o, float64(x.dh[j])+float64(x.dy[j])
				v := float64(x.dc[j]) + d*o*(1-tc*tc)
				g[j], g[h+j], g[2*h+j], g[3*h+j] = v*q*i*(1-i), v*float64(x.cp[j])*f*(1-f), v*i*(1-q*q), d*tc*o*(1-o)
				dc[j] = v * f
			}
			near(t, "gates", got.g, x.g, g, 1e-6, 5e-7)
			near(t, "cell", got.dc, x.dc, dc, 1e-6, 5e-7)
		}
	})
}

func TestAdam(t *testing.T) {
	eachLevel(t, func(t *testing.T) {
		for n := 1; n <= 40; n++ {
			w, g, m, v := numbers("w", n, 1), numbers("grad", n, 1), numbers("m", n, 0.1), numbers("v", n, 0.1)
			for i := range v {
				v[i] = max(v[i], -v[i])
			}
			s := AdamStep{Scale: 0.5, Decay: 0.01, Beta1: 0.9, OneMinusBeta1: 0.1, Beta2: 0.999, OneMinusBeta2: 0.001, Rate: 0.01, Correction: 2, Epsilon: 1e-8}
			w1, m1, v1 := slices.Clone(w), slices.Clone(m), slices.Clone(v)
			Adam(w1[:n], g, m1, v1, &s)
			ww, wm, wv := make([]float64, n), make([]float64, n), make([]float64, n)
			for i := range n {
				d := float64(s.Scale)*float64(g[i]) + float64(s.Decay)*float64(w[i])
				wm[i] = float64(s.Beta1)*float64(m[i]) + float64(s.OneMinusBeta1)*d
				wv[i] = float64(s.Beta2)*float64(v[i]) + float64(s.OneMinusBeta2)*d*d
				ww[i] = float64(w[i]) - float64(s.Rate)*wm[i]/(math.Sqrt(float64(s.Correction)*wv[i])+float64(s.Epsilon))
			}
			near(t, "first moment", m1, m, wm, 1e-6, 1e-8)
			near(t, "second moment", v1, v, wv, 1e-6, 1e-8)
			near(t, "weights", w1, w, ww, 1e-6, 1e-7)
		}
	})
}

// An element's bits must not depend on where it stands, nor AVX2's differ from AVX-512's.
func TestPlaceAndWidthDoNotMatter(t *testing.T) {
	var first []float32
	eachLevel(t, func(t *testing.T) {
		const h = 37
		x := newCells(h)
		all := x.clone()
		LSTMForward(all.g, all.bias, all.cp, all.c[:h], all.y)
		LSTMBackward(all.g, all.cp, all.y, all.dy, all.dh, all.dc[:h])
		for j := range h {
			g := []float32{x.g[j], x.g[h+j], x.g[2*h+j], x.g[3*h+j]}
			c, y, dc := []float32{0}, []float32{0}, []float32{x.dc[j]}
			LSTMForward(g, []float32{x.bias[j], x.bias[h+j], x.bias[2*h+j], x.bias[3*h+j]}, x.cp[j:], c, y)
			LSTMBackward(g, x.cp[j:], y, x.dy[j:], x.dh[j:], dc)
			for k, v := range []float32{c[0], y[0], dc[0], g[0], g[1], g[2], g[3]} {
				if w := []float32{all.c[j], all.y[j], all.dc[j], all.g[j], all.g[h+j], all.g[2*h+j], all.g[3*h+j]}[k]; v != w {
					t.Fatalf("cell %d of %d, result %d: %v, alone %v", j, h, k, w, v)
				}
			}
		}
		if active.level == isa.AVX2 {
			first = all.g
		}
		if active.level == isa.AVX512 && !slices.Equal(first, all.g) {
			t.Error("AVX2 and AVX-512 give different bits")
		}
	})
}

func BenchmarkLSTM(b *testing.B) {
	was := active
	defer func() { active = was }()
	for l := isa.Best(); l >= isa.Scalar; l-- {
		active = levels()[l]
		const h = 128
		x := newCells(h)
		b.Run(l.String()+"/forward", func(b *testing.B) {
			for b.Loop() {
				LSTMForward(x.g, x.bias, x.cp, x.c[:h], x.y)
			}
		})
		b.Run(l.String()+"/backward", func(b *testing.B) {
			for b.Loop() {
				LSTMBackward(x.g, x.cp, x.y, x.dy, x.dh, x.dc[:h])
			}
		})
	}
}
