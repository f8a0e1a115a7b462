package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"
	"slices"

	"github.com/spf13/cobra"

	"framewise/corpus"
	"framewise/model/results"
	"framewise/runners/stages"
	"framewise/runners/sweep"
)

// sweepFile is a grid.yaml. Paths are relative to the file's folder.
type sweepFile struct {
	Pipeline string         `yaml:"pipeline"`
	Out      string         `yaml:"out"`
	Split    string         `yaml:"split"`
	Seeds    []uint64       `yaml:"seeds,flow"`
	SeedKey  string         `yaml:"seed_key"`
	Grid     map[string]any `yaml:"grid"` // read as nodes, which keep their order
}

// Files of a sweep's folder.
const (
	sweepJSON  = "sweep.json"
	sweepCSV   = "sweep.csv"
	sweepTable = "sweep.md"
)

func newSweepCommand() *cobra.Command {
	var c configFlags
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "sweep grid.yaml",
		Short: "Run a pipeline over a grid of settings and seeds, into one table",
		Long: `Sweep runs a pipeline for every combination of the grid's levels and every seed, and
writes one table with means and 95 % intervals over the seeds. Points whose build is
configured alike share a dataset. Stopped at any moment and run again, it keeps what
stands and goes on where it was.

  pipeline: pipeline.yaml             # as for ` + "`framewise run`" + `
  out: sweep                          # folder: data-*, runs/, sweep.md, sweep.csv, sweep.json
  split: test
  seeds: [1, 2, 3]                    # given to train.seed, or to seed_key
  grid:
    train.backward: [aligned, double] # a setting and its values
    augmentation:                     # or names, each with the settings it makes
      none: {build.augment.narrowband.mode: off, build.augment.concat.copies: 0}
      both: {}

Paths are relative to the file.` + "\n" + exitHelp,
		Example: `  framewise sweep grid.yaml
  framewise sweep grid.yaml --set train.epochs=2      # a quick one`,
		Args: exactArgs(1, "one grid.yaml"),
		RunE: func(cmd *cobra.Command, args []string) error {
			s, err := readSweep(args[0])
			if err != nil {
				return err
			}
			s.cmd, s.p, s.sets = cmd, newProgress(cmd.ErrOrStderr()), c.sets
			if err := s.settle(); err != nil {
				return err
			}
			if c.print {
				return s.printPlan()
			}
			if err := s.run(cmd.Context()); err != nil {
				return err
			}
			return s.print(asJSON)
		},
	}
	cmd.Flags().StringArrayVar(&c.sets, "set", nil, "one setting of the pipeline as key=value, for all points; repeatable")
	cmd.Flags().BoolVar(&c.print, "print", false, "list the points and stop")
	cmd.Flags().BoolVar(&asJSON, "json", false, "one JSON document on standard output")
	return cmd
}

// sweeper is a sweep under way.
type sweeper struct {
	file    sweepFile
	grid    sweep.Grid
	sets    []string // of the command line
	points  []sweep.Point
	lines   []*lineFile // one a point
	results []sweep.Result
	failed  []string
	cmd     *cobra.Command
	p       *progress
}

func readSweep(path string) (*sweeper, error) {
	s := &sweeper{file: sweepFile{Pipeline: "pipeline.yaml", Out: "sweep", Split: corpus.Test, Seeds: []uint64{1, 2, 3}, SeedKey: "train.seed"}}
	if err := needFile("grid", path); err != nil {
		return nil, err
	}
	c := configFlags{file: path}
	given, err := c.given(fieldsOf(&s.file))
	if err != nil {
		return nil, err
	}
	if err := decodeKeys(given, "", &s.file); err != nil {
		return nil, err
	}
	base := filepath.Dir(path)
	s.file.Pipeline, s.file.Out = from(base, s.file.Pipeline), from(base, s.file.Out)
	axes, err := sweep.ReadAxes(lookup(given, "grid"))
	if err != nil {
		return nil, usagef("%s: grid: %w", path, err)
	}
	slices.Sort(s.file.Seeds)
	s.file.Seeds = slices.Compact(s.file.Seeds)
	if len(s.file.Seeds) == 0 {
		return nil, usagef("%s: seeds: want at least one", path)
	}
	s.grid = sweep.Grid{Axes: axes, SeedKey: s.file.SeedKey, Seeds: s.file.Seeds}
	if err := s.grid.Check(); err != nil {
		return nil, usagef("%s: grid: %w", path, err)
	}
	return s, needFile("pipeline", s.file.Pipeline)
}

