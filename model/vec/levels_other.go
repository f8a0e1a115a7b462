//go:build !amd64

package vec

import "framewise/transforms/isa"

// levels has only plain Go on CPUs without assembly of ours.
func levels() map[isa.Level]*functions {
	return map[isa.Level]*functions{isa.Scalar: portable}
}
