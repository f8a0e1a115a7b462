package kernels

import "framewise/transforms/isa"

// Sets is every set that this CPU can use, the scalar one first.
func Sets() []*Set {
	var all []*Set
	for l := isa.Scalar; l <= isa.Best(); l++ {
		all = append(all, sets()[l])
	}
	return all
}
