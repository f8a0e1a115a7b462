package main

import (
	"bytes"
	"path/filepath"
	"slices"
	"testing"

	"github.com/spf13/cobra"

	"framewise/corpus"
	"framewise/internal/fuzzing"
)

// FuzzLine reads a pipeline.yaml with a setting over it, as `framewise run`
// does: whatever is wrong is an error of the call, and what --print-config
// prints of it is a file that resolves to the same in the same folder, whatever
// the folder that the program is called from.
func FuzzLine(f *testing.F) {
	f.Add([]byte("import: {kind: timit, dir: TIMIT, keep_sa: true, dev_speakers: [a, b]}\ncorpus: c.jsonl\nbuild: {out: data, augment: {concat: {copies: 2}}}\n"+
		"train: {out: run, preset: post}\neval: {splits: [dev, test]}\nreport: report.html\n"), "train.seed=2")
	f.Add([]byte("build:\ntrain: ~\neval: {splits: []}\nimport: {}\n"), "build.features={preset: kaldi-fbank}")
	f.Add([]byte("build: [1]\n"), "report=gs://b/x")
	f.Add([]byte("corpus: gs://b/c.jsonl\nbuild: {out: 'gs://b/d', corpus: x, noise: {manifest: n.jsonl}}\n"), "corpus=")
	f.Add([]byte("corpus: ../c.jsonl\nbuild: {out: ../../../d, noise: {manifest: /n.jsonl}}\ntrain: {out: .}\nreport: /a/../x/r.html\n"), "corpus=/a/x/c.jsonl")
	f.Add([]byte("build: &b {out: data}\ntrain: *b\nimport: {1: 2, kind: [x], dir: {}}\n"), "train.data=x")
	dir := f.TempDir()
	file := filepath.Join(dir, "pipeline.yaml")
	bases := []string{dir, ".", "x", "../x", "../../x/y"}
	read := func(t *testing.T, base string, text []byte, sets ...string) (*lineFile, error) {
		fuzzing.Overwrite(t, file, text)
		c := configFlags{file: file, sets: sets}
		given, err := c.given(fieldsOf(&lineFile{}))
		if err != nil {
			return nil, err
		}
		return readLine(given, base)
	}
	printed := func(t *testing.T, base string, l *lineFile) []byte {
		var out bytes.Buffer
		cmd := &cobra.Command{}
		cmd.SetOut(&out)
		if err := printYAML(cmd, l.written(base)); err != nil {
			t.Fatal(err)
		}
		return out.Bytes()
	}
	f.Fuzz(func(t *testing.T, text []byte, set string) {
		for _, base := range bases {
			l, err := read(t, base, text, set)
			if err != nil {
				if exitCode(err) != exitUsage {
					t.Fatalf("exit code %d for %v", exitCode(err), err)
				}
				return
			}
			if len(l.Import) > 0 {
				args, _, err := (&line{lineFile: l, base: base}).importArgs()
				if err != nil && exitCode(err) != exitUsage {
					t.Fatalf("exit code %d for %v", exitCode(err), err)
				}
				if err == nil && len(args) != len(l.Import)+1 {
					t.Fatalf("%q of %v", args, l.Import)
				}
			}
			whole := printed(t, base, l)
			again, err := read(t, base, whole)
			if err != nil {
				t.Fatalf("%s is refused: %v", whole, err)
			}
			if !samePaths(l, again) {
				t.Fatalf("%s means %+v in %q, want %+v", whole, again, base, l)
			}
			if got := printed(t, base, again); !bytes.Equal(got, whole) {
				t.Fatalf("%s came back as %s", whole, got)
			}
		}
	})
}

// samePaths says whether two pipelines read and write the same files.
func samePaths(a, b *lineFile) bool {
	paths := func(l *lineFile) []string {
		var all []string
		c := *l
		c.respell(func(path string) string {
			if path != "" && !corpus.IsRemote(path) {
				path, _ = filepath.Abs(path)
			}
			all = append(all, path)
			return path
		})
		slices.Sort(all) // sounds come in any order
		return all
	}
	return slices.Equal(paths(a), paths(b))
}

// FuzzGrid reads a grid.yaml, as `framewise sweep` does: whatever is wrong is an
// error of the call; a grid takes memory in proportion to its points, of which
// there are not too many; each has a level of every axis; and the pipelines of
// points with different names are told apart.
func FuzzGrid(f *testing.F) {
	f.Add([]byte("pipeline: pipeline.yaml\nseeds: [1, 2]\ngrid:\n  train.backward: [aligned, double]\n  augmentation:\n    none: {build.augment.concat.copies: 0}\n    both: {}\n"))
	f.Add([]byte("seed_key: train.hidden\nseeds: [3, 3]\ngrid: {a: [1], b: {}}\n"))
	f.Add([]byte("grid: {train.seed: [1, 1.0], x: {u: {train.loss.class_weights: {a: 1}}}}\nsplit: dev\nout: gs://b/x\n"))
	f.Add([]byte("seeds: []\ngrid:\n"))
	f.Add([]byte("grid: {a: &a [1, *a]}\n"))
	f.Add([]byte("grid: {a: [0,1,2,3,4,5,6,7,8,9], b: [0,1,2,3,4,5,6,7,8,9], c: [0,1,2,3,4,5,6,7,8,9], d: [0,1,2,3,4,5,6,7,8,9], e: [0,1,2,3,4,5,6,7,8,9]}\n"))
	dir := f.TempDir()
	file, pipeline := filepath.Join(dir, "grid.yaml"), filepath.Join(dir, "pipeline.yaml")
	fuzzing.Overwrite(f, pipeline, []byte("build: {out: data}\n"))
	f.Fuzz(func(t *testing.T, text []byte) {
		fuzzing.Overwrite(t, file, text)
		var s *sweeper
		var err error
		fuzzing.Allocations(t, 64<<20, func() {
			if s, err = readSweep(file); err == nil {
				s.points = s.grid.Points()
			}
		})
		if err != nil {
			if exitCode(err) != exitUsage {
				t.Fatalf("exit code %d for %v", exitCode(err), err)
			}
			return
		}
		for _, p := range s.points {
			if len(p.Levels) != len(s.grid.Axes) || !slices.Contains(s.grid.Seeds, p.Seed) {
				t.Fatalf("%+v of %+v", p, s.grid)
			}
		}
		if len(s.points) > 4 {
			return // each reads the pipeline anew
		}
		s.file.Pipeline = pipeline
		if err := s.settle(); err != nil {
			if exitCode(err) != exitUsage {
				t.Fatalf("exit code %d for %v", exitCode(err), err)
			}
			return
		}
		runs := map[string]bool{}
		for _, l := range s.lines {
			if out := l.Train.Places.Out; runs[out] || !slices.Contains(l.Eval.Splits, s.file.Split) {
				t.Fatalf("%q, which is there: %v", out, runs[out])
			} else {
				runs[out] = true
			}
		}
	})
}
