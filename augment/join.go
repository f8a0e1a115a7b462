package augment

import (
	"encoding/json"
	"slices"
	"strings"

	"framewise/corpus"
)

// joint collects what lies beside the samples of an example: its alignment,
// phones, texts and parts.
type joint struct {
	rate      int    // base rate in Hz
	silence   string // "" if the label set has none
	alignment corpus.Alignment
	aligned   bool     // some part has an alignment
	phones    []string // never nil: known to be empty is not unknown
	unknown   bool     // some part has neither alignment nor phones
	texts     []string
	parts     []RenderedPart
}

// add appends a part whose place on the base timeline is known, and which was
// resampled from rate in to rate out.
func (j *joint) add(src *Source, p RenderedPart, in, out int) {
	if p.GapBefore > 0 && j.silence != "" {
		j.alignment = append(j.alignment, corpus.Segment{Begin: p.Begin - p.GapBefore, End: p.Begin, Label: j.silence})
		j.joinPhones([]string{j.silence})
	}
	phones := src.Phones
	if src.Alignment != nil {
		j.aligned = true
		phones = []string{}
		for _, s := range place(src.Alignment, p, in, out) {
			j.alignment = append(j.alignment, s)
			phones = append(phones, s.Label)
		}
	}
	j.unknown = j.unknown || phones == nil
	j.joinPhones(phones)
	j.texts = append(j.texts, src.Text)
	j.parts = append(j.parts, p)
}

// joinPhones appends a stretch of phones. A silence that meets a silence there
// becomes one with it; nothing else is merged, neither other equal phones at
// the joint nor silences within a stretch.
func (j *joint) joinPhones(next []string) {
	n := len(j.phones)
	if n > 0 && len(next) > 0 && j.phones[n-1] == j.silence && next[0] == j.silence {
		next = next[1:]
	}
	j.phones = append(j.phones, next...)
}

// rendered is the example of n base samples, still without its samples.
func (j *joint) rendered(n int64) *Rendered {
	out := &Rendered{BaseSamples: n, BaseRate: j.rate, Rate: j.rate,
		Speaker: speakerOf(j.parts), Text: textOf(j.texts), Parts: j.parts}
	if j.aligned {
		out.Alignment = slices.Clip(j.alignment)
	}
	if !j.unknown {
		out.Phones = j.phones
	}
	return out
}

// place moves an alignment from the recording's timeline to the example's: what
// lies outside the utterance is cut off, and a boundary b samples into the
// utterance comes to round(b*out/in), halves up, or to the end of the part if it
// is the end of the utterance. That keeps order and contact. Segments that hold
// no sample any more are left out.
func place(a corpus.Alignment, p RenderedPart, in, out int) corpus.Alignment {
	at := func(sample int64) int64 {
		b := min(max(sample-p.BeginSample, 0), p.NumSamples)
		if b == p.NumSamples {
			return p.Begin + p.Length
		}
		return p.Begin + min((2*b*int64(out)+int64(in))/(2*int64(in)), p.Length)
	}
	placed := make(corpus.Alignment, 0, len(a))
	for _, s := range a {
		s.Begin, s.End = at(s.Begin), at(s.End)
		if s.Begin < s.End {
			placed = append(placed, s)
		}
	}
	return placed
}

// speakerOf is the speaker of all parts, or "*" where they differ.
func speakerOf(parts []RenderedPart) string {
	for _, p := range parts {
		if p.Speaker != parts[0].Speaker {
			return "*"
		}
	}
	return parts[0].Speaker
}

// textOf joins the texts that are not empty.
func textOf(texts []string) string {
	return strings.Join(slices.DeleteFunc(texts, func(s string) bool { return s == "" }), " ")
}

// effects is what was done to a part beyond joining it, by name: everything
// that was drawn or measured for it.
type effects map[string]map[string]any

// json writes the effects with sorted keys at every level.
func (e effects) json() (string, error) {
	b, err := json.Marshal(e)
	return string(b), err
}
