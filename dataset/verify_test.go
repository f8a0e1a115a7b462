package dataset

import (
	"bytes"
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestVerifyAcceptsWhatWasBuilt(t *testing.T) {
	for _, c := range allConfigs() {
		dir := t.TempDir()
		m := buildDataset(t, dir, c)
		var done, total int64
		r, err := Verify(t.Context(), dir, func(d, n int64) {
			if d < done || d > n {
				t.Errorf("progress went from %d to %d of %d", done, d, n)
			}
			done, total = d, n
		})
		if err != nil {
			t.Fatalf("%v: %+v", err, r)
		}
		if r.Shards != 6 || r.Examples != 211 || r.Examples != m.Counts.Examples || r.Bytes != total || done != total || r.SHA256 != m.SHA256 {
			t.Errorf("report %+v, progress %d of %d", r, done, total)
		}
	}
}

// damage changes one file of a dataset, and says what Verify should name.
var damages = map[string]func(t *testing.T, dir string) (path, detail string){
	"a flipped bit": func(t *testing.T, dir string) (string, string) {
		edit(t, dir, ShardName("train", 1, 3), func(b []byte) []byte { b[len(b)/2] ^= 4; return b })
		return ShardName("train", 1, 3), "SHA-256"
	},
	"a cut": func(t *testing.T, dir string) (string, string) {
		edit(t, dir, ShardName("dev", 0, 1), func(b []byte) []byte { return b[:len(b)-1] })
		return ShardName("dev", 0, 1), "bytes, want"
	},
	"a missing shard": func(t *testing.T, dir string) (string, string) {
		if err := os.Remove(filepath.Join(dir, ShardName("test", 0, 2))); err != nil {
			t.Fatal(err)
		}
		return ShardName("test", 0, 2), "missing"
	},
	"swapped shards": func(t *testing.T, dir string) (string, string) {
		a, b := filepath.Join(dir, ShardName("train", 0, 3)), filepath.Join(dir, ShardName("train", 2, 3))
		for _, mv := range [][2]string{{a, a + "x"}, {b, a}, {a + "x", b}} {
			if err := os.Rename(mv[0], mv[1]); err != nil {
				t.Fatal(err)
			}
		}
		return ShardName("train", 0, 3), "want"
	},
	"an extra shard": func(t *testing.T, dir string) (string, string) {
		if err := os.WriteFile(filepath.Join(dir, "train", "shard-00003-of-00004.arrow"), nil, 0o644); err != nil {
			t.Fatal(err)
		}
		return "train/shard-00003-of-00004.arrow", "does not list"
	},
	"no build.yaml": func(t *testing.T, dir string) (string, string) {
		if err := os.Remove(filepath.Join(dir, ConfigName)); err != nil {
			t.Fatal(err)
		}
		return ConfigName, "no such file"
	},
	"no rejects": func(t *testing.T, dir string) (string, string) {
		if err := os.Remove(filepath.Join(dir, RejectsName)); err != nil {
			t.Fatal(err)
		}
		return RejectsName, "missing"
	},
	"fewer rejects": func(t *testing.T, dir string) (string, string) {
		edit(t, dir, RejectsName, func(b []byte) []byte { return b[:bytes.IndexByte(b, '\n')+1] })
		return RejectsName, "1 utterances and 0 examples, want 1 and 1"
	},
	"other rejects": func(t *testing.T, dir string) (string, string) {
		edit(t, dir, RejectsName, func(b []byte) []byte { return b[1:] })
		return RejectsName, "line 1"
	},
	"other sums": func(t *testing.T, dir string) (string, string) {
		remake(t, dir, func(m *Manifest) { m.CMVN[0].Sum[0]++ })
		return ManifestName, "train: cmvn"
	},
	"another histogram": func(t *testing.T, dir string) (string, string) {
		remake(t, dir, func(m *Manifest) { m.Splits[1].Labels[0]++ })
		return ManifestName, "dev: the split"
	},
	"another number of samples": func(t *testing.T, dir string) (string, string) {
		remake(t, dir, func(m *Manifest) { m.Splits[1].Shards[0].AudioSamples++; m.Splits[1].AudioSamples++ })
		return ShardName("dev", 0, 1), "audio samples"
	},
}

func edit(t *testing.T, dir, name string, change func([]byte) []byte) {
	t.Helper()
	path := filepath.Join(dir, name)
	b, err := os.ReadFile(path)
	if err == nil {
		err = os.WriteFile(path, change(b), 0o644)
	}
	if err != nil {
		t.Fatal(err)
	}
}

// remake writes a dataset.json that is wrong and has a right checksum.
func remake(t *testing.T, dir string, change func(*Manifest)) {
	edit(t, dir, ManifestName, func(b []byte) []byte {
		m, err := ParseManifest(b)
		if err != nil {
			t.Fatal(err)
		}
		change(m)
		if b, err = m.Marshal(); err != nil {
			t.Fatal(err)
		}
		return b
	})
}

func TestVerifyFindsDamage(t *testing.T) {
	for name, damage := range damages {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			buildDataset(t, dir, DefaultShardConfig())
			path, detail := damage(t, dir)
			r, err := Verify(t.Context(), dir, nil)
			if !errors.Is(err, ErrCorrupt) || r == nil || len(r.Findings) == 0 {
				t.Fatalf("error %v, report %+v", err, r)
			}
			if f := r.Findings[0]; f.Path != path || !strings.Contains(f.Detail, detail) || !strings.Contains(err.Error(), path) {
				t.Errorf("found %+v (%v), want %q at %s", f, err, detail, path)
			}
		})
	}
}

