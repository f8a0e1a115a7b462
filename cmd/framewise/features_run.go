package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/spf13/cobra"

	"framewise/dataset"
	"framewise/dataset/extract"
)

// one extracts one recording to standard output or to a file.
func (j *featuresJob) one(cmd *cobra.Command, path string) error {
	if j.out == "" {
		_, err := extract.New(j.cfg).File(cmd.Context(), path, cmd.OutOrStdout())
		return rateAsUsage(err)
	}
	if target, err := filepath.EvalSymlinks(j.out); err == nil {
		j.out = target // the file is replaced, not the link
	}
	if info, err := os.Stat(j.out); err == nil && !info.Mode().IsRegular() {
		return j.into(cmd, path)
	}
	var failed error
	in := []extract.Input{{Path: path, Name: filepath.Base(j.out)}}
	err := extract.Run(cmd.Context(), in, dataset.NewLocal(filepath.Dir(j.out)), "", j.cfg, 1, func(d extract.Done) { failed = d.Err })
	return errors.Join(err, rateAsUsage(failed))
}

// into extracts one recording into what is there and no regular file: a pipe, a
// device.
func (j *featuresJob) into(cmd *cobra.Command, path string) error {
	f, err := os.OpenFile(j.out, os.O_WRONLY, 0)
	if err != nil {
		return asUsage(err)
	}
	_, err = extract.New(j.cfg).File(cmd.Context(), path, f)
	return errors.Join(rateAsUsage(err), f.Close())
}

// rateAsUsage marks a configuration that does not fit a recording's rate as an
// error of the call.
func rateAsUsage(err error) error {
	if errors.As(err, new(*extract.RateError)) {
		return asUsage(err)
	}
	return err
}

// several extracts recordings into a folder.
func (j *featuresJob) several(cmd *cobra.Command, paths []string, ending string) error {
	inputs, err := extract.Find(paths)
	if err != nil {
		return asUsage(err)
	}
	p := newProgress(cmd.ErrOrStderr())
	var ended, failed, frames int64
	var seconds float64
	total := int64(len(inputs))
	p.update("features", "recordings", 0, total)
	err = extract.Run(cmd.Context(), inputs, dataset.NewLocal(j.out), ending, j.cfg, j.workers, func(d extract.Done) {
		ended++
		if d.Err != nil {
			failed++
			p.say(d.Err.Error())
		} else {
			frames += int64(d.Frames)
			seconds += float64(d.Samples) / float64(d.Rate)
		}
		p.update("features", "recordings", ended, total)
	})
	p.finish()
	if err != nil {
		return fmt.Errorf("features: broken off after %d of %d recordings: %w", ended, total, err)
	}
	length := time.Duration(seconds * float64(time.Second)).Round(time.Second)
	fmt.Fprintf(cmd.OutOrStdout(), "%d recordings, %s of audio, %d frames in %s\n", ended-failed, length, frames, j.out)
	if failed > 0 {
		return wrongf("%d of %d recordings failed", failed, total)
	}
	return nil
}
