package corpus

import (
	"errors"
	"fmt"
	"io/fs"

	"framewise/corpus/audio"
)

// ProblemOf is the Problem that an error means for an utterance: itself if it
// is one, MissingAudio or UnreadableAudio for any other.
func ProblemOf(err error) *Problem {
	var p *Problem
	if errors.As(err, &p) {
		return p
	}
	var a *audio.Error
	if !errors.As(err, &a) {
		return &Problem{Reason: UnreadableAudio, Detail: err.Error()}
	}
	p = &Problem{Reason: UnreadableAudio, At: a.At, Detail: a.Detail}
	if a.Missing {
		p.Reason = MissingAudio
	}
	return p
}

// withoutPath is what the operating system says, without the path that it says
// it of: manifests and rejects do not tell where a corpus lay.
func withoutPath(err error) string {
	var p *fs.PathError
	if errors.As(err, &p) {
		return fmt.Sprintf("%s: %v", p.Op, p.Err)
	}
	return err.Error()
}
