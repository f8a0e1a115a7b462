package dataset

// ManySpeakers is the speaker of an example whose parts have several.
const ManySpeakers = "*"

// Example is one row of a shard.
type Example struct {
	ID         string
	Speaker    string // ManySpeakers where the parts' speakers differ
	Text       string
	SampleRate int32     // Hz, of the samples that the features were computed from
	NumSamples int64     // at SampleRate
	NumFrames  int32     // T
	Features   []float32 // [T, F], row-major
	Labels     []int16   // [T], indices into the label set, -1 = no label; nil if the corpus has no alignment
	Phones     []int16   // indices into the label set; nil if they are not known, which is not the same as empty
	Parts      []Part    // provenance, in time order
}

// Part says which stretch of which utterance an example's frames came from.
type Part struct {
	Utterance   string
	Speaker     string
	Variant     string // original, narrowband, speed-0.9+narrowband, ...
	Rate        int32  // Hz, of the recording
	BeginSample int64  // in the recording
	NumSamples  int64  // in the recording
	GapBefore   int64  // samples at the build's rate
	BeginFrame  int32  // first frame of the example whose centre lies in the part
	NumFrames   int32  // up to the next part's first frame; a gap belongs to the part before it
	Effects     string // JSON object, sorted keys, every drawn parameter; "{}" if none
}

// Meta is what a reader can know of an example without touching its features.
type Meta struct {
	ID        string
	Speaker   string
	NumFrames int32
	Parts     int // number of parts: 1 unless it is a concatenation
	Variant   string
}
