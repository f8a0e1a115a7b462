package optim

import (
	"errors"
	"math"
	"slices"
	"strings"
	"testing"

	"framewise/corpus/draw"
)

func numbers(key string, n int) []float32 {
	k := draw.New(5, "optim test", key, 0)
	x := make([]float32, n)
	for i := range x {
		x[i] = float32(2*k.Float64(i) - 1)
	}
	return x
}

// params are two tensors, the last 3 numbers of each being biases.
func params() []Param {
	return []Param{{Name: "a", W: numbers("a", 23), Decay: 20}, {Name: "b", W: numbers("b", 9), Decay: 6}}
}

func gradients(step string) [][]float32 {
	return [][]float32{numbers("ga"+step, 23), numbers("gb"+step, 9)}
}

// reference is one step by definition, in float64.
func reference(cfg Config, w, m, v []float64, g []float32, decay int, scale, rate float64, t int) {
	for i := range w {
		d := scale * float64(g[i])
		if i < decay {
			d += cfg.L2 * w[i]
		}
		if cfg.Algorithm == SGD {
			m[i] = cfg.Momentum*m[i] + d
			w[i] -= rate * m[i]
			continue
		}
		m[i] = cfg.Beta1*m[i] + (1-cfg.Beta1)*d
		v[i] = cfg.Beta2*v[i] + (1-cfg.Beta2)*d*d
		mh, vh := m[i]/(1-math.Pow(cfg.Beta1, float64(t))), v[i]/(1-math.Pow(cfg.Beta2, float64(t)))
		w[i] -= rate * mh / (math.Sqrt(vh) + cfg.Epsilon)
	}
}

func TestStepsByDefinition(t *testing.T) {
	for _, algorithm := range []string{Adam, SGD} {
		for _, clip := range []float64{0, 1.5} {
			cfg := DefaultConfig()
			cfg.Algorithm, cfg.ClipNorm, cfg.L2 = algorithm, clip, 0.01
			ps := params()
			s, err := New(cfg, ps)
			if err != nil {
				t.Fatal(err)
			}
			var w, m, v [][]float64
			for _, p := range ps {
				x := make([]float64, len(p.W))
				for i := range x {
					x[i] = float64(p.W[i])
				}
				w, m, v = append(w, x), append(m, make([]float64, len(x))), append(v, make([]float64, len(x)))
			}
			for step := 1; step <= 20; step++ {
				g := gradients(string(rune('a' + step)))
				var sum float64
				for _, x := range slices.Concat(g...) {
					sum += float64(x) * float64(x)
				}
				norm, err := s.Step(g, 0.01)
				if err != nil || math.Abs(norm-math.Sqrt(sum)) > 1e-12 {
					t.Fatalf("norm %v, error %v; want %v", norm, err, math.Sqrt(sum))
				}
				scale := 1.0
				if clip > 0 && norm > clip {
					scale = clip / norm
				}
				for i, p := range ps {
					reference(cfg, w[i], m[i], v[i], g[i], p.Decay, scale, 0.01, step)
				}
			}
			for i, p := range ps {
				for j, x := range w[i] {
					if math.Abs(float64(p.W[j])-x) > 2e-6 {
						t.Fatalf("%s, clip %v: weight %d of %s is %v, want %v", algorithm, clip, j, p.Name, p.W[j], x)
					}
				}
			}
		}
	}
}

func TestNotFinite(t *testing.T) {
	ps := params()
	s, _ := New(DefaultConfig(), ps)
	before := slices.Clone(ps[0].W)
	for _, bad := range []float32{float32(math.NaN()), float32(math.Inf(1))} {
		g := gradients("x")
		g[1][4] = bad
		if _, err := s.Step(g, 0.1); !errors.Is(err, ErrNotFinite) {
			t.Errorf("gradient with %v: %v", bad, err)
		}
	}
	if !slices.Equal(ps[0].W, before) || s.State().Steps != 0 {
		t.Error("a refused step changed something")
	}
	if _, err := s.Step(gradients("x")[:1], 0.1); err == nil {
		t.Error("a gradient too few")
	}
	if _, err := s.Step([][]float32{{1}, {2}}, 0.1); err == nil {
		t.Error("gradients too short")
	}
}

func TestValidate(t *testing.T) {
	for want, change := range map[string]func(c *Config){
		`optimizer "adamw": want adam or sgd`: func(c *Config) { c.Algorithm = "adamw" },
		"beta1 1":                             func(c *Config) { c.Beta1 = 1 },
		"epsilon 0":                           func(c *Config) { c.Epsilon = 0 },
		"momentum -1":                         func(c *Config) { c.Algorithm, c.Momentum = SGD, -1 },
		"l2 -1":                               func(c *Config) { c.L2 = -1 },
		"clip_norm NaN":                       func(c *Config) { c.ClipNorm = math.NaN() },
	} {
		cfg := DefaultConfig()
		change(&cfg)
		if _, err := New(cfg, params()); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v, want one about %q", err, want)
		}
	}
	if _, err := New(DefaultConfig(), []Param{{Name: "a", W: []float32{1}, Decay: 2}}); err == nil {
		t.Error("L2 on more weights than there are")
	}
}
