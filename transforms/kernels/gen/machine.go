//go:build avo

package main

import (
	"fmt"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	. "github.com/mmcloughlin/avo/reg"
)

type (
	memory  = Mem
	operand = Op
	vecReg  = VecPhysical
)

// machine is a width of vectors.
type machine struct {
	name  string
	lanes int
	regs  []VecPhysical
	evex  bool // AVX-512 encodings: a scalar in memory may be an operand
}

var (
	zmm = []VecPhysical{Z0, Z1, Z2, Z3, Z4, Z5, Z6, Z7, Z8, Z9, Z10, Z11, Z12, Z13, Z14, Z15,
		Z16, Z17, Z18, Z19, Z20, Z21, Z22, Z23, Z24, Z25, Z26, Z27, Z28, Z29, Z30, Z31}
	ymm    = []VecPhysical{Y0, Y1, Y2, Y3, Y4, Y5, Y6, Y7, Y8, Y9, Y10, Y11, Y12, Y13, Y14, Y15}
	avx2   = &machine{name: "AVX2", lanes: 8, regs: ymm}
	avx512 = &machine{name: "AVX512", lanes: 16, regs: zmm, evex: true}
)

// one is the register that holds 1 in every lane throughout a function.
func (m *machine) one() VecPhysical { return m.regs[len(m.regs)-1] }

func (m *machine) bytes() int { return 4 * m.lanes }

// constants are the vectors of equal numbers that the kernels need, by bits.
var constants = map[uint32]string{}

// constant is a vector of 8 equal numbers in read-only memory.
func constant(bits uint32) Mem {
	name, ok := constants[bits]
	if !ok {
		name = fmt.Sprintf("kernel%08x", bits)
		constants[bits] = name
		pendingConstants = append(pendingConstants, bits)
	}
	return NewDataAddr(Symbol{Name: name, Static: true}, 0)
}

var pendingConstants []uint32

// writeConstants declares them, after the functions that use them.
func writeConstants() {
	for _, bits := range pendingConstants {
		GLOBL(constants[bits], RODATA|NOPTR)
		for i := range 8 {
			DATA(4*i, U32(bits))
		}
	}
}

// spills is how many vectors a kernel of one radix-8 pass may have to spill:
// 32 registers are enough for it.
func (m *machine) spills(n int) int {
	if m.evex {
		return 0
	}
	return n
}

// alignedStack reserves room for spilled vectors, aligned to their size so that
// none lies across two cache lines.
func (m *machine) alignedStack(vectors int) func(slot int) Mem {
	if vectors == 0 {
		return func(int) Mem { panic("this kernel was to spill nothing") }
	}
	local := AllocLocal((vectors + 1) * m.bytes())
	base := GP64()
	LEAQ(local.Offset(m.bytes()-1), base)
	ANDQ(I32(int32(-m.bytes())), base)
	return func(slot int) Mem {
		if slot >= vectors {
			panic(fmt.Sprintf("more than %d vectors are spilled", vectors))
		}
		return Mem{Base: base, Disp: slot * m.bytes()}
	}
}
