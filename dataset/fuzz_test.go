package dataset

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"testing"

	"framewise/corpus/draw"
	"framewise/internal/fuzzing"
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
	if _, err = s.count(nil); err != nil {
		return err
	}
	return viewAll(s)
}

// viewAll presents every row as training does, part by part.
func viewAll(s *shard) error {
	if len(s.metas) == 0 { // of the flat layout such a shard does not tell its width
		return nil
	}
	v, err := NewView(ViewConfig{CMVN: CMVNSpeaker, Deltas: 2}, s.info.F, nil)
	if err != nil {
		return err
	}
	var buf []float32
	for row := range s.metas {
		ex, err := s.example(row)
		if err != nil {
			return err
		}
		if buf = v.Apply(buf, ex); len(buf) != int(ex.NumFrames)*v.Dim() {
			return fmt.Errorf("row %d: a view of %d values, want %d frames of %d", row, len(buf), ex.NumFrames, v.Dim())
		}
	}
	return nil
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
	f.Fuzz(func(t *testing.T, data []byte) {
		// zstd may make 128 KiB of a few bytes, and keeps a window.
		fuzzing.Allocations(t, 64<<20+1<<16*uint64(len(data)), func() { wantKnown(t, readAll(data), "shard") })
	})
}

// TestNothingIsReadBehindAShard reads damaged shards that lie at the beginning
// of a large piece of memory, as they do when a fuzzer makes them.
func TestNothingIsReadBehindAShard(t *testing.T) {
	files, err := filepath.Glob("testdata/fuzz/FuzzShard/*")
	if err != nil || len(files) == 0 {
		t.Fatalf("no inputs: %v", err)
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		_, quoted, _ := strings.Cut(strings.TrimSuffix(string(text), ")\n"), "[]byte(")
		shard, err := strconv.Unquote(quoted)
		if err != nil {
			t.Fatal(err)
		}
		data := append(make([]byte, 0, 100<<20), shard...)
		want, got := readAll([]byte(shard)), error(nil)
		fuzzing.Allocations(t, 1<<20, func() { got = readAll(data) })
		if want == nil || got == nil || got.Error() != want.Error() {
			t.Errorf("%s: %v, by itself %v", file, got, want)
		}
	}
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
		doc, err := m.Marshal()
		if err != nil {
			t.Fatal(err)
		}
		again, err := ParseManifest(doc)
		if err != nil || !reflect.DeepEqual(again.Splits, m.Splits) || !reflect.DeepEqual(again.CMVN, m.CMVN) || again.Counts != m.Counts {
			t.Fatalf("%s came back as %+v, %v", doc, again, err)
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

// FuzzRejects: what is read is the same after it was written; an error names
// the line.
func FuzzRejects(f *testing.F) {
	var b bytes.Buffer
	if err := WriteRejects(&b, []Reject{{Kind: RejectUtterance, ID: "a", Stage: "read", Reason: "missing-audio", URI: "x <&>.wav", At: "byte 4", Detail: "gone"}, {Kind: RejectExample, ID: "b"}}); err != nil {
		f.Fatal(err)
	}
	f.Add(b.Bytes())
	f.Add([]byte("{}\n"))
	f.Add([]byte(`{"kind":"example","id":"\ud800"}` + "\n\n"))
	f.Fuzz(func(t *testing.T, text []byte) {
		rejects, err := ReadRejects(bytes.NewReader(text))
		if err != nil {
			if !strings.Contains(err.Error(), RejectsName+": line ") {
				t.Fatalf("the error names no place: %v", err)
			}
			return
		}
		var out bytes.Buffer
		if err := WriteRejects(&out, rejects); err != nil {
			t.Fatal(err)
		}
		if again, err := ReadRejects(&out); err != nil || !reflect.DeepEqual(again, rejects) {
			t.Fatalf("%+v came back as %+v, %v", rejects, again, err)
		}
	})
}

// FuzzDataset: a dataset.json that another program wrote, its checksum right,
// beside good shards: the examples are read, or there is an error that callers
// know; and what it claims of sizes takes no memory.
func FuzzDataset(f *testing.F) {
	dir := f.TempDir()
	doc, err := buildDataset(f, dir, DefaultShardConfig()).Marshal()
	if err != nil {
		f.Fatal(err)
	}
	f.Add(doc)
	for old, new := range map[string]string{
		`"examples": 10,`: `"examples": 1000000000000,`, `"name": "dev"`: `"name": ".."`, `"name": "train"`: `"name": "dev"`,
		`"feature_dim": 5`: `"feature_dim": 1000000`, `"layout": "nested"`: `"layout": "flat"`,
	} {
		f.Add(bytes.ReplaceAll(doc, []byte(old), []byte(new)))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		fuzzing.Overwrite(t, filepath.Join(dir, ManifestName), reseal(b))
		fuzzing.Allocations(t, 64<<20, func() { wantKnown(t, readDataset(t.Context(), dir), "dataset") })
	})
}

func readDataset(ctx context.Context, dir string) error {
	d, err := Open(ctx, dir)
	if err != nil {
		return err
	}
	v, err := d.View(ViewConfig{CMVN: CMVNSpeaker, Deltas: 1})
	if err != nil {
		return err
	}
	for _, name := range d.SplitNames() {
		s, err := d.Split(name)
		if err != nil {
			return err
		}
		var buf []float32
		for i := range s.Len() {
			ex, err := s.Example(i)
			if err != nil {
				return errors.Join(err, s.Close())
			}
			buf = v.Apply(buf, ex)
		}
		if err := s.Close(); err != nil {
			return err
		}
	}
	return nil
}
