package dataset

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"testing"

	"framewise/corpus/draw"
)

// readAll reads everything a shard has. It must end in the rows of a shard or
// an error that callers know, whatever the bytes are.
func readAll(data []byte) error {
	s, err := openShard(data)
	if err != nil {
		return err
	}
	if err := s.checkRows(0, 0); err != nil {
		return err
	}
	_, err = s.count()
	return err
}

func wantKnown(t *testing.T, err error, what string, args ...any) {
	t.Helper()
	if err != nil && !errors.Is(err, ErrCorrupt) && !errors.Is(err, ErrVersion) {
		t.Fatalf(what+": %v, want an error that wraps ErrCorrupt or ErrVersion", append(args, err)...)
	}
}

func fuzzSeeds(tb testing.TB) [][]byte {
	var seeds [][]byte
	for _, c := range allConfigs() {
		for _, n := range []int{0, 2, 70} {
			data, _ := writeShard(tb, testHeader(tb), c, testIDs("fuzz", n))
			seeds = append(seeds, data)
		}
	}
	return seeds
}

func TestEveryCutIsAnError(t *testing.T) {
	for _, data := range fuzzSeeds(t)[:2] {
		for n := 0; n < len(data); n += 1 + len(data)/700 {
			err := readAll(data[:n])
			if err == nil {
				t.Fatalf("%d of %d bytes read without an error", n, len(data))
			}
			wantKnown(t, err, "%d of %d bytes", n, len(data))
		}
	}
}

// TestHostileNumbers puts extreme numbers over every word of the structure of
// a shard, in turn, and random bytes over all of it.
func TestHostileNumbers(t *testing.T) {
	for k, seed := range fuzzSeeds(t) {
		key := draw.New(1, "hostile", "", k)
		for i := range 500 {
			data := append([]byte(nil), seed...)
			at := key.IntN(3*i, len(data)/4) * 4
			if i%2 == 0 { // more of them in the footer, where the structure is
				at = max(len(data)-2800, 0)/4*4 + key.IntN(3*i, min(len(data), 2800)/4-1)*4
			}
			value := []uint32{0, 1, 0x7fffffff, 0x80000000, 0xffffffff, 0x10000, uint32(len(data)), uint32(key.At(3*i + 1))}[i%8]
			binary.LittleEndian.PutUint32(data[at:], value)
			wantKnown(t, readAll(data), "%#x at byte %d of seed %d", value, at, k)
		}
	}
}

func FuzzShard(f *testing.F) {
	for _, data := range fuzzSeeds(f) {
		if len(data) > 20_000 {
			continue // the fuzzer is quicker with small ones
		}
		f.Add(data)
		f.Add(data[:len(data)/2])
		f.Add(append(append([]byte(nil), data[:len(data)/2]...), data[len(data)/2+8:]...))
	}
	f.Fuzz(func(t *testing.T, data []byte) { wantKnown(t, readAll(data), "shard") })
}

func FuzzManifest(f *testing.F) {
	m := buildDataset(f, f.TempDir(), DefaultShardConfig())
	doc, err := m.Marshal()
	if err != nil {
		f.Fatal(err)
	}
	f.Add(doc)
	f.Add([]byte(`{"format_version": 1}`))
	f.Add([]byte(`{"format_version": 2}`))
	f.Fuzz(func(t *testing.T, b []byte) {
		m, err := ParseManifest(b)
		wantKnown(t, err, "manifest")
		if err != nil {
			// The checksum stands before everything else; look behind it too.
			_, err = ParseManifest(reseal(b))
			wantKnown(t, err, "manifest with its checksum put right")
			return
		}
		if _, err := m.Marshal(); err != nil {
			t.Fatal(err)
		}
	})
}

// reseal writes the right checksum at the end of a document that has room for
// one.
func reseal(b []byte) []byte {
	const digits = 2 * sha256.Size
	at := len(b) - len(sumClose) - digits
	if at < 0 {
		return b
	}
	rest := append(append([]byte(nil), b[:at]...), b[at+digits:]...)
	sum := sha256.Sum256(rest)
	return slices.Concat(b[:at], []byte(hex.EncodeToString(sum[:])), b[at+digits:])
}

// sealed is a sidecar of the document.
func sealed(doc []byte) []byte { return fmt.Appendf(nil, "%s\n%x\n", doc, sha256.Sum256(doc)) }

func FuzzShardResult(f *testing.F) {
	m, err := MarshalShardResult(&ShardResult{FormatVersion: FormatVersion, Split: "dev", Shards: 1, Path: ShardName("dev", 0, 1)})
	if err != nil {
		f.Fatal(err)
	}
	f.Add(m)
	f.Fuzz(func(t *testing.T, b []byte) {
		_, err := ParseShardResult(b)
		wantKnown(t, err, "shard result")
		doc, _, _ := bytes.Cut(b, []byte("\n"))
		_, err = ParseShardResult(sealed(doc)) // look behind the checksum too
		wantKnown(t, err, "shard result with its checksum put right")
	})
}
