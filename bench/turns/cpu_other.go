//go:build !unix

package turns

import "os"

// processCPU is not known here; rows then have no CPU time.
func processCPU() float64 { return 0 }

// peakMB is not known here.
func peakMB(*os.ProcessState) float64 { return 0 }
