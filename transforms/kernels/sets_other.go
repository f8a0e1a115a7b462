//go:build !amd64

package kernels

import "framewise/transforms/isa"

func sets() map[isa.Level]*Set { return map[isa.Level]*Set{isa.Scalar: scalar} }
