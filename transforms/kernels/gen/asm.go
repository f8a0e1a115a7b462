//go:build avo

package main

import (
	"fmt"
	"math"

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

func (m *machine) bytes() int { return 4 * m.lanes }

// allocator gives the values of a block their registers. A value that finds
// none free takes that of the value whose next use is farthest away (Belady);
// what lies in memory anyway is dropped and read again, the rest is spilled.
type allocator struct {
	m       *machine
	b       *block
	free    []VecPhysical
	at      map[*node]VecPhysical
	spilled map[*node]int
	slots   int
	stack   func(slot int) Mem
}

// expand writes a block's instructions. reserved are registers that the block
// must leave alone but where it says keep.
func (m *machine) expand(b *block, stack func(slot int) Mem, reserved ...*slot) {
	b.finish()
	a := &allocator{m: m, b: b, at: map[*node]VecPhysical{}, spilled: map[*node]int{}, stack: stack}
	for _, r := range m.regs {
		used := false
		for _, s := range reserved {
			used = used || s.reg == r
		}
		if !used {
			a.free = append(a.free, r)
		}
	}
	for p, it := range b.items {
		switch {
		case it.to != nil:
			r := a.inRegister(it.n, p)
			VMOVUPS(r, it.to.mem())
			a.release(p, it.n)
		case it.into != nil:
			if it.n.op == opSlot && it.n.slot == it.into {
				continue
			}
			if r := a.inRegister(it.n, p); r != it.into.reg {
				VMOVAPS(r, it.into.reg)
				a.release(p, it.n)
			} else {
				delete(a.at, it.n)
			}
		case it.n.inMemory():
		case it.n.op == opSlot:
			a.at[it.n] = it.n.slot.reg
		default:
			a.compute(it.n, p)
		}
	}
}

// nextUse is the first position from p on that uses n, or a large number.
func (n *node) nextUse(p int) int {
	for _, u := range n.uses {
		if u >= p {
			return u
		}
	}
	return math.MaxInt
}

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
	a.release(p, n.args()...)
	dst, ok := a.target(n, p)
	if !ok {
		dst = a.take(p, n.args()...)
	}
	a.at[n] = dst
	write(n, src, first, dst, bcst)
}

// target is the slot that n can be computed into: the only use of n is to be
// kept there, and nothing reads the slot's old value after p.
func (a *allocator) target(n *node, p int) (VecPhysical, bool) {
	if len(n.uses) != 1 || a.b.items[n.uses[0]].into == nil {
		return nil, false
	}
	s := a.b.items[n.uses[0]].into
	for _, it := range a.b.items {
		if it.n.op == opSlot && it.n.slot == s && it.n.nextUse(p+1) != math.MaxInt {
			return nil, false
		}
	}
	return s.reg, true
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

// inRegister sees to it that n is in a register; pinned must stay where they are.
func (a *allocator) inRegister(n *node, p int, pinned ...*node) VecPhysical {
	if r, ok := a.at[n]; ok {
		return r
	}
	r := a.take(p, append(pinned, n)...)
	switch slot, ok := a.spilled[n]; {
	case ok:
		VMOVUPS(a.stack(slot), r)
	case n.op == opLoad, n.op == opConst && !a.m.evex:
		VMOVUPS(a.place(n), r)
	case n.op == opBcast, n.op == opConst:
		VBROADCASTSS(a.place(n), r)
	default:
		panic("a value is lost")
	}
	a.at[n] = r
	return r
}

// take frees a register if it must.
func (a *allocator) take(p int, pinned ...*node) VecPhysical {
	if len(a.free) == 0 {
		a.evict(p, pinned)
	}
	r := a.free[0]
	a.free = a.free[1:]
	return r
}

func (a *allocator) evict(p int, pinned []*node) {
	var victim *node
	for n := range a.at {
		if n.op == opSlot || contains(pinned, n) {
			continue
		}
		if victim == nil || farther(n, victim, p, a) {
			victim = n
		}
	}
	if victim == nil {
		panic("no register can be freed")
	}
	r := a.at[victim]
	if _, ok := a.spilled[victim]; !ok && !victim.inMemory() {
		a.spilled[victim] = a.slots
		a.slots++
		VMOVUPS(r, a.stack(a.spilled[victim]))
	}
	delete(a.at, victim)
	a.free = append(a.free, r)
}

// farther says whether n is the better victim: used later, or as late and with
// the higher register, so that the choice does not depend on a map's order.
func farther(n, than *node, p int, a *allocator) bool {
	u, v := n.nextUse(p+1), than.nextUse(p+1)
	return u > v || u == v && a.at[n].ID() > a.at[than].ID()
}

// release frees the registers of nodes whose last use is at p.
func (a *allocator) release(p int, nodes ...*node) {
	for _, n := range nodes {
		if r, ok := a.at[n]; ok && n.op != opSlot && n.nextUse(p+1) == math.MaxInt {
			delete(a.at, n)
			a.free = append(a.free, r)
		}
	}
}

func contains(all []*node, n *node) bool {
	for _, x := range all {
		if x == n {
			return true
		}
	}
	return false
}

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
