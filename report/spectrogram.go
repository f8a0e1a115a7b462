package report

import (
	"fmt"
	"html/template"
	"image/color"
	"io"
	"slices"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/palette/moreland"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/text"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// spectrogramHeight is the height of the picture with its label track.
const spectrogramHeight = 2.7 * vg.Inch

// Spectrogram is a picture of one example: its features over time and, if it
// has labels, the label track under them.
type Spectrogram struct {
	Title    string
	Features []float32 // [T, F], row-major
	F        int
	HopMs    float64
	Labels   []string  // [T], "" where a frame has none; nil for no track
	Joints   []float64 // ms at which parts meet, drawn as vertical lines
}

// grid makes features a plotter.GridXYZ: columns are frames, rows are bands.
type grid struct{ *Spectrogram }

func (g grid) Dims() (c, r int)   { return len(g.Features) / g.F, g.F }
func (g grid) Z(c, r int) float64 { return float64(g.Features[c*g.F+r]) }
func (g grid) X(c int) float64    { return (float64(c) + 0.5) * g.HopMs / 1000 }
func (g grid) Y(r int) float64    { return float64(r) + 0.5 }

// zRange is the 1st to 99th percentile, so that one odd cell does not flatten
// the rest.
func (s *Spectrogram) zRange() (lo, hi float64) {
	v := slices.Clone(s.Features)
	slices.Sort(v)
	lo, hi = float64(v[len(v)/100]), float64(v[len(v)-1-len(v)/100])
	if !(hi > lo) {
		return lo - 1, lo + 1
	}
	return lo, hi
}

// plots builds the spectrogram and its label track (nil without labels).
func (s *Spectrogram) plots() (*plot.Plot, *plot.Plot) {
	top := newPlot(s.Title, "", "band")
	lo, hi := s.zRange()
	colors := moreland.ExtendedBlackBody()
	colors.SetMin(lo)
	colors.SetMax(hi)
	heat := plotter.NewHeatMap(grid{s}, colors.Palette(255))
	heat.Rasterized = true
	heat.Min, heat.Max = lo, hi
	heat.Underflow, heat.Overflow = color.Black, color.White
	top.Add(heat)
	end := float64(len(s.Features)/s.F) * s.HopMs / 1000
	top.X.Min, top.X.Max = 0, end
	for _, j := range s.Joints {
		line, _ := plotter.NewLine(plotter.XYs{{X: j / 1000, Y: 0}, {X: j / 1000, Y: float64(s.F)}})
		line.Color, line.Width = color.White, vg.Points(1.2)
		line.Dashes = []vg.Length{vg.Points(4), vg.Points(3)}
		top.Add(line)
	}
	if s.Labels == nil {
		top.X.Label.Text = "seconds"
		return top, nil
	}
	top.HideX()
	return top, s.track(end)
}

// track draws the labels as boxes along time.
func (s *Spectrogram) track(end float64) *plot.Plot {
	p := newPlot("", "seconds", "")
	p.Y.Min, p.Y.Max, p.X.Min, p.X.Max = 0, 1, 0, end
	p.HideY()
	for begin := 0; begin < len(s.Labels); {
		stop := begin + 1
		for stop < len(s.Labels) && s.Labels[stop] == s.Labels[begin] {
			stop++
		}
		p.Add(labelBox{float64(begin) * s.HopMs / 1000, float64(stop) * s.HopMs / 1000, s.Labels[begin]})
		begin = stop
	}
	return p
}

// labelBox is one stretch of the track, with its label where there is room.
type labelBox struct {
	begin, end float64
	label      string
}

func (b labelBox) Plot(c draw.Canvas, p *plot.Plot) {
	tx, ty := p.Transforms(&c)
	x0, x1, y0, y1 := tx(b.begin), tx(b.end), ty(0), ty(1)
	box := []vg.Point{{X: x0, Y: y0}, {X: x1, Y: y0}, {X: x1, Y: y1}, {X: x0, Y: y1}}
	fill := color.RGBA{0xf2, 0xf2, 0xf2, 0xff}
	if b.label != "" {
		fill = labelColor(b.label)
	}
	c.FillPolygon(fill, c.ClipPolygonXY(box))
	style := draw.TextStyle{Color: color.Black, Font: p.X.Tick.Label.Font, XAlign: draw.XCenter, YAlign: draw.YCenter, Handler: text.Plain{Fonts: p.X.Tick.Label.Handler.Cache()}}
	style.Font.Size = vg.Points(7)
	if b.label != "" && style.Width(b.label) < x1-x0 {
		c.FillText(style, vg.Point{X: (x0 + x1) / 2, Y: (y0 + y1) / 2}, b.label)
	}
}

// labelColor gives each label a pale color of its own.
func labelColor(label string) color.RGBA {
	h := uint32(2166136261) // FNV-1a
	for i := range len(label) {
		h = (h ^ uint32(label[i])) * 16777619
	}
	h ^= h >> 15
	return color.RGBA{uint8(150 + h%100), uint8(150 + h>>8%100), uint8(150 + h>>16%100), 0xff}
}

// paint draws the spectrogram with the track under it, time axes aligned.
func (s *Spectrogram) paint(c draw.Canvas) {
	top, track := s.plots()
	if track == nil {
		top.Draw(c)
		return
	}
	const trackHeight = 0.62 * vg.Inch
	upper := draw.Crop(c, 0, 0, trackHeight, 0)
	lower := draw.Crop(c, 0, 0, 0, trackHeight-c.Max.Y+c.Min.Y)
	// The upper plot's data begins where its vertical axis ends: the track is
	// pushed in to begin there too.
	u, l := top.DataCanvas(upper), track.DataCanvas(lower)
	lower = draw.Crop(lower, u.Min.X-l.Min.X, u.Max.X-l.Max.X, 0, 0)
	top.Draw(upper)
	track.Draw(lower)
}

// HTML is the picture as an image element.
func (s *Spectrogram) HTML() (template.HTML, error) {
	if err := s.check(); err != nil {
		return "", err
	}
	return raster(figureWidth, spectrogramHeight, s.Title, s.paint)
}

// WritePNG writes the picture as a PNG file.
func (s *Spectrogram) WritePNG(w io.Writer) error {
	if err := s.check(); err != nil {
		return err
	}
	return writePNG(w, figureWidth, spectrogramHeight, s.paint)
}

func (s *Spectrogram) check() error {
	if s.F < 1 || len(s.Features) == 0 || len(s.Features)%s.F != 0 {
		return fmt.Errorf("spectrogram %q: %d values in rows of %d", s.Title, len(s.Features), s.F)
	}
	if s.Labels != nil && len(s.Labels) != len(s.Features)/s.F {
		return fmt.Errorf("spectrogram %q: %d labels for %d frames", s.Title, len(s.Labels), len(s.Features)/s.F)
	}
	return nil
}
