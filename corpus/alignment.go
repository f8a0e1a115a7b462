package corpus

import (
	"fmt"

	"framewise/transforms"
)

// check says whether the segments are in order, not empty, disjoint and within
// a recording of so many samples. Gaps are no fault: their frames have no label.
func (a Alignment) check(samples int64) *Problem {
	end := int64(0)
	for i, s := range a {
		switch {
		case s.Begin < 0 || s.Begin >= s.End:
			return &Problem{Reason: BadAlignment, Detail: fmt.Sprintf("segment %d (%q) is samples %d to %d, want 0 <= begin < end", i, s.Label, s.Begin, s.End)}
		case s.Begin < end:
			return &Problem{Reason: BadAlignment, Detail: fmt.Sprintf("segment %d (%q) begins at sample %d, want %d or later, where the one before it ends", i, s.Label, s.Begin, end)}
		case s.End > samples:
			return &Problem{Reason: OutsideAudio, Detail: fmt.Sprintf("segment %d (%q) ends at sample %d, the recording has %d", i, s.Label, s.End, samples)}
		}
		end = s.End
	}
	return nil
}

// Covered is how many of the samples [begin, end) lie in a segment.
func (a Alignment) Covered(begin, end int64) int64 {
	n := int64(0)
	for _, s := range a {
		n += max(min(s.End, end)-max(s.Begin, begin), 0)
	}
	return n
}

// FrameLabels gives each of the T frames of an utterance the label of the
// segment that holds the frame's centre, or -1 if none does or if index does
// not know the label. The alignment is in samples of the recording, and begin
// is the utterance's first sample in it. The result is dst[:T], or a new slice
// if dst has no room for it.
//
// A frame's centre may lie past the utterance's end, in the padding. To have -1
// there where the recording goes on, pass an alignment that ends with the
// utterance.
func FrameLabels(dst []int16, a Alignment, begin int64, f transforms.Framing, T int, index func(label string) int) []int16 {
	if cap(dst) < T {
		dst = make([]int16, T)
	}
	dst = dst[:T]
	at, known, class := 0, -1, int16(-1) // class is the label's of segment known
	for t := range dst {
		dst[t] = -1
		i := a.At(begin+int64(f.Center(t)), at)
		if i < 0 {
			continue
		}
		if i != known {
			known, class = i, int16(index(a[i].Label))
		}
		dst[t], at = class, i
	}
	return dst
}
