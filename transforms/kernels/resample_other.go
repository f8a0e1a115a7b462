//go:build !amd64

package kernels

import "framewise/transforms/isa"

func resamplers() map[isa.Level]*Resampling { return portable }
