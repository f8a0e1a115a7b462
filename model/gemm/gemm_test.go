package gemm

import (
	"math"
	"slices"
	"testing"

	"framewise/corpus/draw"
	"framewise/transforms/isa"
)

// eachKernel runs a test with every kernel that this CPU has.
func eachKernel(t *testing.T, f func(t *testing.T)) {
	was := active
	defer func() { active = was }()
	for l := isa.Scalar; l <= isa.Best(); l++ {
		active = kernels()[l]
		t.Run(l.String(), f)
	}
}

// numbers draws n numbers in (-1, 1).
func numbers(key string, n int) []float32 {
	k := draw.New(1, "gemm test", key, 0)
	x := make([]float32, n)
	for i := range x {
		x[i] = float32(2*k.Float64(i) - 1)
	}
	return x
}

// product is one multiplication with its operands, rows further apart than
// they are long.
type product struct {
	tA, tB        bool
	m, n, k       int
	alpha, beta   float32
	a, b, c       []float32
	lda, ldb, ldc int
}

func newProduct(tA, tB bool, m, n, k int, alpha, beta float32) product {
	p := product{tA: tA, tB: tB, m: m, n: n, k: k, alpha: alpha, beta: beta, lda: k + 3, ldb: n + 1, ldc: n + 2}
	rowsA, rowsB := m, k
	if tA {
		p.lda, rowsA = m+3, k
	}
	if tB {
		p.ldb, rowsB = k+1, n
	}
	p.a, p.b, p.c = numbers("a", rowsA*p.lda), numbers("b", rowsB*p.ldb), numbers("c", m*p.ldc)
	return p
}

func (p product) run(threads int) []float32 {
	c := slices.Clone(p.c)
	Parallel(threads, p.tA, p.tB, p.m, p.n, p.k, p.alpha, p.a, p.lda, p.b, p.ldb, p.beta, c, p.ldc)
	return c
}

// check compares with the definition in float64 and sees that nothing beside
// C was touched.
func (p product) check(t *testing.T, got []float32) {
	t.Helper()
	for i := range p.m {
		for j := range p.ldc {
			r := i*p.ldc + j
			if j >= p.n {
				if got[r] != p.c[r] {
					t.Fatalf("%+v: number beside C(%d, %d) changed", p.shape(), i, j)
				}
				continue
			}
			var sum, size float64
			for q := range p.k {
				v := float64(p.a[offset(p.tA, i, q, p.lda)]) * float64(p.b[offset(p.tB, q, j, p.ldb)])
				sum, size = sum+v, size+math.Abs(v)
			}
			want := float64(p.alpha)*sum + float64(p.beta)*float64(p.c[r])
			bound := 1e-7 * (1 + math.Sqrt(float64(p.k))) * (math.Abs(float64(p.alpha))*size + math.Abs(float64(p.beta)) + 1e-3)
			if !(math.Abs(float64(got[r])-want) <= bound) {
				t.Fatalf("%+v: C(%d, %d) = %v, want %v within %.1e", p.shape(), i, j, got[r], want, bound)
			}
		}
	}
}

func (p product) shape() [7]any { return [7]any{p.tA, p.tB, p.m, p.n, p.k, p.alpha, p.beta} }

func TestSgemmEdges(t *testing.T) {
	eachKernel(t, func(t *testing.T) {
		for s := range 40 {
			for _, transposed := range [][2]bool{{false, false}, {false, true}, {true, false}, {true, true}} {
				m, n, k := s+1, (s*7)%40+1, (s*11)%40+1
				for _, shape := range [][3]int{{m, n, k}, {n, m, k}, {k, n, m}} {
					p := newProduct(transposed[0], transposed[1], shape[0], shape[1], shape[2], 1, float32(s%3)/2)
					p.check(t, p.run(1))
				}
			}
		}
	})
}

func TestSgemmRandomShapes(t *testing.T) {
	key := draw.New(3, "gemm test", "shapes", 0)
	eachKernel(t, func(t *testing.T) {
		for i := range 30 {
			d := func(j, lo, hi int) int { return key.Between(8*i+j, lo, hi) }
			p := newProduct(d(0, 0, 1) == 1, d(1, 0, 1) == 1, d(2, 1, 220), d(3, 1, 90), d(4, 1, 600), float32(d(5, -2, 2)), float32(d(6, -2, 2)))
			if d(7, 0, 3) == 0 {
				p.n, p.ldc, p.c = 530, 532, numbers("c", p.m*532)
				p = newProduct(p.tA, p.tB, min(p.m, 20), 530, min(p.k, 40), p.alpha, p.beta)
			}
			p.check(t, p.run(1))
		}
	})
}