func TestVerifyGoesOn(t *testing.T) {
	dir := t.TempDir()
	buildDataset(t, dir, DefaultShardConfig())
	for _, name := range []string{"a flipped bit", "a cut", "an extra shard"} {
		damages[name](t, dir)
	}
	r, err := Verify(t.Context(), dir, nil)
	if r == nil || len(r.Findings) != 3 || r.Shards != 4 || !strings.Contains(err.Error(), "shard-00001-of-00003") {
		t.Errorf("report %+v, %v", r, err)
	}
}

// TestVerifyFindsAnyFlippedBit flips a bit in every stretch of every file.
func TestVerifyFindsAnyFlippedBit(t *testing.T) {
	dir := t.TempDir()
	buildDataset(t, dir, DefaultShardConfig())
	for _, name := range []string{ManifestName, ShardName("dev", 0, 1), ShardName("test", 0, 2), ShardName("test", 1, 2)} {
		info, err := os.Stat(filepath.Join(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		for at := int64(0); at < info.Size(); at += max(info.Size()/23, 1) {
			flip := func(b []byte) []byte { b[at] ^= 1 << (at % 8); return b }
			edit(t, dir, name, flip)
			if _, err := Verify(t.Context(), dir, nil); err == nil {
				t.Errorf("%s: a flipped bit at byte %d was not found", name, at)
			}
			edit(t, dir, name, flip)
		}
	}
	if _, err := Verify(t.Context(), dir, nil); err != nil {
		t.Errorf("after putting all bits back: %v", err)
	}
}

// TestVerifyFindsMixedSplits verifies datasets of two splits, each sound in
// itself, in which an example of dev is made of an utterance of train, alone or
// among others.
func TestVerifyFindsMixedSplits(t *testing.T) {
	for name, c := range map[string]struct {
		id, utterance, detail string
	}{
		"apart":  {"concat/0/x", "another", ""},
		"mixed":  {"concat/0/x", "a/0", `"concat/0/x" is made of the utterance "a/0", of which an example of train is made too`},
		"a copy": {"a+nb", "a/0", `"a+nb" is made of the utterance "a/0"`},
	} {
		dir := t.TempDir()
		ctx, store := t.Context(), NewLocal(dir)
		a := Assembly{AlgorithmVersion: 1, SampleRate: 16000, FeatureDim: testF, LabelSet: testLabels, Features: testFeatures(t), Shard: DefaultShardConfig()}
		for split, id := range map[string]string{"train": "a", "dev": c.id} {
			ex := testExample(id)
			if split == "dev" {
				ex.Parts[len(ex.Parts)-1].Utterance = c.utterance
			}
			h := Header{Split: split, Shards: 1, LabelSet: testLabels, Features: a.Features, F: testF, Digest: strings.Repeat("0123", 16)}
			w, err := CreateShard(ctx, store, h, a.Shard)
			if err != nil {
				t.Fatal(err)
			}
			if err := w.Write(ex); err != nil {
				t.Fatal(err)
			}
			r, err := w.Commit(ctx, nil)
			if err != nil {
				t.Fatal(err)
			}
			a.Results = append(a.Results, *r)
		}
		a.Splits = []SplitPlan{{"train", 1, 1}, {"dev", 1, 1}}
		m, rejects, err := Assemble(a)
		if err != nil {
			t.Fatal(err)
		}
		finishDataset(ctx, t, store, m, rejects)
		r, err := Verify(t.Context(), dir, nil)
		if c.detail == "" {
			if err != nil {
				t.Errorf("%s: %v", name, err)
			}
			continue
		}
		if !errors.Is(err, ErrCorrupt) || len(r.Findings) != 1 || r.Findings[0].Path != ShardName("dev", 0, 1) || !strings.Contains(r.Findings[0].Detail, c.detail) {
			t.Errorf("%s: %v, %+v", name, err, r)
		}
	}
}

func TestVerifyWithoutDataset(t *testing.T) {
	if r, err := Verify(t.Context(), t.TempDir(), nil); r != nil || !errors.Is(err, ErrUnfinished) {
		t.Errorf("%+v, %v", r, err)
	}
}

func TestInspect(t *testing.T) {
	dir := t.TempDir()
	m := buildDataset(t, dir, DefaultShardConfig())
	s, err := Inspect(t.Context(), dir)
	if err != nil {
		t.Fatal(err)
	}
	train := s.Splits[0]
	if len(s.Splits) != 3 || s.FeatureDim != testF || s.LabelSet != "abc" || s.SHA256 != m.SHA256 || *s.Counts != m.Counts {
		t.Errorf("summary %+v", s)
	}
	if train.Examples != 200 || train.Shards != 3 || len(train.Speakers) != 3 || len(train.Variants) != 3 || !train.Variants[1].Concatenated && !train.Variants[2].Concatenated {
		t.Errorf("train %+v", train)
	}
	frames, inVariants := int64(0), int64(0)
	for _, n := range train.Labels {
		frames += n
	}
	for _, v := range train.Variants {
		inVariants += v.Frames
	}
	if frames+train.Unlabeled != train.Frames || inVariants != train.Frames || train.Hours*3600*100 != float64(train.Frames) {
		t.Errorf("%d frames: %d by labels, %d by variants, %g hours", train.Frames, frames+train.Unlabeled, inVariants, train.Hours)
	}
	if top := train.TopLabels(2); len(top) != 2 || train.Labels[top[0]] < train.Labels[top[1]] {
		t.Errorf("top labels %v of %v", top, train.Labels)
	}
	one, err := Inspect(t.Context(), filepath.Join(dir, ShardName("dev", 0, 1)))
	if err != nil {
		t.Fatal(err)
	}
	a, _ := json.Marshal(one.Splits[0])
	b, _ := json.Marshal(s.Splits[1])
	if !bytes.Equal(a, b) || one.Digest == "" || one.Counts != nil || string(one.Features) != string(s.Features) {
		t.Errorf("the only shard of dev gives\n%s\nand its split\n%s", a, b)
	}
	edit(t, dir, ShardName("dev", 0, 1), func(b []byte) []byte { return b[:len(b)-3] })
	if _, err := Inspect(t.Context(), filepath.Join(dir, ShardName("dev", 0, 1))); !errors.Is(err, ErrCorrupt) {
		t.Errorf("a cut shard: %v", err)
	}
	if _, err := Inspect(t.Context(), filepath.Join(dir, "nothing")); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("a missing file: %v", err)
	}
	if _, err := Inspect(t.Context(), filepath.Join(dir, "train")); !errors.Is(err, ErrUnfinished) {
		t.Errorf("a folder that is no dataset: %v", err)
	}
}
