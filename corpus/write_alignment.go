package corpus

import (
	"bufio"
	"fmt"
	"io"
	"strings"
)

// Tier is a named alignment, one tier of a TextGrid.
type Tier struct {
	Name      string
	Alignment Alignment
}

// WritePHN writes TIMIT's "begin end label" lines, in samples.
func WritePHN(w io.Writer, a Alignment) error {
	bw := bufio.NewWriter(w)
	for _, s := range a {
		fmt.Fprintf(bw, "%d %d %s\n", s.Begin, s.End, s.Label)
	}
	return bw.Flush()
}

// WriteCTM writes NIST's time-marked conversation lines, "name channel begin
// duration label" in seconds.
func WriteCTM(w io.Writer, name string, a Alignment, rate int) error {
	bw := bufio.NewWriter(w)
	for _, s := range a {
		fmt.Fprintf(bw, "%s 1 %.4f %.4f %s\n", name, seconds(s.Begin, rate), seconds(s.End-s.Begin, rate), s.Label)
	}
	return bw.Flush()
}

// WriteTextGrid writes Praat's long text format. Every tier runs from 0 to
// numSamples; stretches without a segment become intervals without a text, as
// Praat wants tiers without gaps.
func WriteTextGrid(w io.Writer, tiers []Tier, numSamples int64, rate int) error {
	bw := bufio.NewWriter(w)
	end := seconds(numSamples, rate)
	fmt.Fprintf(bw, "File type = \"ooTextFile\"\nObject class = \"TextGrid\"\n\nxmin = 0\nxmax = %.6f\ntiers? <exists>\nsize = %d\nitem []:\n", end, len(tiers))
	for i, t := range tiers {
		filled := fillGaps(t.Alignment, numSamples)
		fmt.Fprintf(bw, "    item [%d]:\n        class = \"IntervalTier\"\n        name = %s\n        xmin = 0\n        xmax = %.6f\n        intervals: size = %d\n",
			i+1, quotePraat(t.Name), end, len(filled))
		for j, s := range filled {
			fmt.Fprintf(bw, "        intervals [%d]:\n            xmin = %.6f\n            xmax = %.6f\n            text = %s\n",
				j+1, seconds(s.Begin, rate), seconds(s.End, rate), quotePraat(s.Label))
		}
	}
	return bw.Flush()
}

// fillGaps adds unlabelled segments so that [0, n) is covered once; what lies
// outside or overlaps what came before is cut.
func fillGaps(a Alignment, n int64) Alignment {
	var out Alignment
	at := int64(0)
	for _, s := range a {
		s.Begin, s.End = max(s.Begin, at), min(s.End, n)
		if s.Begin >= s.End {
			continue
		}
		if s.Begin > at {
			out = append(out, Segment{at, s.Begin, ""})
		}
		out = append(out, s)
		at = s.End
	}
	if at < n {
		out = append(out, Segment{at, n, ""})
	}
	return out
}

// quotePraat doubles quotes, as Praat's text files do.
func quotePraat(s string) string { return `"` + strings.ReplaceAll(s, `"`, `""`) + `"` }

func seconds(samples int64, rate int) float64 { return float64(samples) / float64(rate) }
