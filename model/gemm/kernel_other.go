//go:build !amd64

package gemm

import "framewise/transforms/isa"

// kernels has only the portable kernel on CPUs without assembly of ours.
func kernels() map[isa.Level]*kernel {
	return map[isa.Level]*kernel{isa.Scalar: portable}
}
