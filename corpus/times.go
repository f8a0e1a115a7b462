package corpus

import (
	"cmp"
	"fmt"
	"math"
	"slices"
)

// maxSeconds bounds a time of a corpus's files: thirty years, of which the
// samples at any rate that is read fit an int64.
const maxSeconds = 1e9

// span is a labelled stretch of a recording in seconds.
type span struct {
	begin, end float64
	label      string
}

// sampleAt is the one rule by which seconds become samples: the nearest sample,
// halves up. Times that are sums of decimals miss a half by the error of the
// sum, so a millionth of a sample is no difference.
func sampleAt(seconds float64, rate int) int64 {
	x := float64(seconds * float64(rate))
	return int64(math.Floor(x + (0.5 + 1e-6)))
}

// align turns spans into segments of samples. Where a span begins within unit
// seconds of the end of the one before it, unit being what the file's times are
// rounded to, the two share the later one's begin, so that rounding makes no
// gap and no overlap. Spans need not be in order.
func align(spans []span, rate int, unit float64) (Alignment, *Problem) {
	spans = slices.Clone(spans)
	slices.SortStableFunc(spans, func(a, b span) int { return cmp.Compare(a.begin, b.begin) })
	a := make(Alignment, 0, len(spans))
	for i, s := range spans {
		if !(s.begin >= 0 && s.begin <= s.end && s.end <= maxSeconds) {
			return nil, &Problem{Reason: BadAlignment, Detail: fmt.Sprintf("segment %d (%.40q) is %v s to %v s, want 0 <= begin <= end <= %g", i+1, s.label, s.begin, s.end, maxSeconds)}
		}
		seg := Segment{sampleAt(s.begin, rate), sampleAt(s.end, rate), s.label}
		if i > 0 && math.Abs(s.begin-spans[i-1].end) <= unit+1e-9 {
			a[i-1].End = seg.Begin
		}
		a = append(a, seg)
	}
	return a, nil
}

// overshoot is how many seconds an utterance may end past its recording, and is
// then clipped to it: what Kaldi's extract-segments allows.
const overshoot = 0.5

// cut makes the utterance the seconds [begin, end) of its recording; an
// infinite end is the recording's.
func (u *Utterance) cut(begin, end float64, note func(kind string)) *Problem {
	last := float64(u.Samples) / float64(u.Rate)
	switch {
	case !(begin >= 0 && begin < end && begin <= maxSeconds):
		return &Problem{Reason: BadManifest, Detail: fmt.Sprintf("the utterance is %v s to %v s of its recording, want 0 <= begin < end", begin, end)}
	case begin >= last || !math.IsInf(end, 1) && end > last+overshoot:
		return &Problem{Reason: OutsideAudio, Detail: fmt.Sprintf("the utterance is %v s to %v s of a recording of %.4f s", begin, end, last)}
	}
	u.Begin, u.End = sampleAt(begin, u.Rate), u.Samples
	if end < last {
		u.End = min(sampleAt(end, u.Rate), u.Samples)
	} else if !math.IsInf(end, 1) && sampleAt(end, u.Rate) > u.Samples {
		note("utterance-clipped")
	}
	if u.Begin >= u.End {
		return &Problem{Reason: BadManifest, Detail: fmt.Sprintf("the utterance is %v s to %v s of its recording, which holds no sample", begin, end)}
	}
	return nil
}
