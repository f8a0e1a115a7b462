package corpus

import (
	"bytes"
	"encoding/json"
	"testing"
)

// BenchmarkParseUtterance reads a line of TIMIT's usual length: 40 segments.
func BenchmarkParseUtterance(b *testing.B) {
	u, err := ParseUtterance([]byte(line()))
	if err != nil {
		b.Fatal(err)
	}
	u.Alignment = nil
	for i := range int64(40) {
		u.Alignment = append(u.Alignment, Segment{1000 * i, 1000 * (i + 1), "aa"})
	}
	u.Samples, u.End = 40000, 40000
	text, err := json.Marshal(u)
	if err != nil {
		b.Fatal(err)
	}
	text = bytes.TrimSpace(text)
	b.ReportAllocs()
	b.SetBytes(int64(len(text)))
	for b.Loop() {
		if _, err := ParseUtterance(text); err != nil {
			b.Fatal(err)
		}
	}
}
