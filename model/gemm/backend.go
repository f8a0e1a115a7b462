package gemm

import (
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"sync/atomic"

	gonumblas "gonum.org/v1/gonum/blas/gonum"

	"framewise/transforms/isa"
)

// Variable is the environment variable that says what multiplies matrices of
// float32, whatever a configuration says: one of Backends.
const Variable = "FRAMEWISE_BLAS"

// The names of what can multiply.
const (
	Own      = "own"   // our kernels
	Auto     = "auto"  // our kernels if they have vector instructions here, otherwise a library if one is found
	Gonum    = "gonum" // gonum's, in Go
	OpenBLAS = "openblas"
	BLIS     = "blis"
	MKL      = "mkl"
)

// Backends lists the names.
func Backends() []string { return []string{Own, Auto, Gonum, OpenBLAS, BLIS, MKL} }

// ErrNoLibraries is the error of a build that cannot load libraries.
var ErrNoLibraries = errors.New("this build has no libraries in it: build with `make build TAGS=blas`")

// sgemm is BLAS' cblas_sgemm, row-major, on the calling thread.
type sgemm func(tA, tB bool, m, n, k int, alpha float32, a []float32, lda int, b []float32, ldb int, beta float32, c []float32, ldc int)

// backend multiplies instead of our kernels.
type backend struct {
	title string // name and version
	sgemm sgemm
}

// chosen is nil for our kernels.
var chosen atomic.Pointer[backend]

var backendErr = Use(Own)

// Use chooses what multiplies matrices of float32: one of Backends, or what
// the environment asks for. An unknown name, or a library that is not there, is
// an error, and leaves the choice as it is. Not to be called while something is
// being multiplied.
//
// With a library or gonum, products with a Packed matrix stay with our
// kernels if these have vector instructions: they are as fast, and a library
// would pack its operands anew at every call. Bits then depend on the library,
// and for some libraries on how many goroutines share the work.
func Use(name string) error {
	if forced := os.Getenv(Variable); forced != "" {
		name = forced
	}
	b, err := find(name)
	if err != nil {
		return fmt.Errorf("matrices: %w", err)
	}
	chosen.Store(b)
	return nil
}

func find(name string) (*backend, error) {
	switch name {
	case Own:
		return nil, nil
	case Gonum:
		return &backend{"gonum", gonumSgemm}, nil
	case OpenBLAS, BLIS, MKL:
		return open(name)
	case Auto:
		if active.level > isa.Scalar {
			return nil, nil
		}
		for _, l := range []string{OpenBLAS, BLIS, MKL} {
			if b, err := open(l); err == nil {
				return b, nil
			}
		}
		return nil, nil
	}
	return nil, fmt.Errorf("%q: want one of %s", name, strings.Join(Backends(), ", "))
}

// Backend names what multiplies: our kernels with their level, or a library
// with its version.
func Backend() string {
	if b := chosen.Load(); b != nil {
		return b.title
	}
	return "own kernels, " + Kernel()
}

// forPacked is what multiplies by packed matrices instead of our kernels, if
// something does.
func forPacked() *backend {
	if active.level > isa.Scalar {
		return nil
	}
	return chosen.Load()
}

func gonumSgemm(tA, tB bool, m, n, k int, alpha float32, a []float32, lda int, b []float32, ldb int, beta float32, c []float32, ldc int) {
	gonumblas.Implementation{}.Sgemm(transpose(tA), transpose(tB), m, n, k, alpha, a, lda, b, ldb, beta, c, ldc)
}

// Installed lists the libraries that this build can load here, by title.
func Installed() []string {
	var titles []string
	for _, name := range []string{OpenBLAS, BLIS, MKL} {
		if b, err := open(name); err == nil {
			titles = append(titles, b.title)
		}
	}
	slices.Sort(titles)
	return titles
}
