package dataset

import (
	"bytes"
	"context"
	"errors"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// damaged opens a dataset for checks of single shards, which spares the
// reading of all others for every bit.
func damaged(t *testing.T) (dir string, v *verifier, names []string) {
	t.Helper()
	dir = t.TempDir()
	buildDataset(t, dir, DefaultShardConfig())
	d, err := Open(t.Context(), dir)
	if err != nil {
		t.Fatal(err)
	}
	v = &verifier{d: d, store: NewLocal(dir), report: &VerifyReport{}}
	for _, s := range d.Manifest.Splits {
		for _, sh := range s.Shards {
			names = append(names, sh.Path)
		}
	}
	return dir, v, names
}

// check looks at the shard that lies under a name.
func (v *verifier) check(name string) error {
	for i := range v.d.Manifest.Splits {
		for k, sh := range v.d.Manifest.Splits[i].Shards {
			if sh.Path == name {
				_, err := v.shard(&v.d.Manifest.Splits[i], k)
				return err
			}
		}
	}
	return errors.New("no such shard")
}

// Every bit of every byte of the small shards, and bits of the large ones at a
// stride and at random, are found, whatever they are part of: magic, schema,
// offsets, padding, values, footer.
func TestVerifyFindsEveryBitOfAShard(t *testing.T) {
	dir, v, names := damaged(t)
	r := rand.New(rand.NewPCG(6, 0))
	flips := 0
	for _, name := range names {
		path := filepath.Join(dir, filepath.FromSlash(name))
		whole, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		f, err := os.OpenFile(path, os.O_RDWR, 0)
		if err != nil {
			t.Fatal(err)
		}
		flip := func(at int, bit int) {
			flips++
			if _, err := f.WriteAt([]byte{whole[at] ^ 1<<bit}, int64(at)); err != nil {
				t.Fatal(err)
			}
			if err := v.check(name); !errors.Is(err, ErrCorrupt) {
				t.Errorf("%s: bit %d of byte %d: %v, want %v", name, bit, at, err, ErrCorrupt)
			}
			if _, err := f.WriteAt(whole[at:at+1], int64(at)); err != nil {
				t.Fatal(err)
			}
		}
		stride := max(len(whole)/1500, 1)
		for at := 0; at < len(whole); at += stride {
			flip(at, at/stride%8)
		}
		for range 200 {
			flip(r.IntN(len(whole)), r.IntN(8))
		}
		for at := range 8 { // both ends, where the magic is
			for bit := range 8 {
				flip(at, bit)
				flip(len(whole)-1-at, bit)
			}
		}
		if err := errors.Join(f.Close(), v.check(name)); err != nil {
			t.Errorf("%s, with all bits put back: %v", name, err)
		}
	}
	t.Logf("%d flips", flips)
}

// Every bit of dataset.json is found. Of rejects.jsonl those are that spoil
// more than free text.
func TestVerifyFindsBitsOfOtherFiles(t *testing.T) {
	dir, _, _ := damaged(t)
	for _, name := range []string{ManifestName, RejectsName} {
		path := filepath.Join(dir, name)
		whole, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		missed, stride := 0, max(len(whole)/250, 1)
		for at := 0; at < len(whole); at += stride {
			for bit := range 8 {
				b := bytes.Clone(whole)
				b[at] ^= 1 << bit
				if err := os.WriteFile(path, b, 0o644); err != nil {
					t.Fatal(err)
				}
				switch found, err := verifyOther(t.Context(), dir); {
				case err != nil:
					t.Fatal(err)
				case !found && (name == ManifestName || !inFreeText(whole, at)):
					t.Errorf("%s: bit %d of byte %d (%.40q) was not found", name, bit, at, whole[max(at-10, 0):])
				case !found:
					missed++
				}
			}
		}
		if err := os.WriteFile(path, whole, 0o644); err != nil {
			t.Fatal(err)
		}
		t.Logf("%s: %d bits of free text were not found", name, missed)
	}
}

// verifyOther checks what is no shard.
func verifyOther(ctx context.Context, dir string) (found bool, err error) {
	d, err := Open(ctx, dir)
	if err != nil {
		return true, nil
	}
	v := &verifier{ctx: ctx, d: d, store: NewLocal(dir), report: &VerifyReport{}}
	err = v.others()
	return len(v.report.Findings) > 0, err
}

// inFreeText says whether a byte of rejects.jsonl is within a value that can be
// anything.
func inFreeText(b []byte, at int) bool {
	line := b[bytes.LastIndexByte(b[:at], '\n')+1:]
	at -= len(b) - len(line)
	for _, key := range []string{`"id":"`, `"stage":"`, `"uri":"`, `"at":"`, `"detail":"`} {
		if begin := bytes.Index(line, []byte(key)) + len(key); at >= begin && at < begin+bytes.IndexByte(line[begin:], '"') {
			return true
		}
	}
	return false
}

// Any shard in another's place, missing, doubled, cut, longer or beside the
// others is found, and named.
func TestVerifyFindsWrongShards(t *testing.T) {
	dir, _, names := damaged(t)
	at := func(name string) string { return filepath.Join(dir, filepath.FromSlash(name)) }
	content := map[string][]byte{}
	for _, name := range names {
		b, err := os.ReadFile(at(name))
		if err != nil {
			t.Fatal(err)
		}
		content[name] = b
	}
	put := func(name string, b []byte) {
		if err := os.MkdirAll(filepath.Dir(at(name)), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(at(name), b, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	finds := func(what string, wants ...string) {
		t.Helper()
		r, err := Verify(t.Context(), dir, nil)
		if !errors.Is(err, ErrCorrupt) || len(r.Findings) != len(wants) {
			t.Fatalf("%s: %v, %+v, want %d findings", what, err, r, len(wants))
		}
		for i, want := range wants {
			if r.Findings[i].Path != want {
				t.Errorf("%s: finding %d is of %s, want %s", what, i, r.Findings[i].Path, want)
			}
		}
	}
	for i, a := range names {
		for _, b := range names[i+1:] {
			put(a, content[b])
			finds("one shard twice", a)
			put(b, content[a])
			finds("swapped shards", a, b)
			put(a, content[a])
			put(b, content[b])
		}
		if err := os.Remove(at(a)); err != nil {
			t.Fatal(err)
		}
		finds("a missing shard", a)
		for _, b := range [][]byte{nil, content[a][:len(content[a])-1], append(bytes.Clone(content[a]), 0)} {
			put(a, b)
			finds("another length", a)
		}
		put(a, content[a])
		for _, extra := range []string{strings.Replace(a, "shard-0000", "shard-0009", 1), "more/" + a, "a.arrow"} {
			put(extra, content[a])
			finds("an extra shard", extra)
			if err := os.Remove(at(extra)); err != nil {
				t.Fatal(err)
			}
		}
	}
	if _, err := Verify(t.Context(), dir, nil); err != nil {
		t.Errorf("with everything put back: %v", err)
	}
}