func TestBetaZeroIgnoresC(t *testing.T) {
	eachKernel(t, func(t *testing.T) {
		for _, k := range []int{0, 5, 300} {
			p := newProduct(false, false, 7, 9, k, 1, 0)
			for i := range p.m {
				for j := range p.n {
					p.c[i*p.ldc+j] = float32(math.NaN())
				}
			}
			c := p.run(1)
			for i := range p.m {
				for j := range p.n {
					p.c[i*p.ldc+j] = 0
				}
			}
			p.check(t, c)
		}
	})
}

// A row of C must have the same bits whatever is computed beside it.
func TestRowsDoNotDependOnOthers(t *testing.T) {
	eachKernel(t, func(t *testing.T) {
		for _, tA := range []bool{false, true} {
			const n, k, most = 45, 290, 40
			a, b := numbers("a", most*k), numbers("b", k*n)
			lda := k
			if tA {
				lda = most
			}
			var alone [most][n]float32
			var packed Packed
			packed.Pack(false, k, n, b, n)
			for i := range most {
				Sgemm(tA, false, 1, n, k, 1, a[offset(tA, i, 0, lda):], lda, b, n, 0, alone[i][:], n)
			}
			for m := 1; m <= most; m++ {
				c, d := make([]float32, m*n), make([]float32, m*n)
				Sgemm(tA, false, m, n, k, 1, a, lda, b, n, 0, c, n)
				packed.Mul(tA, m, a, lda, 0, d, n)
				for i := range m {
					if !slices.Equal(c[i*n:][:n], alone[i][:]) || !slices.Equal(d[i*n:][:n], alone[i][:]) {
						t.Fatalf("transposed %v: row %d of %d differs from the same row alone", tA, i, m)
					}
				}
			}
		}
	})
}

func TestThreadsDoNotMatter(t *testing.T) {
	eachKernel(t, func(t *testing.T) {
		for _, p := range []product{newProduct(false, false, 301, 70, 40, 1, 1), newProduct(true, false, 41, 513, 70, 1, 0), newProduct(false, true, 90, 200, 300, 2, 1)} {
			one := p.run(1)
			for threads := 2; threads <= 5; threads++ {
				if !slices.Equal(p.run(threads), one) {
					t.Errorf("%v: %d goroutines give other bits than one", p.shape(), threads)
				}
			}
		}
	})
}

func TestVectorKernelsAgree(t *testing.T) {
	if isa.Best() < isa.AVX512 {
		t.Skip("this CPU has no AVX-512 to compare AVX2 with")
	}
	var results [][]float32
	eachKernel(t, func(t *testing.T) {
		p := newProduct(false, true, 33, 77, 520, 1, 1)
		results = append(results, p.run(1))
	})
	if !slices.Equal(results[1], results[2]) {
		t.Error("AVX2 and AVX-512 give different bits")
	}
}

func TestPackedMul(t *testing.T) {
	eachKernel(t, func(t *testing.T) {
		var packed Packed
		for _, s := range [][3]int{{16, 512, 128}, {5, 33, 600}, {3, 1, 1}, {0, 4, 4}, {4, 4, 0}, {13, 128, 512}} {
			for _, tB := range []bool{false, true} {
				for _, beta := range []float32{0, 1, 0.5} {
					p := newProduct(false, tB, s[0], s[1], s[2], 1, beta)
					packed.Pack(tB, p.k, p.n, p.b, p.ldb)
					if k, n := packed.Shape(); k != p.k || n != p.n {
						t.Fatalf("shape %d x %d, want %d x %d", k, n, p.k, p.n)
					}
					c := slices.Clone(p.c)
					packed.Mul(false, p.m, p.a, p.lda, beta, c, p.ldc)
					p.check(t, c)
				}
			}
		}
	})
}

func TestConcurrentUse(t *testing.T) {
	p := newProduct(false, true, 64, 96, 128, 1, 0)
	want := p.run(1)
	var packed Packed
	packed.Pack(true, p.k, p.n, p.b, p.ldb)
	for range 8 {
		t.Run("", func(t *testing.T) {
			t.Parallel()
			for range 20 {
				c := slices.Clone(p.c)
				packed.Mul(false, p.m, p.a, p.lda, 0, c, p.ldc)
				if !slices.Equal(p.run(2), want) || !slices.Equal(c, want) {
					t.Error("a concurrent product differs")
				}
			}
		})
	}
}

