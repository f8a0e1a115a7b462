//go:build avo

package main

import (
	"fmt"
	"math"
	"strings"
)

// goText expands a block to scalar Go. Every product and quotient is converted
// explicitly, so that no compiler may fuse it with a sum.
func (b *block) goText(indent string) string {
	b.finish()
	var s strings.Builder
	name := map[*node]string{}
	for _, it := range b.items {
		switch {
		case it.to != nil:
			fmt.Fprintf(&s, "%s%s = %s\n", indent, it.to.gox, name[it.n])
			continue
		case it.into != nil:
			fmt.Fprintf(&s, "%s%s = %s\n", indent, it.into.name, name[it.n])
			continue
		}
		switch n := it.n; n.op {
		case opConst:
			name[n] = goConst(n.bits)
		case opSlot:
			name[n] = n.slot.name
		default:
			name[n] = fmt.Sprintf("v%d", len(name))
			fmt.Fprintf(&s, "%s%s := %s\n", indent, name[n], n.goExpr(name))
		}
	}
	return s.String()
}

func goConst(bits uint32) string {
	return fmt.Sprintf("float32(%v)", math.Float32frombits(bits))
}

func (n *node) goExpr(name map[*node]string) string {
	a, b := name[n.a], name[n.b]
	switch n.op {
	case opLoad, opBcast:
		return n.ref.gox
	case opAdd:
		return a + " + " + b
	case opSub:
		return a + " - " + b
	case opMul:
		return "float32(" + a + " * " + b + ")"
	case opDiv:
		return "float32(" + a + " / " + b + ")"
	case opMax:
		return "greater(" + a + ", " + b + ")"
	case opSqrt:
		return "float32(math.Sqrt(float64(" + a + ")))"
	case opSelZero:
		return "ifZero(" + a + ", " + b + ", " + name[n.c] + ")"
	case opISub:
		return "fromInt(toInt(" + a + ") - toInt(" + b + "))"
	case opShl:
		return fmt.Sprintf("fromInt(toInt(%s) << %d)", a, n.imm)
	case opSra:
		return fmt.Sprintf("fromInt(toInt(%s) >> %d)", a, n.imm)
	case opFloat:
		return "float32(toInt(" + a + "))"
	}
	panic("unknown operation")
}
