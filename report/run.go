package report

import (
	"errors"
	"fmt"
	"html/template"
	"io/fs"
	"path/filepath"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"

	"framewise/model/results"
)

// addRun draws a run folder: learning curves, and for each split that was
// evaluated its scores, confusion matrix, and accuracy by label and speaker.
func addRun(p *page, dir string) error {
	run, err := results.ReadRun(filepath.Join(dir, results.RunFile))
	if err != nil {
		return err
	}
	epochs, err := results.ReadMetrics(filepath.Join(dir, results.MetricsFile))
	if err != nil && !errors.Is(err, fs.ErrNotExist) { // weights of another program come without
		return err
	}
	s := p.section("Training: " + filepath.Base(dir))
	s.facts(runFacts(run, epochs))
	if len(epochs) > 0 {
		curves, err := learningCurves(epochs, run.LossUnit())
		if err != nil {
			return err
		}
		s.figure("Learning curves. Train figures are over augmented examples with dropout, development figures over unaugmented ones without.", curves)
	}
	for _, split := range []string{"dev", "test", "test-rest"} {
		eval, err := results.ReadEval(filepath.Join(dir, fmt.Sprintf(results.EvalFileName, split)))
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return err
		}
		if err := addEval(p, eval); err != nil {
			return err
		}
	}
	return addText(p, "Training configuration", filepath.Join(dir, results.ConfigFile))
}

func runFacts(run *results.Run, epochs []results.Epoch) []fact {
	facts := []fact{
		{"dataset", run.Dataset},
		{"classes", fmt.Sprintf("%d (%s, folding %s)", len(run.Labels), run.LabelSet, run.Folding)},
		{"parameters", count(int64(run.Parameters))},
		{"FLOPs a frame forward", fmt.Sprintf("%s, 2 for each multiply-add", count(int64(run.FLOPsPerFrame())))},
		{"matrix kernel", fmt.Sprintf("%s, %d threads", run.GEMM, run.Threads)},
		{"training set", fmt.Sprintf("%s examples, %s frames", count(int64(run.TrainExamples)), count(run.TrainFrames))},
	}
	if len(epochs) > 0 {
		last := epochs[len(epochs)-1]
		facts = append(facts,
			fact{"epochs", fmt.Sprintf("%d, best %d", last.Epoch, run.Best)},
			fact{"speed", fmt.Sprintf("%s frames a second, %.1f s an epoch", count(int64(last.FramesPerSec)), last.Seconds)},
			fact{"padding", fmt.Sprintf("%.1f %%", 100*last.PaddingShare)})
	}
	if len(run.Skipped) > 0 {
		facts = append(facts, fact{"skipped, too short", count(int64(len(run.Skipped)))})
	}
	return facts
}

// learningCurves is loss, in unit, and accuracy over epochs, side by side.
func learningCurves(epochs []results.Epoch, unit string) (template.HTML, error) {
	loss, accuracy := newPlot("loss", "epoch", unit), newPlot("frame accuracy", "epoch", "")
	accuracy.Legend.Top, loss.Legend.Top = false, true
	var trainLoss, devLoss, trainAcc, devAcc, linear plotter.XYs
	for _, e := range epochs {
		x := float64(e.Epoch)
		trainLoss = append(trainLoss, plotter.XY{X: x, Y: e.TrainLoss})
		trainAcc = append(trainAcc, plotter.XY{X: x, Y: e.TrainAccuracy})
		if e.DevLoss != nil {
			devLoss = append(devLoss, plotter.XY{X: x, Y: *e.DevLoss})
		}
		if e.DevAccuracy != nil {
			devAcc = append(devAcc, plotter.XY{X: x, Y: *e.DevAccuracy})
		}
		if e.LinearTrain != nil {
			linear = append(linear, plotter.XY{X: x, Y: *e.LinearTrain})
		}
	}
	for _, c := range []struct {
		p    *plot.Plot
		name string
		xy   plotter.XYs
		dash bool
		i    int
	}{{loss, "train", trainLoss, false, 0}, {loss, "dev", devLoss, false, 1}, {accuracy, "train", trainAcc, false, 0},
		{accuracy, "dev", devAcc, false, 1}, {accuracy, "linear softmax, train", linear, true, 2}} {
		if err := addCurve(c.p, c.name, c.xy, c.i, c.dash); err != nil {
			return "", err
		}
	}
	accuracy.Y.Max, loss.Y.Min = 1, 0
	return svg(figureWidth, 3*vg.Inch, loss, accuracy)
}

func addCurve(p *plot.Plot, name string, xy plotter.XYs, i int, dashed bool) error {
	if len(xy) == 0 {
		return nil
	}
	line, points, err := plotter.NewLinePoints(xy)
	if err != nil {
		return fmt.Errorf("curve %s: %w", name, err)
	}
	c := seriesColors[i%len(seriesColors)]
	line.Color, line.Width = c, vg.Points(1.6)
	points.Color, points.Radius, points.Shape = c, vg.Points(2), plotCircle
	if dashed {
		line.Dashes = []vg.Length{vg.Points(3), vg.Points(3)}
	}
	p.Add(line, points)
	p.Legend.Add(name, line)
	return nil
}
