package export

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"

	"framewise/dataset"
)

// sample is an example without its arrays, as JSON.
type sample struct {
	ID         string  `json:"id"`
	Speaker    string  `json:"speaker"`
	Text       string  `json:"text"`
	SampleRate int32   `json:"sample_rate"`
	NumSamples int64   `json:"num_samples"`
	NumFrames  int32   `json:"num_frames"`
	Phones     []int16 `json:"phones"` // null if there are none
	Parts      []part  `json:"parts"`
}

// part is a dataset.Part as JSON, with the names of the shards' columns.
type part struct {
	Utterance   string          `json:"utterance"`
	Speaker     string          `json:"speaker"`
	Variant     string          `json:"variant"`
	Rate        int32           `json:"rate"`
	BeginSample int64           `json:"begin_sample"`
	NumSamples  int64           `json:"num_samples"`
	GapBefore   int64           `json:"gap_before"`
	BeginFrame  int32           `json:"begin_frame"`
	NumFrames   int32           `json:"num_frames"`
	Effects     json.RawMessage `json:"effects"`
}

func newSample(ex *dataset.Example) sample {
	return sample{ex.ID, ex.Speaker, ex.Text, ex.SampleRate, ex.NumSamples, ex.NumFrames, ex.Phones, newParts(ex)}
}

func newParts(ex *dataset.Example) []part {
	parts := make([]part, len(ex.Parts))
	for i, p := range ex.Parts {
		parts[i] = part{p.Utterance, p.Speaker, p.Variant, p.Rate, p.BeginSample, p.NumSamples, p.GapBefore, p.BeginFrame, p.NumFrames, json.RawMessage(p.Effects)}
	}
	return parts
}

func partsJSON(ex *dataset.Example) ([]byte, error) { return marshal(newParts(ex)) }

// marshal is compact JSON that escapes no HTML.
func marshal(v any) ([]byte, error) {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		return nil, err
	}
	return bytes.TrimSuffix(b.Bytes(), []byte("\n")), nil
}

// escape writes the bytes of s that are in set, and control characters, as %XX,
// and % too, so that no two texts become one.
func escape(s, set string) string {
	var b strings.Builder
	for _, c := range []byte(s) {
		if c < ' ' || c == 0x7f || c == '%' || strings.IndexByte(set, c) >= 0 {
			fmt.Fprintf(&b, "%%%02X", c)
		} else {
			b.WriteByte(c)
		}
	}
	return b.String()
}
