// Package isa decides once which vector instructions the kernels of
// transforms, model/gemm and model/vec use.
package isa

import (
	"fmt"
	"os"

	"golang.org/x/sys/cpu"
)

// Variable is the environment variable that forces a level, for every kernel
// of the program: off, avx2 or avx512.
const Variable = "FRAMEWISE_SIMD"

// Level is a set of vector instructions.
type Level int

// The levels, each including the ones before it.
const (
	Scalar Level = iota // plain Go
	AVX2                // AVX2 and FMA, 8 lanes
	AVX512              // AVX-512 F, BW, DQ and VL (every server CPU that has AVX-512), 16 lanes
)

// String names the level in logs, tables and benchmarks.
func (l Level) String() string { return [...]string{"scalar", "avx2", "avx512"}[l] }

// setting is the value of Variable that asks for the level.
func (l Level) setting() string { return [...]string{"off", "avx2", "avx512"}[l] }

// Best is the highest level this CPU and its operating system support.
func Best() Level {
	x := &cpu.X86
	switch {
	case !hasAssembly || !x.HasAVX2 || !x.HasFMA:
		return Scalar
	case !x.HasAVX512F || !x.HasAVX512BW || !x.HasAVX512DQ || !x.HasAVX512VL:
		return AVX2
	default:
		return AVX512
	}
}

// Choose is the level to use: Best, or the one that the environment asks for.
// An unknown value, or a level this CPU lacks, leaves Best and returns an error
// for whoever reports on the environment.
func Choose() (Level, error) {
	best, want := Best(), os.Getenv(Variable)
	if want == "" {
		return best, nil
	}
	for l := Scalar; l <= AVX512; l++ {
		if l.setting() != want {
			continue
		}
		if l > best {
			return best, fmt.Errorf("%s=%s: this CPU has %s at most, which is used instead", Variable, want, best)
		}
		return l, nil
	}
	return best, fmt.Errorf("%s=%q: want off, avx2 or avx512; %s is used", Variable, want, best)
}
