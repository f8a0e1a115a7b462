package train

import (
	"framewise/model"
	"framewise/model/optim"
	"framewise/model/weights"
)

// learner is a network with its optimizer.
type learner struct {
	net     *model.Network
	solver  *optim.Solver
	prefix  string
	params  []optim.Param
	average *optim.Average     // nil if weights are not averaged
	sums    *optim.Accumulator // nil if every batch makes an update
}

func newLearner(net *model.Network, prefix string, cfg optim.Config) (*learner, error) {
	var params []optim.Param
	for _, p := range net.Params() {
		params = append(params, optim.Param{Name: p.Name, W: p.Data(), Decay: p.Decay()})
	}
	s, err := optim.New(cfg, params)
	if err != nil {
		return nil, err
	}
	return &learner{net: net, solver: s, prefix: prefix, params: params}, nil
}

// tensors are the weights and what is kept beside them, sharing the learner's
// memory.
func (l *learner) tensors() []weights.Tensor {
	ts := l.net.Tensors(l.prefix)
	for kind, values := range l.memory() {
		for i, v := range values {
			p := l.net.Params()[i]
			ts = append(ts, weights.Tensor{Name: kind + l.prefix + p.Name, Shape: []int{p.Rows, p.Cols}, Data: v})
		}
	}
	return ts
}

// memory is what a learner keeps beside its weights, by parameter.
func (l *learner) memory() map[string][][]float32 {
	s := l.solver.State()
	m := map[string][][]float32{firstMoments: s.First, secondMoments: s.Second}
	if l.average != nil {
		m[averageValues] = l.average.Values()
	}
	if l.sums != nil && l.sums.Weight > 0 {
		m[pendingSums] = l.sums.Sums()
	}
	return m
}

// restore takes all that from a checkpoint.
func (l *learner) restore(f weights.File, steps int, pending float64) error {
	if err := l.net.Load(f, l.prefix); err != nil {
		return err
	}
	if l.sums != nil {
		l.sums.Weight = pending
	}
	for kind, values := range l.memory() {
		for i, v := range values {
			p := l.net.Params()[i]
			t, err := f.Get(kind+l.prefix+p.Name, p.Rows, p.Cols)
			if err != nil {
				return err
			}
			copy(v, t.Data)
		}
	}
	l.solver.State().Steps = steps
	return nil
}

// openLearner makes what trains the network.
func (t *trainer) openLearner(net *model.Network) (err error) {
	if t.main, err = newLearner(net, networkPrefix, solverConfig(t.cfg)); err != nil {
		return err
	}
	if t.cfg.Accumulate > 1 {
		t.main.sums = optim.NewAccumulator(t.main.params)
	}
	if t.cfg.EMA > 0 {
		if t.main.average, err = optim.NewAverage(t.cfg.EMA, t.main.params); err != nil {
			return err
		}
	}
	if t.cfg.WeightNoise > 0 {
		for _, p := range t.main.params {
			t.quiet = append(t.quiet, make([]float32, len(p.W)))
		}
	}
	return nil
}
