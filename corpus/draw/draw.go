// Package draw is where every random decision of framewise comes from. A draw
// is a hash of (seed, purpose, id, copy): there is no shared generator, and no
// draw depends on the order of others, on the machine or on the run.
package draw

import (
	"crypto/sha256"
	"encoding/binary"
	"math/bits"
)

// Key is the 64-bit hash of what a draw is for. Each Key starts a stream of
// numbers of its own; the i-th is At(i), whatever was asked before.
type Key uint64

// New makes the key of a draw: the first 8 bytes, little-endian, of SHA-256
// over seed, copy and the two strings with their lengths.
func New(seed uint64, purpose, id string, copy int) Key {
	b := make([]byte, 0, 64+len(purpose)+len(id))
	b = binary.LittleEndian.AppendUint64(b, seed)
	b = binary.LittleEndian.AppendUint64(b, uint64(copy))
	b = binary.LittleEndian.AppendUint64(b, uint64(len(purpose)))
	b = append(b, purpose...)
	b = binary.LittleEndian.AppendUint64(b, uint64(len(id)))
	b = append(b, id...)
	sum := sha256.Sum256(b)
	return Key(binary.LittleEndian.Uint64(sum[:8]))
}

// At is the i-th number of the stream: SplitMix64's output function
// (Steele, Lea, Flood 2014) at state key + (i+1)*golden.
func (k Key) At(i int) uint64 {
	z := uint64(k) + (uint64(i)+1)*0x9e3779b97f4a7c15
	z = (z ^ z>>30) * 0xbf58476d1ce4e5b9
	z = (z ^ z>>27) * 0x94d049bb133111eb
	return z ^ z>>31
}

// Float64 is the i-th number of the stream in [0, 1), with 53 bits.
func (k Key) Float64(i int) float64 { return float64(k.At(i)>>11) / (1 << 53) }

// IntN is the i-th number of the stream in [0, n), by the high half of a
// 64x64-bit product (Lemire 2019, without the rejection: the bias is below
// n / 2^64). It panics if n <= 0.
func (k Key) IntN(i, n int) int {
	if n <= 0 {
		panic("draw: IntN of a number below 1")
	}
	hi, _ := bits.Mul64(k.At(i), uint64(n))
	return int(hi)
}

// Between is the i-th number of the stream in [lo, hi], both included.
func (k Key) Between(i, lo, hi int) int { return lo + k.IntN(i, hi-lo+1) }
