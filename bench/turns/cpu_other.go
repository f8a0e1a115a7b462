//go:build !unix

package turns

// processCPU is not known here; rows then have no CPU time.
func processCPU() float64 { return 0 }
