package report

import (
	_ "embed"
	"errors"
	"fmt"
	"html/template"
	"image/color"
	"io"
	"io/fs"

	"github.com/dustin/go-humanize"
	"gonum.org/v1/plot/vg/draw"

	"framewise/corpus/files"
)

//go:embed page.html
var pageText string

var pageTemplate = template.Must(template.New("page").Parse(pageText))

// seriesColors are the colors of curves in one plot, in order.
var seriesColors = []color.Color{blue, orange, gray, green, purple}

var plotCircle = draw.CircleGlyph{}

// page is the document as it grows.
type page struct {
	Title    string
	Sections []*section
}

// section is a heading and what stands under it, in order.
type section struct {
	Title  string
	Blocks []block
}

// block is one of: facts, a table, a figure, a text.
type block struct {
	Facts   []fact
	Header  []string
	Rows    [][]string
	Caption string
	Figure  template.HTML
	Summary string // of a text that is folded away
	Text    string
}

// fact is a name and a value.
type fact struct{ Name, Value string }

func (p *page) section(title string) *section {
	s := &section{Title: title}
	p.Sections = append(p.Sections, s)
	return s
}

func (s *section) facts(f []fact) { s.Blocks = append(s.Blocks, block{Facts: f}) }

func (s *section) table(header []string, rows [][]string) {
	s.Blocks = append(s.Blocks, block{Header: header, Rows: rows})
}

func (s *section) figure(caption string, f template.HTML) {
	if f != "" {
		s.Blocks = append(s.Blocks, block{Caption: caption, Figure: f})
	}
}

func (p *page) render(w io.Writer) error {
	if err := pageTemplate.Execute(w, p); err != nil {
		return fmt.Errorf("render report: %w", err)
	}
	return nil
}

// addText shows a file, folded away, if it is there.
func addText(p *page, title, path string) error {
	text, err := files.ReadRegular(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("report: %w", err)
	}
	last := p.Sections[len(p.Sections)-1]
	last.Blocks = append(last.Blocks, block{Summary: title, Text: string(text)})
	return nil
}

func count(n int64) string { return humanize.Comma(n) }

func percent(x float64) string { return fmt.Sprintf("%.1f %%", 100*x) }

func optionalPercent(x *float64) string {
	if x == nil {
		return "none"
	}
	return percent(*x)
}
