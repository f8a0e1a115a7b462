// Package optim updates weights from gradients: Adam, and gradient descent with
// momentum, with L2 regularization and clipping by the global norm. It works on
// plain slices in a fixed order and shows its state, so that training can be
// resumed bit for bit.
package optim

import (
	"errors"
	"fmt"
	"math"

	"framewise/model/vec"
)

// ErrNotFinite is returned by Step for gradients with a NaN or an infinity.
var ErrNotFinite = errors.New("gradient is not finite")

// Algorithm names.
const (
	Adam = "adam"
	SGD  = "sgd"
)

// Config describes a Solver. The learning rate is given to every Step.
type Config struct {
	Algorithm string  `yaml:"algorithm" json:"algorithm"` // adam | sgd
	Beta1     float64 `yaml:"beta1" json:"beta1"`         // Adam: decay of the first moment
	Beta2     float64 `yaml:"beta2" json:"beta2"`         // Adam: decay of the second moment
	Epsilon   float64 `yaml:"epsilon" json:"epsilon"`     // Adam: added to the root of the second moment
	Momentum  float64 `yaml:"momentum" json:"momentum"`   // SGD
	L2        float64 `yaml:"l2" json:"l2"`               // adds L2*w to the gradient of every weight that is not a bias
	ClipNorm  float64 `yaml:"clip_norm" json:"clip_norm"` // largest norm of all gradients together; 0 = any
}

// DefaultConfig is Adam with the constants of Kingma and Ba (2015).
func DefaultConfig() Config {
	return Config{Algorithm: Adam, Beta1: 0.9, Beta2: 0.999, Epsilon: 1e-8, Momentum: 0.9}
}

// Validate reports the first setting that makes no sense.
func (c Config) Validate() error {
	within := func(x float64) bool { return x >= 0 && x < 1 }
	switch {
	case c.Algorithm != Adam && c.Algorithm != SGD:
		return fmt.Errorf("optimizer %q: want %s or %s", c.Algorithm, Adam, SGD)
	case c.Algorithm == Adam && !(within(c.Beta1) && within(c.Beta2) && c.Epsilon > 0):
		return fmt.Errorf("optimizer: beta1 %v, beta2 %v, epsilon %v; want 0 <= beta < 1 and epsilon > 0", c.Beta1, c.Beta2, c.Epsilon)
	case c.Algorithm == SGD && !within(c.Momentum):
		return fmt.Errorf("optimizer: momentum %v, want 0 <= momentum < 1", c.Momentum)
	case !(c.L2 >= 0) || !(c.ClipNorm >= 0):
		return fmt.Errorf("optimizer: l2 %v, clip_norm %v; want neither below 0", c.L2, c.ClipNorm)
	}
	return nil
}

// Param is one tensor of weights, changed in place by Step.
type Param struct {
	Name  string
	W     []float32
	Decay int // the first Decay numbers of W are subject to L2; the rest are biases
}

// Solver updates a fixed list of parameters.
type Solver struct {
	cfg    Config
	params []Param
	state  State
}

// State is what a Solver remembers between steps. Its slices are the Solver's
// own, by parameter, as long as its weights.
type State struct {
	Steps  int         // taken so far
	First  [][]float32 // Adam: first moments; SGD: velocities
	Second [][]float32 // Adam: second moments; SGD: none
}

// New makes a Solver that has taken no step.
func New(cfg Config, params []Param) (*Solver, error) {
	if err := cfg.Validate(); err != nil {
		return nil, err
	}
	s := &Solver{cfg: cfg, params: params}
	for _, p := range params {
		if p.Decay < 0 || p.Decay > len(p.W) {
			return nil, fmt.Errorf("optimizer: %s: L2 on %d of %d weights", p.Name, p.Decay, len(p.W))
		}
		s.state.First = append(s.state.First, make([]float32, len(p.W)))
		if cfg.Algorithm == Adam {
			s.state.Second = append(s.state.Second, make([]float32, len(p.W)))
		}
	}
	return s, nil
}

// State shows the Solver's memory, to be saved; it changes with the next Step.
func (s *Solver) State() *State { return &s.state }

// Step updates the weights with gradients given in the order of the
// parameters, and returns the norm of all gradients together, before clipping.
// Clipping scales them to ClipNorm if they are longer; L2 is added after it,
// as a weight decay of PyTorch is. If the norm is not finite nothing is
// changed and the error is ErrNotFinite.
func (s *Solver) Step(grads [][]float32, rate float64) (norm float64, err error) {
	if len(grads) != len(s.params) {
		return 0, fmt.Errorf("optimizer: %d gradients for %d parameters", len(grads), len(s.params))
	}
	var sum float64
	for i, g := range grads {
		if len(g) != len(s.params[i].W) {
			return 0, fmt.Errorf("optimizer: %d gradients for the %d weights of %s", len(g), len(s.params[i].W), s.params[i].Name)
		}
		sum += sumSquares(g)
	}
	norm = math.Sqrt(sum)
	if math.IsNaN(norm) || math.IsInf(norm, 0) {
		return norm, ErrNotFinite
	}
	scale := 1.0
	if s.cfg.ClipNorm > 0 && norm > s.cfg.ClipNorm {
		scale = s.cfg.ClipNorm / norm
	}
	s.state.Steps++
	for i, g := range grads {
		d := s.params[i].Decay
		s.update(i, 0, d, g, scale, s.cfg.L2, rate)
		s.update(i, d, len(g), g, scale, 0, rate)
	}
	return norm, nil
}

// sumSquares sums in four interleaved parts: fast, and always in the same order.
func sumSquares(x []float32) float64 {
	var s [4]float64
	for len(x) >= 4 {
		a, b, c, d := float64(x[0]), float64(x[1]), float64(x[2]), float64(x[3])
		s[0] += a * a
		s[1] += b * b
		s[2] += c * c
		s[3] += d * d
		x = x[4:]
	}
	for i, v := range x {
		s[i] += float64(v) * float64(v)
	}
	return s[0] + s[1] + (s[2] + s[3])
}

// update steps numbers lo to hi of parameter i.
func (s *Solver) update(i, lo, hi int, g []float32, scale, decay, rate float64) {
	w, g, first := s.params[i].W[lo:hi], g[lo:hi], s.state.First[i][lo:hi]
	if s.cfg.Algorithm == Adam {
		t := float64(s.state.Steps)
		vec.Adam(w, g, first, s.state.Second[i][lo:hi], &vec.AdamStep{
			Scale: float32(scale), Decay: float32(decay),
			Beta1: float32(s.cfg.Beta1), OneMinusBeta1: float32(1 - s.cfg.Beta1),
			Beta2: float32(s.cfg.Beta2), OneMinusBeta2: float32(1 - s.cfg.Beta2),
			Rate:       float32(rate / (1 - math.Pow(s.cfg.Beta1, t))),
			Correction: float32(1 / (1 - math.Pow(s.cfg.Beta2, t))),
			Epsilon:    float32(s.cfg.Epsilon)})
		return
	}
	momentum, sc, dec, lr := float32(s.cfg.Momentum), float32(scale), float32(decay), float32(rate)
	for j := range w {
		first[j] = momentum*first[j] + (sc*g[j] + dec*w[j])
		w[j] -= lr * first[j]
	}
}
