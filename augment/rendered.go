package augment

import "framewise/corpus"

// Source is the audio of one utterance and what its manifest line says of it.
type Source struct {
	Samples   []float32 // of the utterance alone, at Rate, in int16 scale
	Rate      int       // Hz
	Begin     int64     // the recording's sample that Samples[0] is
	Alignment corpus.Alignment
	Speaker   string
	Text      string
	Phones    []string // where there is no alignment; nil if they are not known
}

// Rendered is an example before its features are computed.
type Rendered struct {
	Samples     []float32        // what features are computed from, in int16 scale; valid until the Renderer's next call
	Rate        int              // Hz, of Samples: half of BaseRate for narrowband keep, else BaseRate
	BaseSamples int64            // length of the example's timeline, on which T and labels are
	BaseRate    int              // Hz, of that timeline
	Alignment   corpus.Alignment // in base samples from 0; nil if no part has one
	Phones      []string         // labels in order; nil if a part has neither alignment nor phones, empty if all are known to have none
	Speaker     string           // "*" where the parts' speakers differ
	Text        string           // the parts' texts with a space between
	Parts       []RenderedPart   // in time order
}

// RenderedPart is the provenance of one utterance's share of an example.
type RenderedPart struct {
	Utterance   string
	Speaker     string
	Variant     Variant
	Rate        int    // Hz, of the recording
	BeginSample int64  // in the recording
	NumSamples  int64  // in the recording
	GapBefore   int64  // base samples
	Begin       int64  // base samples from the beginning of the example
	Length      int64  // base samples
	Effects     string // JSON object with sorted keys, "{}" if nothing was done
}
