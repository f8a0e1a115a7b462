package corpus

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
)

// ReadPHN reads a TIMIT label file: lines "begin end label" in samples, end
// exclusive. It gives the segments as they stand, blemishes and all; the error
// for a line that is not of that form is a *Problem with the line's number.
func ReadPHN(r io.Reader) (Alignment, error) {
	var a Alignment
	sc := bufio.NewScanner(r)
	line := 0
	bad := func(format string, args ...any) error {
		return &Problem{Reason: BadAlignment, At: fmt.Sprintf("line %d", line), Detail: fmt.Sprintf(format, args...)}
	}
	for sc.Scan() {
		line++
		f := strings.Fields(sc.Text())
		if len(f) == 0 {
			continue
		}
		if len(f) != 3 {
			return nil, bad("%.60q has %d words, want \"begin end label\"", sc.Text(), len(f))
		}
		var at [2]int64
		for i := range at {
			v, err := strconv.ParseInt(f[i], 10, 64)
			if err != nil || v < 0 {
				return nil, bad("%s is %.40q, want a sample number", [...]string{"begin", "end"}[i], f[i])
			}
			at[i] = v
		}
		if at[1] < at[0] {
			return nil, bad("the segment ends at sample %d before it begins at %d", at[1], at[0])
		}
		a = append(a, Segment{at[0], at[1], f[2]})
	}
	line++
	if err := sc.Err(); errors.Is(err, bufio.ErrTooLong) {
		return nil, bad("the line has more than %d bytes, want \"begin end label\"", bufio.MaxScanTokenSize)
	} else if err != nil {
		return nil, bad("%s", withoutPath(err))
	}
	if len(a) == 0 {
		return nil, &Problem{Reason: BadAlignment, Detail: "there are no segments, want lines \"begin end label\""}
	}
	return a, nil
}

// How far a label file may be off, in parts of a second, and still be put
// right: segments may overlap by overlapTolerance and the last one may end
// endTolerance past the recording.
const (
	overlapTolerance = 100 // 1/100 s: 160 samples at 16 kHz
	endTolerance     = 40  // 1/40 s: 400 samples at 16 kHz, the length of a frame
)

// settle puts the known blemishes of TIMIT's label files right, and notes each
// kind once for the utterance:
//
//   - an empty segment (begin = end) is dropped;
//   - a segment that begins up to 10 ms before the one before it ends, and ends
//     after it, begins where that one ends;
//   - a segment that ends up to 25 ms past the recording ends with it, and is
//     dropped if nothing of it is left.
//
// A larger overlap is BadAlignment, a larger excess is OutsideAudio. Gaps, a
// late begin and an early end stay as they are, noted: the samples there have
// no label.
func (a Alignment) settle(samples int64, rate int, note func(kind string)) (Alignment, *Problem) {
	overlap, excess := int64(rate/overlapTolerance), int64(rate/endTolerance)
	seen := map[string]bool{}
	once := func(kind string) {
		if !seen[kind] {
			seen[kind] = true
			note(kind)
		}
	}
	var out Alignment
	end := int64(0)
	for i, s := range a {
		where := func() string { return fmt.Sprintf("segment %d (%d %d %s)", i+1, s.Begin, s.End, s.Label) }
		if s.End > samples+excess {
			return nil, &Problem{Reason: OutsideAudio, Detail: fmt.Sprintf("%s ends past the recording's %d samples, want at most %d past it", where(), samples, excess)}
		}
		if s.Begin == s.End {
			once("empty-segment")
			continue
		}
		if s.Begin < end {
			if end-s.Begin > overlap || s.End <= end {
				return nil, &Problem{Reason: BadAlignment, Detail: fmt.Sprintf("%s overlaps the one before it, which ends at %d, want at most %d samples of overlap", where(), end, overlap)}
			}
			once("overlap-moved")
			s.Begin = end
		}
		switch {
		case s.Begin > end && len(out) == 0:
			once("late-begin")
		case s.Begin > end:
			once("gap")
		}
		end = s.End
		if s.End > samples {
			once("end-clipped")
			s.End = samples
		}
		if s.Begin < s.End {
			out = append(out, s)
		}
	}
	if end < samples {
		once("early-end")
	}
	if len(out) == 0 {
		return nil, &Problem{Reason: BadAlignment, Detail: "no segment holds a sample"}
	}
	return out, nil
}
