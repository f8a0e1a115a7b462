//go:build avo

package main

import (
	"math"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	. "github.com/mmcloughlin/avo/reg"
)

// compute writes the instruction of n, the item at p.
func (a *allocator) compute(n *node, p int) {
	if n.op == opHalves {
		a.at[n] = a.take(p)
		n.fill(a.at[n])
		return
	}
	x, y := n.a, n.b
	if n.op == opAdd || n.op == opMul { // what is in a register goes first
		_, xr := a.at[x]
		_, yr := a.at[y]
		if !xr && yr {
			x, y = y, x
		}
	}
	var src Op
	bcst := false
	pinned := []*node{x}
	switch n.op {
	case opSqrt, opFloat, opShl, opSra:
	default:
		if r, ok := a.at[y]; ok {
			src, pinned = r, append(pinned, y)
		} else if slot, ok := a.spilled[y]; ok {
			src = a.stack(slot)
		} else if y.op == opLoad && len(y.uses) <= 2 || y.op == opConst && !a.m.evex {
			src = a.place(y)
		} else if a.m.evex && (y.op == opConst || y.op == opBcast && len(y.uses) == 1) {
			src, bcst = a.place(y), true
		} else {
			src, pinned = a.inRegister(y, p, pinned...), append(pinned, y)
		}
	}
	first := a.inRegister(x, p, pinned...)
	if n.op == opSelZero {
		a.selZero(n, p, first)
		return
	}
	dies := func(n *node) bool {
		_, held := a.at[n]
		return held && n.op != opSlot && n.nextUse(p+1) == math.MaxInt
	}
	second, _ := src.(VecPhysical)
	firstDies, secondDies := dies(x), second != nil && dies(y)
	a.release(p, n.args()...)
	dst, kept := a.target(n, p)
	switch {
	case kept:
		firstDies, secondDies = false, false
	case firstDies:
		dst = a.claim(first)
	case secondDies:
		dst = a.claim(second)
	default:
		dst = a.take(p, n.args()...)
	}
	a.at[n] = dst
	if !a.busy(n) || bcst || !firstDies && !secondDies {
		write(n, src, first, dst, bcst)
		return
	}
	// A sum as 1*x + y, a difference as 1*x - y or -1*y + x, overwriting what dies.
	a.adds--
	a.multiplies++
	switch {
	case n.op == opAdd && firstDies:
		VFMADD213PS(src, a.m.one(), dst)
	case n.op == opAdd:
		VFMADD213PS(first, a.m.one(), dst)
	case firstDies:
		VFMSUB213PS(src, a.m.one(), dst)
	default:
		VFNMADD213PS(first, a.m.one(), dst)
	}
}

// busy says whether n is a sum or a difference and the multipliers have had
// less to do so far than the adders. AMD's cores have two of each, and these
// kernels are bound by the adders: some sums then go to the multipliers as
// fused multiply-adds with a factor of 1, which round once, as a sum does.
func (a *allocator) busy(n *node) bool {
	switch n.op {
	case opMul:
		a.multiplies++
	case opAdd, opSub, opMax:
		a.adds++
	}
	return (n.op == opAdd || n.op == opSub) && a.adds > a.multiplies+1
}

func write(n *node, src Op, first, dst VecPhysical, bcst bool) {
	type three func(ops ...Op)
	plain := map[opcode]three{opAdd: VADDPS, opSub: VSUBPS, opMul: VMULPS, opDiv: VDIVPS, opMax: VMAXPS, opISub: VPSUBD}
	embedded := map[opcode]three{opAdd: VADDPS_BCST, opSub: VSUBPS_BCST, opMul: VMULPS_BCST, opDiv: VDIVPS_BCST, opMax: VMAXPS_BCST, opISub: VPSUBD_BCST}
	switch n.op {
	case opPair:
		n.instr(src, first, dst)
	case opSqrt:
		VSQRTPS(first, dst)
	case opFloat:
		VCVTDQ2PS(first, dst)
	case opShl:
		VPSLLD(Imm(n.imm), first, dst)
	case opSra:
		VPSRAD(Imm(n.imm), first, dst)
	default:
		if bcst {
			embedded[n.op](src, first, dst)
		} else {
			plain[n.op](src, first, dst)
		}
	}
}

// selZero writes a == 0 ? b : c; x holds a.
func (a *allocator) selZero(n *node, p int, x VecPhysical) {
	y := a.inRegister(n.b, p, n.a, n.b, n.c)
	z := a.inRegister(n.c, p, n.a, n.b, n.c)
	mask := a.take(p, n.a, n.b, n.c)
	if a.m.evex {
		VPXORD(mask, mask, mask)
		VCMPPS(Imm(0), mask, x, K1)
		VBLENDMPS(y, z, K1, mask)
	} else {
		VXORPS(mask, mask, mask)
		VCMPPS(Imm(0), mask, x, mask)
		VBLENDVPS(mask, y, z, mask)
	}
	a.release(p, n.a, n.b, n.c)
	a.at[n] = mask
}

// place is where in memory a node lies.
func (a *allocator) place(n *node) Mem {
	if n.op == opConst {
		return constant(n.bits)
	}
	return n.ref.mem()
}
