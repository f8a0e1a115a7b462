package report

import (
	"cmp"
	"html/template"
	"image/color"
	"math"
	"slices"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"

	"framewise/model/results"
)

// shares makes a confusion matrix a plotter.GridXYZ: row shares, the first
// reference label at the top.
type shares struct {
	m     [][]float64
	index []int
}

func (s shares) Dims() (c, r int)   { return len(s.index), len(s.index) }
func (s shares) Z(c, r int) float64 { return s.m[s.index[len(s.index)-1-r]][s.index[c]] }
func (s shares) X(c int) float64    { return float64(c) }
func (s shares) Y(r int) float64    { return float64(r) }

// grays is a palette from white to a dark blue.
type grays struct{}

func (grays) Colors() []color.Color {
	out := make([]color.Color, 256)
	for i := range out {
		f := 1 - float64(i)/255
		out[i] = color.RGBA{uint8(255*f + 8*(1-f)), uint8(255*f + 48*(1-f)), uint8(255*f + 107*(1-f)), 255}
	}
	return out
}

// confusionFigure draws the labels that occur, in the order of the label set.
func confusionFigure(e *results.Eval) (template.HTML, error) {
	s := shares{m: make([][]float64, len(e.Confusion))}
	var names []string
	for i, row := range e.Confusion {
		s.m[i] = make([]float64, len(row))
		var total, heard int64
		for j, n := range row {
			total += n
			heard += e.Confusion[j][i]
		}
		for j, n := range row {
			if total > 0 {
				s.m[i][j] = float64(n) / float64(total)
			}
		}
		if total+heard > 0 {
			s.index = append(s.index, i)
			names = append(names, e.Labels[i])
		}
	}
	if len(s.index) == 0 {
		return "", nil
	}
	p := newPlot("", "heard", "spoken")
	heat := plotter.NewHeatMap(s, grays{})
	heat.Min, heat.Max = 0, 1
	p.Add(heat)
	ticksX, ticksY := make([]plot.Tick, len(names)), make([]plot.Tick, len(names))
	for i, n := range names {
		ticksX[i] = plot.Tick{Value: float64(i), Label: n}
		ticksY[i] = plot.Tick{Value: float64(len(names) - 1 - i), Label: n}
	}
	p.X.Tick.Marker, p.Y.Tick.Marker = plot.ConstantTicks(ticksX), plot.ConstantTicks(ticksY)
	size := vg.Points(min(8, 360/float64(len(names))))
	p.X.Tick.Label.Font.Size, p.Y.Tick.Label.Font.Size = size, size
	p.X.Tick.Label.Rotation, p.X.Tick.Label.XAlign, p.X.Tick.Label.YAlign = math.Pi/2, draw.XRight, draw.YCenter
	side := 6.4 * vg.Inch
	return raster(side, side, "confusion matrix", func(c draw.Canvas) { p.Draw(c) })
}

// topConfusions are the off-diagonal cells with most frames.
func topConfusions(e *results.Eval, n int) [][]string {
	type cell struct {
		spoken, heard int
		frames, of    int64
	}
	var cells []cell
	for i, row := range e.Confusion {
		var total int64
		for _, c := range row {
			total += c
		}
		for j, c := range row {
			if i != j && c > 0 {
				cells = append(cells, cell{i, j, c, total})
			}
		}
	}
	slices.SortFunc(cells, func(a, b cell) int {
		return cmp.Or(cmp.Compare(b.frames, a.frames), cmp.Compare(a.spoken, b.spoken), cmp.Compare(a.heard, b.heard))
	})
	var rows [][]string
	for _, c := range cells[:min(n, len(cells))] {
		rows = append(rows, []string{e.Labels[c.spoken], e.Labels[c.heard], count(c.frames), percent(float64(c.frames) / float64(c.of))})
	}
	return rows
}
