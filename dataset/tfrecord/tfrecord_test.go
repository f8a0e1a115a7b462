package tfrecord

import (
	"encoding/hex"
	"testing"
)

// The checksum is that of RFC 3720, B.4, for 32 zeros (0x8a9136aa) and for 32
// bytes of ones (0x62a8ab43), masked as TensorFlow's crc32c.h says.
func TestMaskedCRC(t *testing.T) {
	mask := func(c uint32) uint32 { return (c>>15 | c<<17) + 0xa282ead8 }
	ones := make([]byte, 32)
	for i := range ones {
		ones[i] = 0xff
	}
	for want, b := range map[uint32][]byte{0x8a9136aa: make([]byte, 32), 0x62a8ab43: ones} {
		if got := MaskedCRC(b); got != mask(want) {
			t.Errorf("checksum %#x, want %#x", got, mask(want))
		}
	}
}

// Written by TensorBoard 2.21.0's RecordWriter: write(b"framewise").
func TestAppend(t *testing.T) {
	const want = "090000000000000037f971396672616d657769736575594988"
	if got := hex.EncodeToString(Append(nil, []byte("framewise"))); got != want {
		t.Errorf("record %s, want %s", got, want)
	}
	if got := Append([]byte("x"), nil); len(got) != 17 || got[0] != 'x' {
		t.Errorf("an empty record after another is %x", got)
	}
}
