package report

import (
	"html/template"
	"image/color"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"
)

// bar is one bar of a chart.
type bar struct {
	name  string
	value float64
}

// barPlot draws bars with their names under them, from 0 to top (0 = as high
// as the highest).
func barPlot(title, x, y string, bars []bar, fill color.Color, top, width vg.Length) (*plot.Plot, error) {
	p := newPlot(title, x, y)
	values, names := make(plotter.Values, len(bars)), make([]string, len(bars))
	for i, b := range bars {
		values[i], names[i] = b.value, b.name
	}
	chart, err := plotter.NewBarChart(values, max(width/vg.Length(len(bars)+3)*0.72, vg.Points(2)))
	if err != nil {
		return nil, err
	}
	chart.Color, chart.LineStyle.Width = fill, 0
	p.Add(chart)
	p.NominalX(names...)
	p.X.Tick.Length = 0
	p.Y.Min = 0
	if top > 0 {
		p.Y.Max = float64(top)
	}
	if len(bars) > 25 {
		p.X.Tick.Label.Font.Size = vg.Points(6.5)
	}
	return p, nil
}

// barChart is barPlot as an SVG element of the page's width.
func barChart(title, x, y string, bars []bar, fill color.Color, top float64) (template.HTML, error) {
	p, err := barPlot(title, x, y, bars, fill, vg.Length(top), figureWidth)
	if err != nil {
		return "", err
	}
	return svg(figureWidth, 2.3*vg.Inch, p)
}
