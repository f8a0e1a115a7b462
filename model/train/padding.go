package train

// What is made of the padding of training batches. Whatever scores a network,
// on dev or later, takes every utterance in its own length.
const (
	PaddingMasked  = "masked"  // it is not there: no layer sees it, no loss counts it
	PaddingCounted = "counted" // it is frames of zeros with class 0, which the network runs through and learns
	PaddingLongest = "longest" // the same, and every example is padded to the longest of train
)

// countsPadding says whether padded frames are trained on.
func (c BatchConfig) countsPadding() bool {
	return c.Padding == PaddingCounted || c.Padding == PaddingLongest
}

// target is the length that all examples are padded to: that of the longest
// item, or 0 if every batch has its own.
func (c BatchConfig) target(items []item) int {
	longest := 0
	if c.Padding == PaddingLongest {
		for _, it := range items {
			longest = max(longest, it.frames)
		}
	}
	return longest
}

// padded puts frames of zeros and class 0 before an example of x [T, inputs]
// with labels [T] or none, as Keras' pad_sequences does unless told otherwise,
// so that they are as many as wanted.
func padded(x []float32, inputs int, labels []int16, frames int) ([]float32, []int16) {
	missing := frames - len(x)/inputs
	return append(make([]float32, missing*inputs), x...), append(make([]int16, missing), labels...)
}
