//go:build !(blas && (linux || darwin || freebsd))

package gemm

import "fmt"

// open loads no library: purego links a program to the C library, and the one
// that most people want needs none.
func open(name string) (*backend, error) { return nil, fmt.Errorf("%s: %w", name, ErrNoLibraries) }
