package train

import (
	"context"
	"errors"
	"fmt"

	"framewise/model"
	"framewise/model/optim"
)

// PlannedBatch is a batch of a run.
type PlannedBatch struct {
	Epoch int      `json:"epoch"` // from 1
	Rate  float64  `json:"rate"`  // learning rate of the update that it is part of
	IDs   []string `json:"ids"`   // of its examples, in their places in the batch
}

// Plan lists the batches of all epochs that Run would train on, in its order,
// for other programs to train on the same ones. It knows nothing of early
// stopping; the schedule plateau, whose rate follows the losses, is an error.
func Plan(ctx context.Context, data string, c Config) ([]PlannedBatch, error) {
	if err := c.Validate(); err != nil {
		return nil, fmt.Errorf("training config: %w", err)
	}
	m, closeData, err := openMaterial(ctx, data, c)
	if err != nil {
		return nil, err
	}
	plan, err := planRun(m, c)
	return plan, errors.Join(err, closeData())
}

func planRun(m *material, c Config) ([]PlannedBatch, error) {
	if c.Schedule.Name == optim.StepDown {
		return nil, fmt.Errorf("plan a run: the rates of schedule %s follow its losses", c.Schedule.Name)
	}
	fold, err := m.labels.Fold(c.Folding)
	if err != nil {
		return nil, fmt.Errorf("plan a run: %w", err)
	}
	net, err := model.New(c.Network, m.f, c.Loss.Outputs(len(fold.Labels)), c.Seed)
	if err != nil {
		return nil, fmt.Errorf("plan a run: %w", err)
	}
	fit, _ := items(m.train, net, false)
	r := &reader{src: m.train}
	var all []PlannedBatch
	for epoch := 1; epoch <= c.Epochs; epoch++ {
		plan := planEpoch(fit, r.id, c.Batch, c.Seed, epoch)
		for n, indices := range plan {
			b := PlannedBatch{Epoch: epoch, Rate: c.rateAt(epoch, n, len(plan), 0)}
			for _, i := range indices {
				b.IDs = append(b.IDs, r.id(i))
			}
			all = append(all, b)
		}
	}
	return all, nil
}