// settle works out every point's pipeline, so that a wrong key stops the sweep
// before hours of work, not after them.
func (s *sweeper) settle() error {
	s.points = s.grid.Points()
	folders := map[string]bool{}
	for _, p := range s.points {
		name := s.grid.Name(p)
		if folders[name] {
			return usagef("grid: two points have the name %s", name)
		}
		folders[name] = true
		c := configFlags{file: s.file.Pipeline, sets: slices.Concat(s.sets, p.Settings)}
		given, err := c.given(fieldsOf(&lineFile{}))
		if err != nil {
			return fmt.Errorf("point %s: %w", name, err)
		}
		base := filepath.Dir(s.file.Pipeline)
		l, err := readLine(given, base)
		if err != nil {
			return fmt.Errorf("point %s: %w", name, err)
		}
		data, err := stages.Digest(seenFrom(base, l.Corpus), l.buildSeenFrom(base), l.Build.Places.AllowLeak)
		if err != nil {
			return err
		}
		l.Build.Places.Out = filepath.Join(s.file.Out, "data-"+data[:8])
		l.Train.Places.Data = l.Build.Places.Out
		l.Train.Places.Out = filepath.Join(s.file.Out, "runs", name)
		l.Report = ""
		if !slices.Contains(l.Eval.Splits, s.file.Split) {
			l.Eval.Splits = append(l.Eval.Splits, s.file.Split)
		}
		s.lines = append(s.lines, l)
	}
	return nil
}

func (s *sweeper) printPlan() error {
	var rows [][]string
	for i, p := range s.points {
		rows = append(rows, []string{s.grid.Name(p), s.lines[i].Build.Places.Out, s.lines[i].Train.Places.Out})
	}
	return table(s.cmd.OutOrStdout(), []string{"point", "dataset", "run"}, rows)
}

// run runs the points. One that fails does not stop the others; the sweep has
// then failed all the same.
func (s *sweeper) run(ctx context.Context) error {
	if err := os.MkdirAll(s.file.Out, 0o755); err != nil {
		return fmt.Errorf("sweep: %w", err)
	}
	for i, p := range s.points {
		name := s.grid.Name(p)
		s.p.say(fmt.Sprintf("[%d of %d] %s", i+1, len(s.points), name))
		l := &line{lineFile: s.lines[i], cmd: s.cmd, p: s.p, base: filepath.Dir(s.file.Pipeline)}
		if _, err := l.run(filepath.Join(s.file.Out, "sweep.state.json")); err != nil {
			if ctx.Err() != nil || exitCode(err) == exitUsage {
				return fmt.Errorf("%s: %w", name, err)
			}
			s.failed = append(s.failed, name)
			s.p.say("  failed: " + err.Error())
			continue
		}
		r, err := s.result(p, l)
		if err != nil {
			return err
		}
		s.results = append(s.results, r)
		if err := s.write(ctx); err != nil { // after each, to be looked at meanwhile
			return err
		}
	}
	return nil
}

