package main

import (
	"fmt"
	"image/color"
	"math"
	"os"
	"strconv"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
	"gonum.org/v1/plot/vg/vgsvg"
)

// The programs' colors (Okabe and Ito 2008), as in reports.
var colors = []color.Color{color.RGBA{0x00, 0x72, 0xb2, 0xff}, color.RGBA{0xd5, 0x5e, 0x00, 0xff}}

// series are the two curves of a figure, by split.
var series = []struct {
	split          string
	loss, accuracy func(e epoch) float64
	dashes         []vg.Length
}{
	{"train", func(e epoch) float64 { return e.TrainLoss }, func(e epoch) float64 { return 100 * e.TrainAccuracy }, nil},
	{"dev", func(e epoch) float64 { return e.DevLoss }, func(e epoch) float64 { return 100 * e.DevAccuracy }, []vg.Length{vg.Points(4), vg.Points(2)}},
}

// drawCurves writes the figure of all seeds' curves, losses beside accuracies.
func drawCurves(path string, curves []epoch) error {
	loss, accuracy := newPlot("loss", "nats a frame"), newPlot("frame accuracy", "%")
	loss.Legend.Top = true
	accuracy.Y.Tick.Marker = tens{}
	for i, name := range programs(curves) {
		for _, s := range series {
			for seed := uint64(1); ; seed++ {
				of := curve(curves, name, seed)
				if len(of) == 0 {
					break
				}
				for p, y := range map[*plot.Plot]func(epoch) float64{loss: s.loss, accuracy: s.accuracy} {
					line, err := newLine(of, y)
					if err != nil {
						return fmt.Errorf("curve of %s, seed %d: %w", name, seed, err)
					}
					line.Color, line.Dashes = colors[i%len(colors)], s.dashes
					p.Add(line)
					if seed == 1 {
						p.Legend.Add(name+", "+s.split, line)
					}
				}
			}
		}
	}
	loss.Y.Min, accuracy.Y.Max = 0, 100
	const width, height = 8.5 * vg.Inch, 3.4 * vg.Inch
	c := vgsvg.New(width, height)
	tiles, page := draw.Tiles{Rows: 1, Cols: 2, PadX: vg.Points(14), PadRight: vg.Points(6)}, draw.New(c)
	// Lines before their names: names are as wide as the reader's font makes them.
	for _, p := range []*plot.Plot{loss, accuracy} {
		p.Legend.Left, p.Legend.XOffs, p.Legend.Padding = true, 2*vg.Inch, vg.Points(2)
	}
	loss.Draw(tiles.At(page, 0, 0))
	accuracy.Draw(tiles.At(page, 1, 0))
	f, err := os.Create(path)
	if err != nil {
		return err
	}
	if _, err := c.WriteTo(f); err != nil {
		f.Close()
		return fmt.Errorf("%s: %w", path, err)
	}
	return f.Close()
}

// tens marks every tenth percent.
type tens struct{}

func (tens) Ticks(low, high float64) (ticks []plot.Tick) {
	for v := 10 * math.Ceil(low/10); v <= high; v += 10 {
		ticks = append(ticks, plot.Tick{Value: v, Label: strconv.Itoa(int(v))})
	}
	return ticks
}

func newLine(of []epoch, y func(epoch) float64) (*plotter.Line, error) {
	var xy plotter.XYs
	for _, e := range of {
		xy = append(xy, plotter.XY{X: float64(e.Epoch), Y: y(e)})
	}
	line, err := plotter.NewLine(xy)
	if err != nil {
		return nil, err
	}
	line.Width = vg.Points(1)
	return line, nil
}

func newPlot(title, unit string) *plot.Plot {
	p := plot.New()
	p.Title.Text, p.X.Label.Text, p.Y.Label.Text = title, "epoch", unit
	p.Title.TextStyle.Font.Size, p.Legend.TextStyle.Font.Size = vg.Points(11), vg.Points(8)
	p.Title.TextStyle.Font.Variant, p.Legend.TextStyle.Font.Variant = "Sans", "Sans"
	for _, a := range []*plot.Axis{&p.X, &p.Y} {
		a.Label.TextStyle.Font.Size, a.Tick.Label.Font.Size = vg.Points(9), vg.Points(8)
		a.Label.TextStyle.Font.Variant, a.Tick.Label.Font.Variant = "Sans", "Sans"
	}
	return p
}
