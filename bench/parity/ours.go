package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"

	"framewise/model/results"
	"framewise/model/train"
)

// An epoch is a point of the curves.
type epoch struct {
	Program       string  `json:"program"`
	Seed          uint64  `json:"seed"`
	Epoch         int     `json:"epoch"`
	TrainLoss     float64 `json:"train_loss"` // nats a frame, with dropout
	TrainAccuracy float64 `json:"train_accuracy"`
	DevLoss       float64 `json:"dev_loss"`
	DevAccuracy   float64 `json:"dev_accuracy"`

	// Ours only where the epoch was kept: framewise scores test afterwards.
	TestAccuracy *float64 `json:"test_accuracy"`
}

// ours is framewise's name in the curves.
const ours = "framewise"

// config is what is trained: the default configuration, to the end.
func (o options) config(seed uint64, epochs int) train.Config {
	c := train.DefaultConfig()
	c.Epochs, c.Seed, c.Threads, c.Baseline, c.EarlyStopping.Patience = epochs, seed, o.threads, "none", 0
	return c
}

// trainOurs trains with framewise into a new run folder. It gives the epochs
// and the loss of every batch.
func trainOurs(ctx context.Context, data, run string, c train.Config) ([]epoch, []float64, error) {
	if err := os.RemoveAll(run); err != nil {
		return nil, nil, err
	}
	var losses []float64
	opt := train.Options{Data: data, Out: run, Config: c, Version: "bench", Progress: func(p train.Progress) {
		if p.Phase == "train" {
			losses = append(losses, p.BatchLoss)
		}
	}}
	made, err := train.Run(ctx, opt)
	if err != nil {
		return nil, nil, err
	}
	test, err := train.Evaluate(ctx, train.EvalOptions{Run: run, Data: data})
	if err != nil {
		return nil, nil, err
	}
	lines, err := results.ReadMetrics(filepath.Join(run, results.MetricsFile))
	if err != nil {
		return nil, nil, err
	}
	var epochs []epoch
	for _, l := range lines {
		if l.DevAccuracy == nil {
			return nil, nil, fmt.Errorf("%s has no split dev to score", data)
		}
		e := epoch{Program: ours, Seed: c.Seed, Epoch: l.Epoch, TrainLoss: l.TrainLoss, TrainAccuracy: l.TrainAccuracy, DevLoss: *l.DevLoss, DevAccuracy: *l.DevAccuracy}
		if l.Epoch == made.Best {
			e.TestAccuracy = &test.FrameAccuracy
		}
		epochs = append(epochs, e)
	}
	return epochs, losses, nil
}
