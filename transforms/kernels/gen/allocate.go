//go:build avo

package main

import (
	"math"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	. "github.com/mmcloughlin/avo/reg"
)

// allocator gives the values of a block their registers. A value that finds
// none free takes that of the value whose next use is farthest away (Belady);
// what lies in memory anyway is dropped and read again, the rest is spilled.
type allocator struct {
	m                *machine
	b                *block
	free             []VecPhysical
	at               map[*node]VecPhysical
	spilled          map[*node]int
	slots            int
	adds, multiplies int
	stack            func(slot int) Mem
}

// expand writes a block's instructions. reserved are registers that the block
// must leave alone but where it says keep.
func (m *machine) expand(b *block, stack func(slot int) Mem, reserved ...*slot) {
	b.finish()
	a := &allocator{m: m, b: b, at: map[*node]VecPhysical{}, spilled: map[*node]int{}, stack: stack}
	for _, r := range m.regs {
		used := r == m.one()
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

// claim takes a register that was just freed.
func (a *allocator) claim(r VecPhysical) VecPhysical {
	for i, f := range a.free {
		if f == r {
			a.free = append(a.free[:i], a.free[i+1:]...)
			return r
		}
	}
	panic("the register is not free")
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
