package corpus

import (
	"bufio"
	"fmt"
	"io"
	"math"
	"slices"
	"strings"
)

// CTMLine is a line of a NIST CTM file (time-marked conversation): the name of
// a waveform or utterance, its channel, begin and duration in seconds and a
// label. A confidence after them is not kept.
type CTMLine struct {
	Name, Channel   string
	Begin, Duration float64
	Label           string
	Decimals        int // digits after the point of the times, the larger number of both
}

// ReadCTM reads a CTM file and gives every line to fn: those that are blank or
// begin with ";;" are left out. A line that is not "name channel begin duration
// label" reaches fn with a *Problem that has the line's number, and with the
// name if there is one.
func ReadCTM(r io.Reader, fn func(line int, c CTMLine, err error) error) error {
	return readLines(bufio.NewReaderSize(r, 64<<10), ctmLines(fn))
}

func ctmLines(fn func(line int, c CTMLine, err error) error) func(line int, text []byte, p *Problem) error {
	return func(line int, text []byte, p *Problem) error {
		if p != nil {
			return fn(line, CTMLine{}, &Problem{Reason: BadAlignment, At: p.At, Detail: p.Detail})
		}
		if strings.HasPrefix(string(text), ";;") {
			return nil
		}
		c, detail := parseCTM(string(text))
		if detail != "" {
			return fn(line, c, lineProblem(line, BadAlignment, detail))
		}
		return fn(line, c, nil)
	}
}

// parseCTM reads a line, and says what is wrong with it.
func parseCTM(text string) (c CTMLine, detail string) {
	f := strings.Fields(text)
	c.Name = f[0]
	if len(f) != 5 && len(f) != 6 {
		return c, fmt.Sprintf("%.60q has %d words, want \"name channel begin duration label\" and perhaps a confidence", text, len(f))
	}
	if strings.HasPrefix(f[4], "<ALT") {
		return c, fmt.Sprintf("%.60q begins or ends alternatives, which are not read", text)
	}
	c.Channel, c.Label = f[1], f[4]
	for i, dst := range []*float64{&c.Begin, &c.Duration} {
		what, s := [...]string{"begin", "duration"}[i], f[2+i]
		v, ok := decimal(s)
		if !ok || v < 0 || v > maxSeconds {
			return c, fmt.Sprintf("%s is %.40q, want seconds from 0 to %g", what, s, maxSeconds)
		}
		*dst = v
		if _, digits, ok := strings.Cut(s, "."); ok && strings.Trim(digits, "0123456789") == "" {
			c.Decimals = max(c.Decimals, len(digits))
		}
	}
	return c, ""
}

// ctmKey names what the lines of a CTM file are about.
type ctmKey struct{ name, channel string }

// ctmTrack is the lines of one name and channel.
type ctmTrack struct {
	key      ctmKey
	at       string // the file
	spans    []span // in seconds from the begin of what is named
	decimals int
	problem  *Problem
}

// unit is what the track's times are rounded to, a hundredth of a second at
// most: a begin and a duration that are each half a unit off end a whole unit
// off.
func (t *ctmTrack) unit() float64 {
	u := 1.0
	for range min(max(t.decimals, 2), 9) {
		u /= 10
	}
	return u
}

// ctmTracks gathers CTM files by name and channel, in the order of their first
// lines.
type ctmTracks struct {
	tracks map[ctmKey]*ctmTrack
	order  []ctmKey
	lost   []lostLine
}

// lostLine is a line that does not even tell what it is about.
type lostLine struct {
	rel  string
	line int
	p    *Problem
}

// read adds a file. A name that an earlier file had too is a problem of it.
func (ts *ctmTracks) read(file, rel string) error {
	if ts.tracks == nil {
		ts.tracks = map[ctmKey]*ctmTrack{}
	}
	return eachLine(file, ctmLines(func(line int, c CTMLine, err error) error {
		if c.Name == "" {
			ts.lost = append(ts.lost, lostLine{rel, line, ProblemOf(err)})
			return nil
		}
		key := ctmKey{c.Name, c.Channel}
		if err != nil { // the channel may be what is missing
			key.channel = ""
			if i := slices.IndexFunc(ts.order, func(k ctmKey) bool { return k.name == c.Name }); i >= 0 {
				key = ts.order[i]
			}
		}
		t := ts.tracks[key]
		if t == nil {
			t = &ctmTrack{key: key, at: rel}
			ts.tracks[key] = t
			ts.order = append(ts.order, key)
		}
		switch {
		case t.problem != nil:
		case err != nil:
			p := ProblemOf(err)
			t.problem = &Problem{Reason: p.Reason, At: lineOf(rel, line), Detail: p.Detail}
		case t.at != rel:
			t.problem = &Problem{Reason: BadAlignment, At: lineOf(rel, line), Detail: fmt.Sprintf("%s is about %.40q too, want all of it in one file", t.at, c.Name)}
		}
		t.spans = append(t.spans, span{c.Begin, c.Begin + c.Duration, c.Label})
		t.decimals = max(t.decimals, c.Decimals)
		return nil
	}))
}

// fromZero says whether the channels are counted from 0.
func (ts *ctmTracks) fromZero() bool {
	return slices.ContainsFunc(ts.order, func(k ctmKey) bool { return k.channel == "0" })
}

// give makes a track the entry's alignment, its times counted from offset
// seconds of the recording.
func (t *ctmTrack) give(e *entry, offset float64) {
	e.aligned, e.spans, e.unit, e.at = true, t.spans, t.unit(), t.at
	if offset != 0 && !math.IsInf(offset, 0) {
		e.spans = slices.Clone(t.spans)
		for i := range e.spans {
			e.spans[i].begin += offset
			e.spans[i].end += offset
		}
	}
	if t.problem != nil {
		e.fail(t.problem.Reason, t.problem.At, "%s", t.problem.Detail)
	}
}