func (s *sweeper) result(p sweep.Point, l *line) (sweep.Result, error) {
	e, errEval := results.ReadEval(l.evalFile(s.file.Split))
	run, errRun := results.ReadRun(filepath.Join(l.Train.Places.Out, results.RunFile))
	epochs, errMetrics := results.ReadMetrics(filepath.Join(l.Train.Places.Out, results.MetricsFile))
	if err := errors.Join(errEval, errRun, errMetrics); err != nil {
		return sweep.Result{}, err
	}
	r := sweep.Result{Point: p, Score: sweep.Score{FrameAccuracy: e.FrameAccuracy, PER: math.NaN(),
		TrainAccuracy: math.NaN(), Padding: math.NaN(), Parameters: run.Parameters, Seconds: run.SecondsTraining}}
	if e.PER != nil {
		r.Score.PER = *e.PER
	}
	for _, e := range epochs {
		if e.Epoch == run.Best {
			r.Score.TrainAccuracy, r.Score.Padding = e.TrainAccuracy, e.PaddingShare
		}
	}
	return r, nil
}

// sweepDocument is sweep.json.
type sweepDocument struct {
	Split  string       `json:"split"`
	Axes   []string     `json:"axes"`
	Points []sweepPoint `json:"points"`
	Failed []string     `json:"failed"`
}

type sweepPoint struct {
	Levels        []string `json:"levels"` // one for each axis
	Seed          uint64   `json:"seed"`
	Run           string   `json:"run"` // folder
	FrameAccuracy float64  `json:"frame_accuracy"`
	PER           *float64 `json:"per"`
	TrainAccuracy *float64 `json:"train_accuracy"` // in the epoch that was kept, as training counts frames
	Padding       *float64 `json:"padding"`        // share of that epoch's cells
	Parameters    int      `json:"parameters"`
	Seconds       float64  `json:"seconds_training"`
}

func (s *sweeper) document() sweepDocument {
	d := sweepDocument{Split: s.file.Split, Axes: []string{}, Points: []sweepPoint{}, Failed: append([]string{}, s.failed...)}
	for _, a := range s.grid.Axes {
		d.Axes = append(d.Axes, a.Name)
	}
	for _, r := range s.results {
		p := sweepPoint{Levels: append([]string{}, r.Point.Levels...), Seed: r.Point.Seed, Run: filepath.Join("runs", s.grid.Name(r.Point)),
			FrameAccuracy: r.Score.FrameAccuracy, Parameters: r.Score.Parameters, Seconds: r.Score.Seconds}
		p.PER, p.TrainAccuracy, p.Padding = known(r.Score.PER), known(r.Score.TrainAccuracy), known(r.Score.Padding)
		d.Points = append(d.Points, p)
	}
	return d
}

// known is a figure, if there is one.
func known(x float64) *float64 {
	if math.IsNaN(x) {
		return nil
	}
	return &x
}

// write writes the sweep's tables.
func (s *sweeper) write(ctx context.Context) error {
	rows := sweep.Rows(s.results)
	for name, write := range map[string]func(io.Writer) error{
		sweepTable: func(w io.Writer) error { return s.grid.WriteMarkdown(w, rows) },
		sweepCSV:   func(w io.Writer) error { return s.grid.WriteCSV(w, s.results) },
		sweepJSON:  func(w io.Writer) error { return writeIndented(w, s.document()) },
	} {
		if err := writeFile(ctx, filepath.Join(s.file.Out, name), write); err != nil {
			return err
		}
	}
	return nil
}

func (s *sweeper) print(asJSON bool) error {
	var err error
	if asJSON {
		err = printJSON(s.cmd, s.document())
	} else {
		var rows [][]string
		for _, r := range sweep.Rows(s.results) {
			rows = append(rows, r.Cells())
		}
		err = table(s.cmd.OutOrStdout(), s.grid.Header(), rows)
		if err == nil {
			_, err = fmt.Fprintln(s.cmd.OutOrStdout(), filepath.Join(s.file.Out, sweepTable))
		}
	}
	if err == nil && len(s.failed) > 0 {
		return wrongf("%d of %d points failed: %v", len(s.failed), len(s.points), s.failed)
	}
	return err
}
