package vec

import (
	"math"
	"slices"
	"testing"

	"framewise/transforms/isa"
)

func TestGRU(t *testing.T) {
	var avx2 []float32
	eachLevel(t, func(t *testing.T) {
		var all []float32
		for h := 1; h <= 40; h++ {
			g, s, hp, y := numbers("g", 3*h, 3), numbers("s", 3*h, 3), numbers("hp", h, 1), numbers("y", h, 1)
			dy, dh := numbers("dy", h, 1), numbers("dh", h, 1)
			before := [][]float32{slices.Clone(g), slices.Clone(s), slices.Clone(y), slices.Clone(dh)}
			wg, wy := make([]float64, 3*h), make([]float64, h)
			dg, ds, wh := make([]float64, 3*h), make([]float64, 3*h), make([]float64, h)
			for j := range h {
				at := func(x []float32, k int) float64 { return float64(x[k*h+j]) }
				r, z := sigmoid64(at(g, 0)+at(s, 0)), sigmoid64(at(g, 1)+at(s, 1))
				n := math.Tanh(at(g, 2) + r*at(s, 2))
				wg[j], wg[h+j], wg[2*h+j], wy[j] = r, z, n, (1-z)*n+z*at(hp, 0)
				d := at(dy, 0) + at(dh, 0)
				dn, dz := d*(1-z)*(1-n*n), d*(at(hp, 0)-n)*z*(1-z)
				dr := dn * at(s, 2) * r * (1 - r)
				dg[j], dg[h+j], dg[2*h+j] = dr, dz, dn
				ds[j], ds[h+j], ds[2*h+j], wh[j] = dr, dz, dn*r, d*z
			}
			GRUForward(g, s, hp, y[:h])
			near(t, "gates", g, before[0], wg, 1e-6, 5e-7)
			near(t, "output", y, before[2], wy, 1e-6, 5e-7)
			all = append(append(all, g...), y...)
			GRUBackward(g, s, hp, dy, dh[:h])
			near(t, "gradient of the gates", g, before[0], dg, 1e-6, 2e-6)
			near(t, "gradient of the state's share", s, before[1], ds, 1e-6, 2e-6)
			near(t, "gradient of the state", dh, before[3], wh, 1e-6, 1e-6)
			all = append(append(append(all, g...), s...), dh...)
		}
		if active.level == isa.AVX2 {
			avx2 = all
		}
		if active.level == isa.AVX512 && !slices.Equal(avx2, all) {
			t.Error("AVX2 and AVX-512 give different bits")
		}
		GRUForward(nil, nil, nil, nil)
		GRUBackward(nil, nil, nil, nil, nil)
	})
}
