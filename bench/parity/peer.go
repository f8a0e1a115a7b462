package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"

	"framewise/bench/result"
	"framewise/dataset"
	"framewise/model"
	"framewise/model/interchange"
	"framewise/model/results"
	"framewise/model/train"
	"framewise/model/weights"
)

// job is what parity_peer.py is told beside the plan and the weights.
type job struct {
	Data    string `json:"data"`
	Classes int    `json:"classes"`
	Seed    uint64 `json:"seed"`
	Threads int    `json:"threads"`
}

// batchLoss is the loss of one batch in both programs.
type batchLoss struct {
	Epoch int     `json:"epoch"`
	Batch int     `json:"batch"` // over all epochs, from 0
	Ours  float64 `json:"framewise"`
	Peers float64 `json:"pytorch"`
}

// both trains with both programs in a folder of that name.
func (o options) both(ctx context.Context, name string, c train.Config) ([]epoch, []batchLoss, error) {
	folder := filepath.Join(o.work(), name)
	run := filepath.Join(folder, "run")
	if err := os.MkdirAll(folder, 0o755); err != nil {
		return nil, nil, err
	}
	epochs, losses, err := trainOurs(ctx, o.data, run, c)
	if err != nil {
		return nil, nil, fmt.Errorf("framewise: %w", err)
	}
	plan, err := train.Plan(ctx, o.data, c)
	if err != nil {
		return nil, nil, err
	}
	if err := o.writeJob(ctx, folder, run, c, plan); err != nil {
		return nil, nil, err
	}
	cmd := exec.CommandContext(ctx, filepath.Join(o.bench, ".venv-train", "bin", "python"), filepath.Join(o.bench, "parity_peer.py"), folder)
	cmd.Stdout, cmd.Stderr = os.Stderr, os.Stderr
	if err := cmd.Run(); err != nil {
		return nil, nil, fmt.Errorf("parity_peer.py %s: %w", folder, err)
	}
	theirs, err := readEpochs(filepath.Join(folder, "epochs.jsonl"))
	if err != nil {
		return nil, nil, err
	}
	var peers []float64
	text, err := os.ReadFile(filepath.Join(folder, "losses.json"))
	if err == nil {
		err = json.Unmarshal(text, &peers)
	}
	if err == nil && (len(losses) != len(plan) || len(peers) != len(plan)) {
		err = fmt.Errorf("%d batches were planned, framewise trained on %d, PyTorch on %d", len(plan), len(losses), len(peers))
	}
	if err != nil {
		return nil, nil, fmt.Errorf("%s: %w", folder, err)
	}
	pairs := make([]batchLoss, len(plan))
	for i, b := range plan {
		pairs[i] = batchLoss{Epoch: b.Epoch, Batch: i, Ours: losses[i], Peers: peers[i]}
	}
	return append(epochs, theirs...), pairs, nil
}

// writeJob writes what the peer reads: the weights are those that the run of
// that configuration began with.
func (o options) writeJob(ctx context.Context, folder, run string, c train.Config, plan []train.PlannedBatch) error {
	d, err := dataset.Open(ctx, o.data)
	if err != nil {
		return err
	}
	fold, err := d.Manifest.LabelSet.Fold(c.Folding)
	if err != nil {
		return err
	}
	f, classes := d.Manifest.FeatureDim, len(fold.Labels)
	net, err := model.New(c.Network, f, classes, c.Seed)
	if err != nil {
		return err
	}
	ts, err := interchange.Export(net, f, interchange.PyTorch)
	if err != nil {
		return err
	}
	data, err := filepath.Abs(o.data)
	if err != nil {
		return err
	}
	told, err := json.Marshal(job{Data: data, Classes: classes, Seed: c.Seed, Threads: o.threads})
	if err != nil {
		return err
	}
	config, err := os.ReadFile(filepath.Join(run, results.ConfigFile))
	if err != nil {
		return err
	}
	return errors.Join(
		weights.Write(filepath.Join(folder, "weights.safetensors"), weights.File{Tensors: ts, Meta: map[string]string{"format": "pt"}}),
		weights.WriteFile(filepath.Join(folder, "job.json"), told),
		weights.WriteFile(filepath.Join(folder, "config.yaml"), config),
		result.WriteLines(filepath.Join(folder, "plan.jsonl"), plan))
}

func readEpochs(path string) ([]epoch, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	var all []epoch
	for line := range bytes.Lines(text) {
		var e epoch
		if err := json.Unmarshal(line, &e); err != nil {
			return nil, fmt.Errorf("%s: line %d: %w", path, len(all)+1, err)
		}
		all = append(all, e)
	}
	return all, nil
}
