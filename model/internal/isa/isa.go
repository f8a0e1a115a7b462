// Package isa decides once which vector instructions the kernels of model/gemm
// and model/vec use.
package isa

import (
	"fmt"
	"os"

	"golang.org/x/sys/cpu"
)

// Variable is the environment variable that forces a level.
const Variable = "FRAMEWISE_GEMM"

// Level is a set of vector instructions.
type Level int

// The levels, each including the ones before it.
const (
	Portable Level = iota // plain Go
	AVX2                  // AVX2 and FMA, 8 lanes
	AVX512                // AVX-512 F, 16 lanes
)

// String is the name that Variable takes.
func (l Level) String() string { return [...]string{"portable", "avx2", "avx512"}[l] }

// Best is the highest level this CPU and its operating system support.
func Best() Level {
	switch {
	case !hasAssembly || !cpu.X86.HasAVX2 || !cpu.X86.HasFMA:
		return Portable
	case !cpu.X86.HasAVX512F:
		return AVX2
	default:
		return AVX512
	}
}

// Choose is the level to use: Best, or the one that the environment asks for.
// An unknown name, or a level this CPU lacks, leaves Best and returns an error
// for whoever reports on the environment.
func Choose() (Level, error) {
	best, want := Best(), os.Getenv(Variable)
	if want == "" {
		return best, nil
	}
	for l := Portable; l <= AVX512; l++ {
		if l.String() != want {
			continue
		}
		if l > best {
			return best, fmt.Errorf("%s=%s: this CPU has %s at most, which is used instead", Variable, want, best)
		}
		return l, nil
	}
	return best, fmt.Errorf("%s=%q: want portable, avx2 or avx512; %s is used", Variable, want, best)
}
