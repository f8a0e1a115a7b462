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

// Filter is a mel filter: Groups times four bins from First on.
type Filter struct{ First, Groups int32 }
