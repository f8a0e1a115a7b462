package report

import (
	"html/template"
	"image/color"

	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"
)

// bar is one bar of a chart.
type bar struct {
	name  string
	value float64
}

// barChart draws bars with their names under them, from 0 to top (0 = as high
// as the highest), as an SVG element of the page's width.
func barChart(x, y string, bars []bar, fill color.Color, top float64) (template.HTML, error) {
	p := newPlot("", x, y)
	values, names := make(plotter.Values, len(bars)), make([]string, len(bars))
	for i, b := range bars {
		values[i], names[i] = b.value, b.name
	}
	chart, err := plotter.NewBarChart(values, max(figureWidth/vg.Length(len(bars)+3)*0.72, vg.Points(2)))
	if err != nil {
		return "", err
	}
	chart.Color, chart.LineStyle.Width = fill, 0
	p.Add(chart)
	p.NominalX(names...)
	p.X.Tick.Length = 0
	p.Y.Min = 0
	if top > 0 {
		p.Y.Max = top
	}
	if len(bars) > 25 {
		p.X.Tick.Label.Font.Size = vg.Points(6.5)
	}
	return svg(figureWidth, 2.3*vg.Inch, p)
}
