//go:build !amd64

package vec

import "framewise/model/internal/isa"

// levels has only plain Go on CPUs without assembly of ours.
func levels() map[isa.Level]*functions {
	return map[isa.Level]*functions{isa.Portable: portable}
}
