package audio

import (
	"encoding/binary"
	"unsafe"
)

// sample is a type of sample that is read.
type sample interface{ int16 | float32 }

// blockBytes is how much of a file is in memory at a time, besides the samples
// that were asked for: less than a level-2 cache.
const blockBytes = 64 << 10

// block is memory for a piece of a file, aligned for any sample.
type block struct{ words []uint64 }

// blocks keeps some for the next file, so that reading file after file
// allocates none.
var blocks = make(chan *block, 16)

func getBlock() *block {
	select {
	case b := <-blocks:
		return b
	default:
		return &block{make([]uint64, blockBytes/8)}
	}
}

func putBlock(b *block) {
	if 8*len(b.words) > blockBytes {
		return // of a file with thousands of channels
	}
	select {
	case blocks <- b:
	default:
	}
}

// bytes is the block's first n bytes. Only a sample of thousands of channels
// has more than a block has.
func (b *block) bytes(n int) []byte {
	if n > 8*len(b.words) {
		b.words = make([]uint64, (n+7)/8)
	}
	return unsafe.Slice((*byte)(unsafe.Pointer(unsafe.SliceData(b.words))), n)
}

// int16s is the block's first n 16-bit samples.
func (b *block) int16s(n int) []int16 {
	return unsafe.Slice((*int16)(unsafe.Pointer(unsafe.SliceData(b.bytes(2*n)))), n)
}

// bytesOf is the memory of 16-bit samples.
func bytesOf(x []int16) []byte {
	return unsafe.Slice((*byte)(unsafe.Pointer(unsafe.SliceData(x))), 2*len(x))
}

// bigEndianHost says whether this machine's samples have the high byte first.
var bigEndianHost = binary.NativeEndian.Uint16([]byte{0, 1}) == 1

// swap16 swaps the bytes of samples, four at a time.
func swap16(x []int16) {
	b := bytesOf(x)
	for ; len(b) >= 8; b = b[8:] {
		v := binary.NativeEndian.Uint64(b)
		binary.NativeEndian.PutUint64(b, v>>8&0x00ff00ff00ff00ff|v<<8&0xff00ff00ff00ff00)
	}
	for ; len(b) >= 2; b = b[2:] {
		b[0], b[1] = b[1], b[0]
	}
}

// resize returns s with length n, reallocated only if its capacity is less.
// What is in it then is anything: it is to be filled.
func resize[S sample](s []S, n int) []S {
	if cap(s) >= n {
		return s[:n]
	}
	return make([]S, n)
}
