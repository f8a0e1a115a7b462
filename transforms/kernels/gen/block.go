//go:build avo

package main

import "fmt"

// A block is a straight line of arithmetic on vectors: the text of a kernel,
// written once against this builder and then expanded to scalar Go and to
// assembly for each width of vectors. One operation of a block is one rounded
// IEEE operation in every expansion, and none contracts two into one: that is
// why all expansions give the same bits.
type block struct {
	items []item
}

// item is a step of a block: the computation of a node, or a store of one.
type item struct {
	n    *node
	to   *ref  // store n there
	into *slot // or leave n in a register that outlives the block
}

type opcode int

const (
	opLoad  opcode = iota // a vector from memory
	opBcast               // a scalar from memory, in every lane
	opConst               // a constant in every lane
	opSlot                // a register that outlives the block
	opAdd
	opSub
	opMul
	opDiv
	opMax     // a > b ? a : b, as VMAXPS does it
	opSqrt    // of a
	opSelZero // a == 0 ? b : c
	opISub    // of 32-bit integers, as are the next
	opShl     // a << imm
	opSra     // a >> imm
	opFloat   // a rounded to float32
	opPair    // numbers of a and b, moved by instr (assembly only)
	opHalves  // a vector made of two stretches of memory by fill (assembly only)
)

// node is a value.
type node struct {
	op      opcode
	a, b, c *node
	ref     ref
	slot    *slot
	bits    uint32 // of a constant
	imm     uint64
	instr   func(src, first, dst operand)
	fill    func(dst vecReg)
	uses    []int // positions of the items that use it, set by finish
}

// ref is a place in memory as each expansion sees it.
type ref struct {
	key string // equal for equal places
	mem func() memory
	gox string // Go expression
}

// slot is a register that holds a value across blocks: a sum, an offset.
type slot struct {
	name string
	reg  vecReg
}

// vec is a vector value: a node or its negative; the zero vec is 0. Zeros and
// signs are folded away, which changes no bit of a sum's magnitude: a + -b is
// a - b and a + 0 is a.
type vec struct {
	n   *node
	neg bool
}

func (b *block) emit(n *node) vec {
	b.items = append(b.items, item{n: n})
	return vec{n: n}
}

func (b *block) load(r ref) vec          { return b.emit(&node{op: opLoad, ref: r}) }
func (b *block) bcast(r ref) vec         { return b.emit(&node{op: opBcast, ref: r}) }
func (b *block) constant(u uint32) vec   { return b.emit(&node{op: opConst, bits: u}) }
func (b *block) read(s *slot) vec        { return b.emit(&node{op: opSlot, slot: s}) }
func (b *block) store(r ref, v vec)      { b.items = append(b.items, item{n: b.plain(v), to: &r}) }
func (b *block) keep(s *slot, v vec)     { b.items = append(b.items, item{n: b.plain(v), into: s}) }
func (b *block) max(x, y vec) vec        { return b.emit(&node{op: opMax, a: b.plain(x), b: b.plain(y)}) }
func (b *block) div(x, y vec) vec        { return b.emit(&node{op: opDiv, a: b.plain(x), b: b.plain(y)}) }
func (b *block) sqrt(x vec) vec          { return b.emit(&node{op: opSqrt, a: b.plain(x)}) }
func (b *block) isub(x, y vec) vec       { return b.emit(&node{op: opISub, a: x.n, b: y.n}) }
func (b *block) shl(x vec, k uint64) vec { return b.emit(&node{op: opShl, a: x.n, imm: k}) }
func (b *block) sra(x vec, k uint64) vec { return b.emit(&node{op: opSra, a: x.n, imm: k}) }
func (b *block) float(x vec) vec         { return b.emit(&node{op: opFloat, a: x.n}) }

// selZero is y where x is 0 and z elsewhere.
func (b *block) selZero(x, y, z vec) vec {
	return b.emit(&node{op: opSelZero, a: b.plain(x), b: b.plain(y), c: b.plain(z)})
}

// plain makes a node of a value that may be zero or a negative.
func (b *block) plain(v vec) *node {
	if v.n != nil && !v.neg {
		return v.n
	}
	zero := b.constant(0)
	if v.n == nil {
		return zero.n
	}
	return b.emit(&node{op: opSub, a: zero.n, b: v.n}).n
}

func (b *block) add(x, y vec) vec {
	switch {
	case x.n == nil:
		return y
	case y.n == nil:
		return x
	case x.neg && y.neg:
		s := b.emit(&node{op: opAdd, a: x.n, b: y.n})
		return vec{s.n, true}
	case y.neg:
		return b.emit(&node{op: opSub, a: x.n, b: y.n})
	case x.neg:
		return b.emit(&node{op: opSub, a: y.n, b: x.n})
	}
	return b.emit(&node{op: opAdd, a: x.n, b: y.n})
}

func (b *block) sub(x, y vec) vec { return b.add(x, vec{y.n, !y.neg}) }

func (b *block) mul(x, y vec) vec {
	if x.n == nil || y.n == nil {
		return vec{}
	}
	p := b.emit(&node{op: opMul, a: x.n, b: y.n})
	return vec{p.n, x.neg != y.neg}
}

// interleave takes the steps of b and of another block, which touches nothing
// that b writes, in turn.
func (b *block) interleave(other *block) {
	var both []item
	for i := range max(len(b.items), len(other.items)) {
		for _, items := range [][]item{b.items, other.items} {
			if i < len(items) {
				both = append(both, items[i])
			}
		}
	}
	b.items = both
}

func (n *node) args() []*node {
	var all []*node
	for _, a := range []*node{n.a, n.b, n.c} {
		if a != nil {
			all = append(all, a)
		}
	}
	return all
}

// inMemory says whether a node is read from memory whenever it is wanted.
func (n *node) inMemory() bool { return n.op == opLoad || n.op == opBcast || n.op == opConst }

// finish drops what nothing uses, notes who uses what, and refuses a block
// that reads a place after writing it: an expansion may read as late as the
// last use.
func (b *block) finish() {
	wanted := map[*node]bool{}
	for i := len(b.items) - 1; i >= 0; i-- {
		it := b.items[i]
		if it.to != nil || it.into != nil {
			wanted[it.n] = true
		} else if wanted[it.n] {
			for _, a := range it.n.args() {
				wanted[a] = true
			}
		}
	}
	var kept []item
	for _, it := range b.items {
		if wanted[it.n] {
			it.n.uses = nil
			kept = append(kept, it)
		}
	}
	b.items = kept
	written := map[string]int{}
	for p, it := range b.items {
		if it.to != nil || it.into != nil {
			it.n.uses = append(it.n.uses, p)
		} else {
			for _, a := range it.n.args() {
				a.uses = append(a.uses, p)
			}
		}
		if it.to != nil {
			written[it.to.key] = p
		}
	}
	for p, it := range b.items {
		if it.to == nil && it.into == nil && it.n.op == opLoad {
			if w, ok := written[it.n.ref.key]; ok && it.n.uses[len(it.n.uses)-1] > w {
				panic(fmt.Sprintf("item %d reads %s after it is written", p, it.n.ref.key))
			}
		}
	}
}
