package corpus

import (
	"encoding/json"
	"fmt"
)

// Split names, in the order in which they are listed.
const (
	Train    = "train"
	Dev      = "dev"
	Test     = "test"
	TestRest = "test-rest"
)

// Splits lists the split names in their order.
var Splits = []string{Train, Dev, Test, TestRest}

// Segment is one labelled stretch [Begin, End) of a recording, in samples. In
// the manifest it is the JSON array [begin, end, "label"].
type Segment struct {
	Begin, End int64
	Label      string
}

// MarshalJSON writes the segment as [begin, end, "label"].
func (s Segment) MarshalJSON() ([]byte, error) { return json.Marshal([]any{s.Begin, s.End, s.Label}) }

// UnmarshalJSON reads [begin, end, "label"].
func (s *Segment) UnmarshalJSON(b []byte) error {
	var parts []json.RawMessage
	if err := json.Unmarshal(b, &parts); err != nil {
		return fmt.Errorf("segment %s: %w", b, err)
	}
	if len(parts) != 3 {
		return fmt.Errorf("segment %s has %d parts, want [begin, end, \"label\"]", b, len(parts))
	}
	for i, dst := range []any{&s.Begin, &s.End, &s.Label} {
		if err := json.Unmarshal(parts[i], dst); err != nil {
			return fmt.Errorf("segment %s: part %d: %w", b, i+1, err)
		}
	}
	return nil
}

// Alignment is a list of segments in time order.
type Alignment []Segment

// At is the index of the segment that holds sample s, or -1. The search starts
// at segment from, so that a walk over rising samples is linear; pass the
// result of the last call, or 0.
func (a Alignment) At(s int64, from int) int {
	for i := max(from, 0); i < len(a); i++ {
		if s < a[i].Begin {
			return -1
		}
		if s < a[i].End {
			return i
		}
	}
	return -1
}

// Utterance is one line of the manifest (corpus.jsonl).
type Utterance struct {
	ID      string `json:"id"`
	URI     string `json:"uri"`     // relative to the manifest, absolute, or gs://
	SHA256  string `json:"sha256"`  // of the audio file, hexadecimal
	Rate    int    `json:"rate"`    // Hz
	Channel int    `json:"channel"` // from 0
	Samples int64  `json:"samples"` // of the whole recording, a channel
	Begin   int64  `json:"begin"`   // the utterance is samples [Begin, End)
	End     int64  `json:"end"`
	Speaker string `json:"speaker"`
	Split   string `json:"split"`
	Text    string `json:"text"`

	LabelSet  string    `json:"label_set"`
	Alignment Alignment `json:"alignment"` // in samples of the recording; null if there is none
	Phones    []string  `json:"phones"`    // for CTC without an alignment; null if there are none
	Problem   *Problem  `json:"problem"`   // why the importer could not read it; null if it could
}

// NumSamples is the length of the utterance in samples of its recording.
func (u *Utterance) NumSamples() int64 { return u.End - u.Begin }

// Problem says why an utterance cannot be used. It is a line of the manifest
// before it is a line of rejects.jsonl.
type Problem struct {
	Reason Reason `json:"reason"`
	At     string `json:"at,omitempty"` // the place in the file: "line 3", "byte 44"
	Detail string `json:"detail"`       // what was wrong and what was expected
}

// Error makes a Problem an error, so that readers can return one.
func (p *Problem) Error() string {
	if p.At == "" {
		return fmt.Sprintf("%s: %s", p.Reason, p.Detail)
	}
	return fmt.Sprintf("%s: %s: %s", p.Reason, p.At, p.Detail)
}

// Reason is the fixed word for why an utterance or example was not made.
type Reason string

// The fixed list of reasons.
const (
	MissingAudio    Reason = "missing-audio"     // no such file, or a label file without audio
	UnreadableAudio Reason = "unreadable-audio"  // not a format we read, truncated, damaged, or an I/O error
	AudioChanged    Reason = "audio-changed"     // the file's SHA-256 is not the manifest's
	MissingLabels   Reason = "missing-alignment" // audio without a label file
	BadAlignment    Reason = "bad-alignment"     // a label file that does not parse, or segments out of order
	OutsideAudio    Reason = "outside-audio"     // segments beyond the end of the recording
	UnknownLabel    Reason = "unknown-label"     // a label that is not in the label set
	BadManifest     Reason = "bad-manifest"      // a manifest line that does not parse or contradicts itself
	DuplicateID     Reason = "duplicate-id"      // the id was seen before
	TooShort        Reason = "too-short"         // no frame fits
	LostPart        Reason = "lost-part"         // an example of which an utterance was rejected
)

// Reasons lists every reason, in the order of the documentation.
var Reasons = []Reason{MissingAudio, UnreadableAudio, AudioChanged, MissingLabels, BadAlignment, OutsideAudio, UnknownLabel, BadManifest, DuplicateID, TooShort, LostPart}