func TestGemmTypes(t *testing.T) {
	p := newProduct(true, true, 9, 8, 7, 1, 1)
	a, b, c := make([]float64, len(p.a)), make([]float64, len(p.b)), make([]float64, len(p.c))
	for i, v := range p.a {
		a[i] = float64(v)
	}
	for i, v := range p.b {
		b[i] = float64(v)
	}
	for i, v := range p.c {
		c[i] = float64(v)
	}
	c32 := slices.Clone(p.c)
	Gemm(1, true, true, p.m, p.n, p.k, a, p.lda, b, p.ldb, 1, c, p.ldc)
	Gemm(1, true, true, p.m, p.n, p.k, p.a, p.lda, p.b, p.ldb, 1, c32, p.ldc)
	for i := range c {
		if math.Abs(c[i]-float64(c32[i])) > 1e-5 {
			t.Fatalf("number %d: %v in float64, %v in float32", i, c[i], c32[i])
		}
	}
	Gemm(1, false, false, 0, 3, 0, a, 1, b, 3, 0, c, 3) // an empty product is no error
}

func TestShortSlicesPanic(t *testing.T) {
	short := []func(){
		func() {
			Sgemm(false, false, 2, 2, 2, 1, make([]float32, 3), 2, make([]float32, 4), 2, 0, make([]float32, 4), 2)
		},
		func() {
			Sgemm(false, false, 2, 2, 2, 1, make([]float32, 4), 2, make([]float32, 3), 2, 0, make([]float32, 4), 2)
		},
		func() {
			Sgemm(false, false, 2, 2, 2, 1, make([]float32, 4), 2, make([]float32, 4), 2, 0, make([]float32, 3), 2)
		},
		func() {
			Sgemm(false, false, 2, 2, 2, 1, make([]float32, 4), 1, make([]float32, 4), 2, 0, make([]float32, 4), 2)
		},
		func() { new(Packed).Pack(true, 3, 3, make([]float32, 8), 3) },
	}
	for i, f := range short {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("case %d: no panic", i)
				}
			}()
			f()
		}()
	}
}

func TestKernelNames(t *testing.T) {
	if Kernel() != active.level.String() {
		t.Errorf("kernel %q, level %v", Kernel(), active.level)
	}
	if err := Setting(); err != nil {
		t.Error(err)
	}
	if g := measure(0); !(g > 0) {
		t.Errorf("%v GFLOP/s", g)
	}
}

func BenchmarkSgemm(b *testing.B) {
	shapes := []struct {
		name    string
		tA, tB  bool
		m, n, k int
	}{
		{"input/4800x512x40", false, false, 4800, 512, 40},
		{"input/4800x512x256", false, false, 4800, 512, 256},
		{"output/4800x62x256", false, false, 4800, 62, 256},
		{"weights/T256x512x4800", true, false, 256, 512, 4800},
		{"weights/T40x512x4800", true, false, 40, 512, 4800},
		{"back/4800x256x512T", false, true, 4800, 256, 512},
		{"square/512x512x512", false, false, 512, 512, 512},
	}
	was := active
	defer func() { active = was }()
	for l := isa.Best(); l >= isa.Scalar; l-- {
		active = kernels()[l]
		for _, s := range shapes {
			p := newProduct(s.tA, s.tB, s.m, s.n, s.k, 1, 0)
			b.Run(l.String()+"/"+s.name, func(b *testing.B) {
				for b.Loop() {
					Sgemm(p.tA, p.tB, p.m, p.n, p.k, 1, p.a, p.lda, p.b, p.ldb, 0, p.c, p.ldc)
				}
				b.ReportMetric(2*float64(p.m)*float64(p.n)*float64(p.k)*float64(b.N)/float64(b.Elapsed().Nanoseconds()), "GFLOP/s")
			})
		}
	}
}

func BenchmarkPackedStep(b *testing.B) {
	p := newProduct(false, false, 16, 512, 128, 1, 1)
	var packed Packed
	packed.Pack(false, p.k, p.n, p.b, p.ldb)
	b.Run(Kernel(), func(b *testing.B) {
		for b.Loop() {
			packed.Mul(false, p.m, p.a, p.lda, 1, p.c, p.ldc)
		}
		b.ReportMetric(2*float64(p.m)*float64(p.n)*float64(p.k)*float64(b.N)/float64(b.Elapsed().Nanoseconds()), "GFLOP/s")
	})
}
