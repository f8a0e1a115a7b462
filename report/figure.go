package report

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"html/template"
	"image/color"
	"io"
	"regexp"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/font"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
	"gonum.org/v1/plot/vg/vgimg"
	"gonum.org/v1/plot/vg/vgsvg"
)

// The colors of the figures: distinguishable by those who do not tell red
// from green (Okabe and Ito 2008).
var (
	blue   = color.RGBA{0x00, 0x72, 0xb2, 0xff}
	orange = color.RGBA{0xd5, 0x5e, 0x00, 0xff}
	green  = color.RGBA{0x00, 0x9e, 0x73, 0xff}
	purple = color.RGBA{0xcc, 0x79, 0xa7, 0xff}
	gray   = color.RGBA{0x70, 0x70, 0x70, 0xff}
)

// figureWidth is the width of a full-width figure on the page.
const figureWidth = 9.6 * vg.Inch

// newPlot is a plot with the house's fonts and sizes.
func newPlot(title, x, y string) *plot.Plot {
	p := plot.New()
	p.Title.Text, p.X.Label.Text, p.Y.Label.Text = title, x, y
	p.Title.TextStyle.Font.Size = vg.Points(11)
	p.Title.Padding = vg.Points(4)
	for _, a := range []*plot.Axis{&p.X, &p.Y} {
		a.Label.TextStyle.Font.Size = vg.Points(9)
		a.Tick.Label.Font.Size = vg.Points(8)
		a.LineStyle.Width = vg.Points(0.5)
		a.Tick.LineStyle.Width = vg.Points(0.5)
	}
	p.Legend.TextStyle.Font.Size = vg.Points(8)
	for _, f := range []*font.Font{&p.Title.TextStyle.Font, &p.X.Label.TextStyle.Font, &p.Y.Label.TextStyle.Font,
		&p.X.Tick.Label.Font, &p.Y.Tick.Label.Font, &p.Legend.TextStyle.Font} {
		f.Variant = "Sans"
	}
	return p
}

// fixedSize matches the size attributes of an SVG's root, which would keep it
// from shrinking with the page.
var fixedSize = regexp.MustCompile(`<svg width="[^"]*" height="[^"]*"`)

// svg renders plots side by side, at the given size, as an SVG element.
func svg(width, height vg.Length, plots ...*plot.Plot) (template.HTML, error) {
	c := vgsvg.New(width, height)
	tile(draw.New(c), plots)
	var buf bytes.Buffer
	if _, err := c.WriteTo(&buf); err != nil {
		return "", fmt.Errorf("draw svg: %w", err)
	}
	text := buf.String()
	if i := bytes.Index(buf.Bytes(), []byte("<svg")); i > 0 {
		text = text[i:] // without the XML declaration, which HTML does not have
	}
	return template.HTML(fixedSize.ReplaceAllString(text, "<svg")), nil
}

// writePNG writes a drawing at twice the screen's resolution. Spectrograms go
// this way: as SVG they would be a rectangle a cell.
func writePNG(w io.Writer, width, height vg.Length, paint func(draw.Canvas)) error {
	c := vgimg.NewWith(vgimg.UseWH(width, height), vgimg.UseDPI(160))
	paint(draw.New(c))
	if _, err := (vgimg.PngCanvas{Canvas: c}).WriteTo(w); err != nil {
		return fmt.Errorf("draw png: %w", err)
	}
	return nil
}

// raster is a drawing by writePNG as an image element.
func raster(width, height vg.Length, alt string, paint func(draw.Canvas)) (template.HTML, error) {
	var buf bytes.Buffer
	if err := writePNG(&buf, width, height, paint); err != nil {
		return "", err
	}
	return template.HTML(fmt.Sprintf(`<img alt="%s" src="data:image/png;base64,%s">`,
		template.HTMLEscapeString(alt), base64.StdEncoding.EncodeToString(buf.Bytes()))), nil
}

func tile(c draw.Canvas, plots []*plot.Plot) {
	if len(plots) == 1 {
		plots[0].Draw(c)
		return
	}
	tiles := draw.Tiles{Rows: 1, Cols: len(plots), PadX: vg.Points(14)}
	for i, p := range plots {
		p.Draw(tiles.At(c, i, 0))
	}
}
