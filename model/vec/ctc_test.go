package vec

import (
	"math"
	"slices"
	"testing"

	"framewise/transforms/isa"
)

const impossible = -1e30

// trellis is one call of CTC with n blanks and labels.
type trellis struct {
	b, neighbor, l, repeat, p, bOut, lOut []float32
	blank                                 float32
}

func newTrellis(n int) trellis {
	x := trellis{b: numbers("b", n, 40), neighbor: numbers("neighbor", n, 40), l: numbers("l", n, 40), repeat: make([]float32, n),
		p: numbers("p", n, 9), bOut: numbers("bOut", n, 1), lOut: numbers("lOut", n, 1), blank: -2.25}
	for i := range n {
		switch i % 7 {
		case 1, 5:
			x.repeat[i] = -1
		case 2:
			x.b[i], x.neighbor[i] = impossible, impossible
		case 3:
			x.l[i] = impossible
		case 4:
			x.b[i], x.neighbor[i] = x.l[i], x.l[i]
		}
	}
	return x
}

func (x trellis) run(n int) float32 {
	return CTC(x.b[:n], x.neighbor, x.l, x.repeat, x.p, x.bOut, x.lOut, x.blank)
}

func logAdd64(a, b float64) float64 {
	return math.Max(a, b) + math.Log1p(math.Exp(-math.Abs(a-b)))
}

func TestCTC(t *testing.T) {
	var avx2 []float32
	eachLevel(t, func(t *testing.T) {
		var all []float32
		for n := 1; n <= 40; n++ {
			x := newTrellis(n)
			bOut, lOut := slices.Clone(x.bOut), slices.Clone(x.lOut)
			top := x.run(n)
			if want := slices.Max(append(slices.Clone(x.bOut[:n]), x.lOut[:n]...)); top != want {
				t.Fatalf("the largest of %d is said to be %v, it is %v", 2*n, top, want)
			}
			wb, wl := make([]float64, n), make([]float64, n)
			for i := range n {
				from := logAdd64(float64(x.b[i]), float64(x.neighbor[i]))
				wb[i] = from + float64(x.blank)
				if x.repeat[i] < 0 {
					from = float64(x.b[i])
				}
				wl[i] = logAdd64(float64(x.l[i]), from) + float64(x.p[i])
			}
			near(t, "blanks", x.bOut, bOut, wb, 3e-7, 1e-6)
			near(t, "labels", x.lOut, lOut, wl, 3e-7, 1e-6)
			all = append(append(all, x.bOut[:n]...), x.lOut[:n]...)
		}
		if active.level == isa.AVX2 {
			avx2 = all
		}
		if active.level == isa.AVX512 && !slices.Equal(avx2, all) {
			t.Error("AVX2 and AVX-512 give different bits")
		}
		if top := CTC(nil, nil, nil, nil, nil, nil, nil, 0); top != -math.MaxFloat32 {
			t.Errorf("the largest of nothing is %v", top)
		}
	})
}

// What is alone has the bits that it has in a row, and a NaN stays one.
func TestCTCPlace(t *testing.T) {
	eachLevel(t, func(t *testing.T) {
		const n = 37
		x := newTrellis(n)
		x.run(n)
		for i := range n {
			b, l := []float32{0}, []float32{0}
			CTC(x.b[i:i+1], x.neighbor[i:], x.l[i:], x.repeat[i:], x.p[i:], b, l, x.blank)
			if b[0] != x.bOut[i] || l[0] != x.lOut[i] {
				t.Fatalf("%d of %d: %v and %v, alone %v and %v", i, n, x.bOut[i], x.lOut[i], b[0], l[0])
			}
		}
		nan := float32(math.NaN())
		for _, args := range [][3]float32{{nan, 1, 2}, {1, nan, 2}, {1, 2, nan}} {
			b, l := []float32{0}, []float32{0}
			CTC(args[:1], args[1:], args[2:], []float32{0}, []float32{0}, b, l, 0)
			if l[0] == l[0] {
				t.Errorf("%v gives %v", args, l[0])
			}
		}
	})
}

func BenchmarkCTC(b *testing.B) {
	was := active
	defer func() { active = was }()
	for l := isa.Best(); l >= isa.Scalar; l-- {
		active = levels()[l]
		const n = 51
		x := newTrellis(n)
		b.Run(l.String(), func(b *testing.B) {
			for b.Loop() {
				x.run(n)
			}
		})
	}
}
