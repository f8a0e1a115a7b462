package corpus

import (
	"bytes"
	"encoding/json"
	"slices"
	"unicode/utf8"
)

// parsePlain reads a manifest's line of the usual form into u and says whether
// it is of it: an object of the fields of Utterance, each at most once and under
// its exact name, whole numbers, segments of three, no problem. Everything else,
// and everything that is wrong, is left to encoding/json, which takes five times
// as long; what both read is the same (FuzzParsePlain). A manifest has a line
// for every utterance, and a build reads each of them several times.
func parsePlain(line []byte, u *Utterance) bool {
	p := plain{b: line}
	p.object(u)
	return !p.bad && p.at == len(line)
}

// plain is a place in a line. Once it is bad, it stays so.
type plain struct {
	b   []byte
	at  int
	bad bool

	text string // of b, made when a list of labels needs it
}

// object reads the whole line.
func (p *plain) object(u *Utterance) {
	p.expect('{')
	seen := 0
	for first := true; !p.bad && !p.next('}', first); first = false {
		name := p.quoted()
		p.expect(':')
		field := 1 << p.field(name, u)
		if seen&field != 0 {
			p.bad = true
		}
		seen |= field
	}
	p.space()
}

// field reads the value of a field and returns the field's number.
func (p *plain) field(name []byte, u *Utterance) int {
	switch string(name) {
	case "id":
		u.ID = p.string()
		return 0
	case "uri":
		u.URI = p.string()
		return 1
	case "sha256":
		u.SHA256 = p.string()
		return 2
	case "rate":
		u.Rate = p.int()
		return 3
	case "channel":
		u.Channel = p.int()
		return 4
	case "samples":
		u.Samples = p.number()
		return 5
	case "begin":
		u.Begin = p.number()
		return 6
	case "end":
		u.End = p.number()
		return 7
	case "speaker":
		u.Speaker = p.string()
		return 8
	case "split":
		u.Split = p.string()
		return 9
	case "text":
		u.Text = p.string()
		return 10
	case "label_set":
		u.LabelSet = p.string()
		return 11
	case "alignment":
		u.Alignment = p.alignment()
		return 12
	case "phones":
		u.Phones = p.phones()
		return 13
	case "problem":
		p.bad = p.bad || !p.null()
		return 14
	}
	p.bad = true
	return 15
}

// space skips what JSON allows between its tokens.
func (p *plain) space() {
	for p.at < len(p.b) && (p.b[p.at] == ' ' || p.b[p.at] == '\t' || p.b[p.at] == '\n' || p.b[p.at] == '\r') {
		p.at++
	}
}

// take skips space and then c, and says whether c was there.
func (p *plain) take(c byte) bool {
	if p.at < len(p.b) && p.b[p.at] <= ' ' {
		p.space()
	}
	if p.at < len(p.b) && p.b[p.at] == c {
		p.at++
		return true
	}
	return false
}

func (p *plain) expect(c byte) {
	if !p.take(c) {
		p.bad = true
	}
}

// next says whether a list or an object ends here; if not, it skips the comma
// before the next element.
func (p *plain) next(end byte, first bool) (ended bool) {
	if p.take(end) {
		return true
	}
	if !first {
		p.expect(',')
	}
	return false
}

// null skips null, and says whether it was there.
func (p *plain) null() bool {
	p.space()
	if bytes.HasPrefix(p.b[p.at:], []byte("null")) {
		p.at += 4
		return true
	}
	return false
}

// number reads a whole number that JSON would write so.
func (p *plain) number() int64 {
	p.space()
	neg := p.at < len(p.b) && p.b[p.at] == '-'
	if neg {
		p.at++
	}
	begin, v := p.at, int64(0)
	for p.at < len(p.b) && p.b[p.at]-'0' < 10 {
		v = 10*v + int64(p.b[p.at]-'0')
		p.at++
	}
	n := p.at - begin
	if n < 1 || n > 18 || n > 1 && p.b[begin] == '0' { // 18 digits fit an int64
		p.bad = true
	}
	if p.at < len(p.b) && (p.b[p.at] == '.' || p.b[p.at]|0x20 == 'e') {
		p.bad = true
	}
	if neg {
		return -v
	}
	return v
}

func (p *plain) int() int {
	v := p.number()
	if int64(int(v)) != v {
		p.bad = true
	}
	return int(v)
}

// ordinary are the bytes of a string that stand for themselves.
var ordinary = func() (t [256]bool) {
	for c := 0x20; c < 0x80; c++ {
		t[c] = c != '"' && c != '\\'
	}
	return t
}()

// quoted reads a string of which every byte stands for itself, and returns the
// bytes between its quotes. At any other string it stays where it is, and
// returns nil.
func (p *plain) quoted() []byte {
	if !p.take('"') {
		p.bad = true
		return nil
	}
	begin, wide := p.at, false
	for i, c := range p.b[begin:] {
		if ordinary[c] {
			continue
		}
		if c >= utf8.RuneSelf {
			wide = true
			continue
		}
		s := p.b[begin : begin+i]
		if c != '"' || wide && !utf8.Valid(s) {
			break
		}
		p.at = begin + i + 1
		return s
	}
	p.at = begin - 1
	return nil
}

// string reads any string, into memory of its own: what is kept of an utterance
// should not keep its whole line.
func (p *plain) string() string {
	if s := p.quoted(); s != nil {
		return string(s)
	}
	return p.escaped()
}

// escaped reads a string with escapes.
func (p *plain) escaped() (s string) {
	if p.bad {
		return ""
	}
	end := p.at + 1
	for ; end < len(p.b) && p.b[end] != '"'; end++ {
		if p.b[end] == '\\' {
			end++
		}
	}
	if end >= len(p.b) || json.Unmarshal(p.b[p.at:end+1], &s) != nil {
		p.bad = true
		return ""
	}
	p.at = end + 1
	return s
}

// label reads a string of a list: all labels of a line share their memory.
func (p *plain) label() string {
	s := p.quoted()
	if s == nil {
		return p.escaped()
	}
	if p.text == "" {
		p.text = string(p.b)
	}
	end := p.at - 1
	return p.text[end-len(s) : end]
}

// alignment reads a list of segments, or null.
func (p *plain) alignment() Alignment {
	if p.null() {
		return nil
	}
	p.expect('[')
	rest := p.b[p.at:]
	a := make(Alignment, 0, min(bytes.Count(rest, []byte("[")), len(rest)/len(`[0,1,""]`)))
	for first := true; !p.bad && !p.next(']', first); first = false {
		var s Segment
		p.expect('[')
		s.Begin = p.number()
		p.expect(',')
		s.End = p.number()
		p.expect(',')
		s.Label = p.label()
		p.expect(']')
		a = append(a, s)
	}
	return a
}

// phones reads a list of labels, or null.
func (p *plain) phones() []string {
	if p.null() {
		return nil
	}
	p.expect('[')
	phones := []string{}
	for first := true; !p.bad && !p.next(']', first); first = false {
		phones = append(phones, p.label())
	}
	return slices.Clip(phones)
}
