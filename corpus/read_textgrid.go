package corpus

import (
	"fmt"
	"io"
	"math"
	"strings"
)

// TextGrid is the content of a Praat TextGrid. Times are in seconds.
type TextGrid struct {
	XMin, XMax float64
	Tiers      []TextGridTier
}

// TextGridTier is a tier of intervals, or of points, which have Begin = End.
type TextGridTier struct {
	Name       string
	Points     bool
	XMin, XMax float64
	Entries    []TextGridEntry
}

// TextGridEntry is one interval or point of a tier.
type TextGridEntry struct {
	Begin, End float64 // seconds
	Text       string
}

// maxTextGrid bounds what is read of a TextGrid, in bytes.
const maxTextGrid = 64 << 20

// ReadTextGrid reads a TextGrid in Praat's long or short text format, in UTF-8
// or in UTF-16 with a byte order mark, with any line ends. As Praat's manual
// ("TextGrid file formats") has it, only free-standing numbers, texts in double
// quotes and flags in angle brackets count; all else, and what follows a
// free-standing exclamation mark on a line, is comment. So one reader serves
// both formats. It gives times as they stand; the error for a text that is not
// of that form is a *Problem with the line's number.
func ReadTextGrid(r io.Reader) (*TextGrid, error) {
	b, err := io.ReadAll(io.LimitReader(r, maxTextGrid+1))
	if err != nil {
		return nil, err
	}
	if len(b) > maxTextGrid {
		return nil, &Problem{Reason: BadAlignment, Detail: fmt.Sprintf("the file has more than %d bytes", maxTextGrid)}
	}
	text, err := decodePraat(b)
	if err != nil {
		return nil, err
	}
	p := &praatReader{praatScanner: praatScanner{rest: text, line: 1}}
	g := p.textGrid()
	if p.problem != nil {
		return nil, p.problem
	}
	return g, nil
}

// praatReader reads the objects of a Praat text file. After the first problem
// its methods return zeros.
type praatReader struct {
	praatScanner
	where   string // what is being read: "tier 2, interval 3"
	problem *Problem
}

func (p *praatReader) fail(format string, args ...any) {
	if p.problem == nil {
		detail := fmt.Sprintf(format, args...)
		if p.where != "" {
			detail = p.where + ": " + detail
		}
		p.problem = &Problem{Reason: BadAlignment, At: fmt.Sprintf("line %d", p.line), Detail: detail}
	}
}

// next is the next token, which must be of a kind.
func (p *praatReader) next(kind tokenKind, what string) praatToken {
	if p.problem != nil {
		return praatToken{}
	}
	t := p.scan()
	switch {
	case t.kind == praatEnd:
		p.fail("the file ends before %s, want %s", what, kind)
	case t.kind == praatUnclosed:
		p.fail("a quote is opened and never closed")
	case t.kind != kind:
		p.fail("%s is %.40q, want %s", what, t.text, kind)
	}
	if p.problem != nil {
		return praatToken{}
	}
	return t
}

func (p *praatReader) text(what string) string    { return p.next(praatText, what).text }
func (p *praatReader) number(what string) float64 { return p.next(praatNumber, what).number }

// count is a number of things. Nothing is made for what it claims.
func (p *praatReader) count(what string) int {
	v := p.number(what)
	if v < 0 || v != math.Trunc(v) || v > math.MaxInt32 {
		p.fail("%s is %v, want a whole number", what, v)
		return 0
	}
	return int(v)
}

func (p *praatReader) textGrid() *TextGrid {
	switch typ := p.text("the file type"); {
	case p.problem != nil:
		return nil
	case strings.Contains(typ, "chronological"):
		p.fail("this is a chronological TextGrid, want the long or short text format (in Praat: Save as text file)")
	case !strings.HasPrefix(typ, "ooTextFile"):
		p.fail("the file type is %.40q, want \"ooTextFile\"", typ)
	}
	if class := p.text("the object class"); class != "TextGrid" {
		p.fail("the object class is %.40q, want \"TextGrid\"", class)
	}
	g := &TextGrid{XMin: p.number("xmin"), XMax: p.number("xmax")}
	if f := p.next(praatFlag, "whether there are tiers"); f.text == "<absent>" {
		return g
	}
	n := p.count("the number of tiers")
	for i := 1; i <= n && p.problem == nil; i++ {
		g.Tiers = append(g.Tiers, p.tier(i))
	}
	p.where = ""
	if p.problem == nil {
		if t := p.scan(); t.kind != praatEnd {
			p.fail("%.40q after the last of the %d tiers that the header tells of", t.text, n)
		}
	}
	return g
}

func (p *praatReader) tier(i int) TextGridTier {
	p.where = fmt.Sprintf("tier %d", i)
	class := p.text("the class")
	t := TextGridTier{Name: p.text("the name"), Points: class == "TextTier", XMin: p.number("xmin"), XMax: p.number("xmax")}
	if class != "IntervalTier" && class != "TextTier" {
		p.fail("the class is %.40q, want \"IntervalTier\" or \"TextTier\"", class)
	}
	n := p.count("the number of entries")
	for k := 1; k <= n && p.problem == nil; k++ {
		p.where = fmt.Sprintf("tier %d (%.40q), entry %d of %d", i, t.Name, k, n)
		var e TextGridEntry
		e.Begin = p.number("xmin")
		if e.End = e.Begin; !t.Points {
			e.End = p.number("xmax")
		}
		e.Text = p.text("the text")
		t.Entries = append(t.Entries, e)
	}
	return t
}
