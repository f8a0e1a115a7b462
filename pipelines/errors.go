package pipelines

import (
	"errors"
	"fmt"
	"strings"
)

var (
	// ErrTooManyRejects is wrapped by the error of a build that rejected more
	// utterances than max_rejects allows.
	ErrTooManyRejects = errors.New("too many rejects")
	// ErrLocked is wrapped by the error of a build into a folder that another
	// build is writing to.
	ErrLocked = errors.New("another build is at work there")
	// ErrUnsteady is wrapped by the error of a build that could not read a
	// recording which is sound, so that it stands in rejects.jsonl for nothing.
	ErrUnsteady = errors.New("the recording can be read now; build again, which makes only the shards that lack it")
	// ErrNoUtterances is wrapped by the error for a corpus of which nothing can
	// be made.
	ErrNoUtterances = errors.New("the corpus has no usable utterance")
)

// The kinds of leaks that a build can be told to allow.
const (
	LeakSpeaker = "speaker" // one speaker in two splits
	LeakAudio   = "audio"   // the same audio file content in two splits
	LeakText    = "text"    // the same text in two splits: never an error here, `check` counts it
)

// LeakKinds lists the kinds of leaks.
var LeakKinds = []string{LeakSpeaker, LeakAudio, LeakText}

// Leak is something that two splits share and must not.
type Leak struct {
	Kind   string    `json:"kind"`   // LeakSpeaker | LeakAudio
	What   string    `json:"what"`   // the speaker, or the SHA-256 of the audio
	Splits [2]string `json:"splits"` // the first two that share it
	IDs    [2]string `json:"ids"`    // the first utterance of each
}

// LeakError says that the corpus's splits are not apart.
type LeakError struct {
	Leaks []Leak // one of each speaker or recording, sorted
}

func (e *LeakError) Error() string {
	var b strings.Builder
	l := e.Leaks[0]
	fmt.Fprintf(&b, "%s %q is in splits %s (%s) and %s (%s)", l.Kind, l.What, l.Splits[0], l.IDs[0], l.Splits[1], l.IDs[1])
	if n := len(e.Leaks) - 1; n > 0 {
		fmt.Fprintf(&b, ", and %d more like it", n)
	}
	fmt.Fprintf(&b, ": what is scored on the one was trained on in the other; --allow-leak %s builds all the same", l.Kind)
	return b.String()
}
