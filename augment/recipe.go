package augment

// Variant names how the samples of an example relate to its recordings.
type Variant string

// The variants.
const (
	Original   Variant = "original"
	Narrowband Variant = "narrowband"
)

// Recipe says what one example is made of. It is small and complete: with the
// audio and the build configuration it determines the example to the bit.
type Recipe struct {
	ID      string  // unique in the dataset
	Split   string  // the split of all its parts
	Variant Variant // the variant of all its parts
	Parts   []Part  // in time order, at least one
}

// Part is one utterance's share of an example.
type Part struct {
	Utterance string // its id
	Ref       Ref    // where the manifest holds it
	Gap       int64  // samples of gap before it, at the build's rate; 0 for the first
}

// Ref is the place of an utterance's line in the manifest, in bytes. It lets a
// recipe stay small: whoever renders it reads the line again.
type Ref struct {
	Offset int64
	Length int32
}

// Member is what planning knows of an utterance: no audio, no alignment.
type Member struct {
	ID      string
	Ref     Ref
	Split   string
	Speaker string
	Rate    int   // Hz, of the recording
	Samples int64 // End-Begin, at Rate
}
