package dataset

import (
	"io"
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/apache/arrow-go/v18/arrow/float16"
)

// TestHalf goes through all numbers of half precision and what lies between
// neighbours.
func TestHalf(t *testing.T) {
	for h := range uint16(0x7c00) {
		v := fromHalf(h)
		if want := math.Ldexp(float64(h&0x3ff), -24); h < 0x400 && float64(v) != want {
			t.Fatalf("%#x is %v, want %v", h, v, want)
		}
		if want := float16.FromBits(h).Float32(); h >= 0x400 && v != want {
			t.Fatalf("%#x is %v, want %v", h, v, want)
		}
		if toHalf(v) != h || toHalf(-v) != h|0x8000 || fromHalf(h|0x8000) != -v {
			t.Fatalf("%#x is %v and comes back as %#x, -%#x as %v", h, v, toHalf(v), toHalf(-v), fromHalf(h|0x8000))
		}
		if h == 0x7bff {
			break // the neighbour is infinite
		}
		next := fromHalf(h + 1)
		middle := v + (next-v)/2
		even := h + h&1
		for x, want := range map[float32]uint16{middle: even, math.Nextafter32(middle, 0): h, math.Nextafter32(middle, next): h + 1} {
			if got := toHalf(x); got != want {
				t.Fatalf("%v, between %v and %v, is %#x, want %#x", x, v, next, got, want)
			}
		}
	}
	for x, want := range map[float32]uint16{maxHalf: 0x7bff, 65519: 0x7bff, 65520: 0x7c00, 1e30: 0x7c00, 1e-30: 0} {
		if got := toHalf(x); got != want {
			t.Errorf("%v is %#x, want %#x", x, got, want)
		}
		for _, v := range []float32{x, -x} {
			if finite := !math.IsInf(float64(fromHalf(toHalf(v))), 0); HalfHolds(v) != finite {
				t.Errorf("HalfHolds(%v) is %v, half precision is finite: %v", v, !finite, finite)
			}
		}
	}
	rng := rand.New(rand.NewPCG(1, 2))
	for range 100000 {
		x := float32(rng.NormFloat64() * 100)
		if err := math.Abs(float64(fromHalf(toHalf(x)) - x)); err > math.Abs(float64(x))/2048 && err > math.Ldexp(1, -25) {
			t.Fatalf("%v becomes %v", x, fromHalf(toHalf(x)))
		}
	}
}

// Half precision has its own digest, half the bytes, and no room for large
// features.
func TestFloat16(t *testing.T) {
	c := DefaultShardConfig()
	c.DType = DTypeFloat16
	if whole := DefaultShardConfig().RowBytes(1000, 80); c.RowBytes(1000, 80) > whole*6/10 {
		t.Errorf("a row of %d bytes, %d in float32", c.RowBytes(1000, 80), whole)
	}
	digest := func(dtype string) string {
		d, err := NewDigest(DigestConfig{DType: dtype})
		if err != nil {
			t.Fatal(err)
		}
		return d.Sum()
	}
	if digest("") != digest(DTypeFloat32) || digest("") == digest(DTypeFloat16) {
		t.Error("the digest of float32 is another than before, or that of float16")
	}
	w, err := NewWriter(io.Discard, testHeader(t), c)
	if err != nil {
		t.Fatal(err)
	}
	ex := testExample("a")
	ex.Features[testF+1] = 65520
	if err := w.Write(ex); err == nil || !strings.Contains(err.Error(), "feature 1 of frame 1 is 65520, which float16 does not hold") {
		t.Errorf("65520 in float16: %v", err)
	}
}
