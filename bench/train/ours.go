package main

import (
	"fmt"
	"os"
	"strings"

	"framewise/bench/turns"
	"framewise/model"
	"framewise/model/gemm"
	"framewise/model/nn"
	"framewise/model/optim"
)

// serve is the server of our works.
func serve(threads int) error {
	if err := gemm.Setting(); err != nil { // figures of something else than the rows say would be lies
		return err
	}
	nn.SetThreads(threads)
	return turns.Serve(os.Stdin, os.Stdout, turns.Offer{}, makeWork)
}

func makeWork(id string) (turns.Work, error) {
	if id, ok := strings.CutPrefix(id, memoryPrefix); ok {
		return makeMemoryWork(id)
	}
	s, err := find(id)
	if err != nil {
		return turns.Work{}, err
	}
	switch s.Kind {
	case kindConv:
		return makeConv(s)
	case kindCTC:
		return makeCTC(s)
	}
	l, err := newLearner(s)
	if err != nil {
		return turns.Work{}, err
	}
	return turns.Work{Run: l.step, Save: func() []float32 { return l.losses }}, nil
}

// learner trains a network on one batch, again and again.
type learner struct {
	net    *model.Network
	batch  *model.Batch
	solver *optim.Solver
	losses []float32 // of all steps
}

func newLearner(s spec) (*learner, error) {
	c, err := s.network()
	if err != nil {
		return nil, err
	}
	n, err := model.New(c, s.F, s.K, seed)
	if err != nil {
		return nil, err
	}
	n.Reserve(s.T * s.B)
	return &learner{net: n, batch: s.batch(n.Inputs())}, nil
}

func (l *learner) step() error {
	if l.solver == nil {
		var params []optim.Param
		for _, p := range l.net.Params() {
			params = append(params, optim.Param{Name: p.Name, W: p.Data(), Decay: p.Decay()})
		}
		s, err := optim.New(optim.DefaultConfig(), params)
		if err != nil {
			return err
		}
		l.solver = s
	}
	step, err := l.net.Gradients(l.batch, len(l.losses))
	if err != nil {
		return err
	}
	if step.Terms == 0 {
		return fmt.Errorf("a batch without a labelled frame")
	}
	l.losses = append(l.losses, float32(step.Loss/float64(step.Terms)))
	_, err = l.solver.Step(step.Grads, rate)
	return err
}
