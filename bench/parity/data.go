package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"

	"framewise/dataset"
)

// prepare makes the demo's dataset, unless it stands or another one is wanted.
func (o *options) prepare(ctx context.Context) error {
	if o.data != "" {
		return nil
	}
	o.data = filepath.Join(o.work(), "data")
	_, err := os.Stat(filepath.Join(o.data, dataset.ManifestName))
	if !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if err := os.MkdirAll(o.work(), 0o755); err != nil {
		return err
	}
	speech, manifest := filepath.Join(o.work(), "speech"), filepath.Join(o.work(), "corpus.jsonl")
	for _, args := range [][]string{
		{"synth", "--out", speech},
		{"import", "timit", speech, "--out", manifest, "--dev-speakers", "4"},
		{"build", "--corpus", manifest, "--out", o.data},
	} {
		cmd := exec.CommandContext(ctx, filepath.Join(o.bench, "..", "bin", "framewise"), args...)
		cmd.Stdout, cmd.Stderr = os.Stderr, os.Stderr
		if err := cmd.Run(); err != nil {
			return fmt.Errorf("framewise %s: %w (`make build` makes bin/framewise)", args[0], err)
		}
	}
	return nil
}
