// Package result is what the benchmarks leave behind: rows as JSON lines in
// bench/out/<target>.jsonl, and beside them, in <target>.json, what machine and
// which versions made them. The tables of docs/benchmarks.md are made from both.
package result

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"slices"

	"framewise/corpus/files"
)

// Row is one comparison: a line of <target>.jsonl.
type Row struct {
	Work    string `json:"work"`
	Against string `json:"against"` // name and version of the peer
	Setting string `json:"setting"` // avx512, avx2, scalar, ...

	// Medians over the rounds, in seconds, of one pass over the work. Of a row
	// that was not measured there are none of the figures.
	OursS   float64 `json:"ours_s,omitempty"`
	TheirsS float64 `json:"theirs_s,omitempty"`
	// CPU time of the same passes: more than the seconds above means that
	// more than one thread was at work, much less that the machine was busy.
	OursCPU   float64 `json:"ours_cpu_s,omitempty"`
	TheirsCPU float64 `json:"theirs_cpu_s,omitempty"`
	// Medians of memory, of a row that is about memory.
	OursMB   float64 `json:"ours_mb,omitempty"`
	TheirsMB float64 `json:"theirs_mb,omitempty"`

	// Ratio is theirs over ours, of the medians; RatioMin and RatioMax are the
	// extremes of the rounds' own ratios. Above 1 we are faster or smaller.
	Ratio    float64 `json:"ratio,omitempty"`
	RatioMin float64 `json:"ratio_min,omitempty"`
	RatioMax float64 `json:"ratio_max,omitempty"`
	Rounds   int     `json:"rounds"`

	Unit string  `json:"unit"` // of Size, such as audio-s
	Size float64 `json:"size"` // of the work of one pass

	Target  float64 `json:"target,omitempty"`  // the ratio that was asked for, if one was
	Skipped string  `json:"skipped,omitempty"` // why there are no figures
}

// SetTimes fills in the seconds and the ratios from the rounds of both: round i
// of ours and round i of theirs were neighbours in time.
func (r *Row) SetTimes(ours, theirs []float64) error {
	var err error
	r.OursS, r.TheirsS, err = r.compare(ours, theirs)
	return err
}

// SetMemory fills in the megabytes and the ratios likewise.
func (r *Row) SetMemory(ours, theirs []float64) error {
	var err error
	r.OursMB, r.TheirsMB, err = r.compare(ours, theirs)
	return err
}

func (r *Row) compare(ours, theirs []float64) (o, t float64, err error) {
	if len(ours) == 0 || len(ours) != len(theirs) {
		return 0, 0, fmt.Errorf("%s against %s: %d rounds of ours and %d of theirs, want as many, and one at least", r.Work, r.Against, len(ours), len(theirs))
	}
	ratios := make([]float64, len(ours))
	for i := range ours {
		if !(ours[i] > 0 && theirs[i] > 0) {
			return 0, 0, fmt.Errorf("%s against %s: round %d measured %v and %v, want more than 0", r.Work, r.Against, i+1, ours[i], theirs[i])
		}
		ratios[i] = theirs[i] / ours[i]
	}
	o, t = Median(ours), Median(theirs)
	r.Rounds = len(ours)
	r.Ratio, r.RatioMin, r.RatioMax = t/o, slices.Min(ratios), slices.Max(ratios)
	return o, t, nil
}

// Median is the middle value, or the mean of the two in the middle.
func Median(xs []float64) float64 {
	s := slices.Sorted(slices.Values(xs))
	n := len(s)
	if n == 0 {
		return 0
	}
	return (s[(n-1)/2] + s[n/2]) / 2
}

// WriteRows writes <target>.jsonl.
func WriteRows(path string, rows []Row) error { return WriteLines(path, rows) }

// WriteLines writes values as JSON lines.
func WriteLines[V any](path string, values []V) error {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	for _, v := range values {
		if err := enc.Encode(v); err != nil {
			return fmt.Errorf("%s: %w", path, err)
		}
	}
	return files.WriteBytes(path, b.Bytes())
}

// ReadRows reads <target>.jsonl. An unknown key is an error that names the line.
func ReadRows(path string) ([]Row, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	var rows []Row
	for i, line := range bytes.Split(data, []byte("\n")) {
		if len(bytes.TrimSpace(line)) == 0 {
			continue
		}
		var r Row
		if err := decode(line, &r); err != nil {
			return nil, fmt.Errorf("%s: line %d: %w", path, i+1, err)
		}
		if r.Ratio == 0 && r.Skipped == "" {
			return nil, fmt.Errorf("%s: line %d: neither a ratio nor a reason why there is none", path, i+1)
		}
		rows = append(rows, r)
	}
	return rows, nil
}

func decode(data []byte, v any) error {
	d := json.NewDecoder(bytes.NewReader(data))
	d.DisallowUnknownFields()
	if err := d.Decode(v); err != nil {
		return err
	}
	if d.More() {
		return errors.New("more than one JSON value")
	}
	return nil
}
