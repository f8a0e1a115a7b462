package gemm

import (
	"errors"
	"math"
	"strings"
	"testing"

	"framewise/transforms/isa"
)

// using runs f with a backend, and skips it where the backend is not there.
func using(t *testing.T, name string, f func(t *testing.T)) {
	t.Run(name, func(t *testing.T) {
		t.Setenv(Variable, "")
		if err := Use(name); err != nil {
			t.Skip(err)
		}
		defer Use(Own)
		f(t)
	})
}

// TestBackendsAgree holds every backend against our kernels, Packed included.
func TestBackendsAgree(t *testing.T) {
	const m, n, k = 13, 37, 300
	was := active
	defer func() { active = was }()
	for _, name := range Backends() {
		using(t, name, func(t *testing.T) {
			for _, kn := range []*kernel{portable, was} {
				active = kn
				for i := range 8 {
					tA, tB, beta := i&1 != 0, i&2 != 0, float32(i>>2)
					a, b := values(m*k, 1), values(k*n, 2)
					lda, ldb := k, n
					if tA {
						lda = m
					}
					if tB {
						ldb = k
					}
					want, got, packed := values(m*n, 3), values(m*n, 3), values(m*n, 3)
					for i := range m {
						for j := range n {
							s := float64(beta * want[i*n+j])
							for q := range k {
								s += float64(a[offset(tA, i, q, lda)]) * float64(b[offset(tB, q, j, ldb)])
							}
							want[i*n+j] = float32(s)
						}
					}
					Sgemm(tA, tB, m, n, k, 1, a, lda, b, ldb, beta, got, n)
					var p Packed
					p.Pack(tB, k, n, b, ldb)
					p.Mul(tA, m, a, lda, beta, packed, n)
					for j := range want {
						if math.Abs(float64(got[j]-want[j])) > 1e-4 || math.Abs(float64(packed[j]-want[j])) > 1e-4 {
							t.Fatalf("%s, tA %v, tB %v, beta %v: element %d is %v, packed %v, want %v", Backend(), tA, tB, beta, j, got[j], packed[j], want[j])
						}
					}
				}
			}
		})
	}
}

func values(n, seed int) []float32 {
	x := make([]float32, n)
	for i := range x {
		x[i] = float32((i*7919+seed*104729)%2001-1000) / 1000
	}
	return x
}

func TestUse(t *testing.T) {
	t.Setenv(Variable, "")
	defer Use(Own)
	if err := Use("atlas"); err == nil || !strings.Contains(err.Error(), `"atlas"`) || !strings.Contains(err.Error(), OpenBLAS) {
		t.Errorf("an unknown name: %v, want an error with it and the known ones", err)
	}
	if err := Use(Gonum); err != nil || Backend() != "gonum" {
		t.Errorf("gonum: %v, %s", err, Backend())
	}
	if err := Use("atlas"); err == nil || Backend() != "gonum" {
		t.Errorf("after an error %s multiplies, want what did before", Backend())
	}
	t.Setenv(Variable, Own)
	if err := Use(Gonum); err != nil || Backend() != "own kernels, "+Kernel() {
		t.Errorf("with the environment's %s: %v, %s", Own, err, Backend())
	}
	t.Setenv(Variable, "")
	if err := Use(Auto); err != nil || active.level > isa.Scalar && !strings.HasPrefix(Backend(), "own kernels") {
		t.Errorf("auto with vector kernels: %v, %s", err, Backend())
	}
	if _, err := open(OpenBLAS); errors.Is(err, ErrNoLibraries) && len(Installed()) > 0 {
		t.Errorf("a build without libraries has %v", Installed())
	}
}
