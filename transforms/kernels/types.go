package kernels

// Tap says where a pass finds the two samples of a complex point and what
// window weights they have.
type Tap struct {
	At     [2]int32   // numbers from the frame's begin
	Weight [2]float32 // half the window function
}

// Pair says where the FFT left points k and m-k, and the k-th root of unity of
// order 2m.
type Pair struct {
	A, B   int32
	Re, Im float32
}

// FilterGroup is what the bins of a mel filter are rounded up to; a filter may
// read that many vectors past the spectrum's end.
const FilterGroup = 2

// Filter is a mel filter: Groups times FilterGroup bins from First on.
type Filter struct{ First, Groups int32 }
