package optim

import "fmt"

// Average is an exponential moving average of weights (Polyak and Juditsky
// 1992 in the form of TensorFlow's ExponentialMovingAverage): after update n,
// counted from 0,
//
//	average = d average + (1-d) weights,  d = min(decay, (1+n)/(10+n))
//
// so that the first weights, which are drawn, are soon forgotten.
type Average struct {
	decay  float64
	params []Param
	values [][]float32
}

// NewAverage makes an average that is the weights as they are.
func NewAverage(decay float64, params []Param) (*Average, error) {
	if !(decay > 0 && decay < 1) {
		return nil, fmt.Errorf("average of weights: decay %v, want 0 < decay < 1", decay)
	}
	a := &Average{decay: decay, params: params}
	for _, p := range params {
		a.values = append(a.values, append([]float32(nil), p.W...))
	}
	return a, nil
}

// Values are the averages, by parameter. They are the Average's own.
func (a *Average) Values() [][]float32 { return a.values }

// Update follows the weights after update n.
func (a *Average) Update(n int) {
	d := min(a.decay, float64(1+n)/float64(10+n))
	keep, take := float32(d), float32(1-d)
	for i, p := range a.params {
		value := a.values[i]
		for j, w := range p.W {
			value[j] = float32(keep*value[j]) + float32(take*w)
		}
	}
}

// Swap exchanges weights and averages; a second call puts them back.
func (a *Average) Swap() {
	for i, p := range a.params {
		value := a.values[i]
		for j, w := range p.W {
			p.W[j], value[j] = value[j], w
		}
	}
}
