package nn

import "fmt"

// Activation is the function that a layer applies to its sums.
type Activation int

// The activations.
const (
	Linear Activation = iota
	Tanh
	ReLU
)

// String is the activation's name in configurations: linear, tanh, relu.
func (a Activation) String() string {
	if a < Linear || a > ReLU {
		return fmt.Sprintf("Activation(%d)", int(a))
	}
	return [...]string{"linear", "tanh", "relu"}[a]
}

// ParseActivation is the inverse of String.
func ParseActivation(name string) (Activation, error) {
	for a := Linear; a <= ReLU; a++ {
		if a.String() == name {
			return a, nil
		}
	}
	return 0, fmt.Errorf("activation %q: want linear, tanh or relu", name)
}

// activate applies the function in place.
func activate[F float](a Activation, x []F) {
	switch a {
	case Tanh:
		tanhOf(x, x)
	case ReLU:
		for i, v := range x {
			x[i] = max(v, 0)
		}
	}
}

// activationGradient stores in dst the gradient with respect to the sums,
// from dy and the function's value y. The slope of ReLU at 0 is 0.
func activationGradient[F float](a Activation, dst, dy, y []F) {
	y, dy = y[:len(dst)], dy[:len(dst)]
	switch a {
	case Tanh:
		for i := range dst {
			dst[i] = dy[i] * (1 - y[i]*y[i])
		}
	case ReLU:
		for i := range dst {
			if dst[i] = dy[i]; y[i] <= 0 {
				dst[i] = 0
			}
		}
	default:
		copy(dst, dy)
	}
}
