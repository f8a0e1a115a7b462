package pipelines

import (
	"context"
	"errors"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"testing"

	"framewise/corpus"
	"framewise/dataset"
)

// spoil writes a TIMIT-shaped corpus with one utterance of each fault, imports
// it, and damages two recordings after that.
func spoil(t *testing.T, dir string) (manifest string, want map[string]corpus.Reason) {
	t.Helper()
	root := filepath.Join(dir, "TRAIN", "DR1")
	noise := make([]int16, 4000)
	for i := range noise {
		noise[i] = int16((i*7919)%4001 - 2000)
	}
	add := func(name, phn string) string {
		base := filepath.Join(root, filepath.FromSlash(name))
		writeWAV(t, base+".WAV", noise, 16000)
		noise[0]++
		writeFile(t, base+".PHN", []byte(phn))
		return base
	}
	const good = "0 1000 h#\n1000 3000 aa\n3000 4000 h#\n"
	for _, name := range []string{"FAAA0/SX1", "FAAA0/SX2", "FAAA0/SX3", "MBBB0/SX1", "MBBB0/SX2", "MBBB0/SX3"} {
		add(name, good)
	}
	cut := add("FAAA0/SX4", good) + ".WAV"
	if err := os.Truncate(cut, 1000); err != nil {
		t.Fatal(err)
	}
	writeFile(t, add("FAAA0/SX5", good)+".WAV", nil)
	writeFile(t, add("FAAA0/SX6", good)+".WAV", []byte("this is no recording\n"))
	add("FAAA0/SX7", "0 1000 h#\n1000 90000 aa\n")
	add("FAAA0/SX8", "0 1OO0 h#\n")
	add("FAAA0/SX9", "0 1000 h#\n1000 2000 zzz\n")
	missing := add("MBBB0/SX4", good) + ".WAV"
	changed := add("MBBB0/SX5", good) + ".WAV"
	us, _, err := corpus.ImportTIMIT(dir, corpus.TIMITOptions{DevSpeakers: "0"})
	if err != nil {
		t.Fatal(err)
	}
	manifest = filepath.Join(dir, "corpus.jsonl")
	writeManifest(t, manifest, us)
	if err := os.Remove(missing); err != nil {
		t.Fatal(err)
	}
	flip(t, changed)
	f, err := os.OpenFile(manifest, os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if _, err := f.WriteString("this is no line\n"); err != nil {
		t.Fatal(err)
	}
	at := "TRAIN/DR1/"
	return manifest, map[string]corpus.Reason{
		at + "FAAA0/SX4": corpus.UnreadableAudio, at + "FAAA0/SX5": corpus.UnreadableAudio, at + "FAAA0/SX6": corpus.UnreadableAudio,
		at + "FAAA0/SX7": corpus.OutsideAudio, at + "FAAA0/SX8": corpus.BadAlignment, at + "FAAA0/SX9": corpus.UnknownLabel,
		at + "MBBB0/SX4": corpus.MissingAudio, at + "MBBB0/SX5": corpus.AudioChanged, "line 15": corpus.BadManifest,
	}
}

// Nothing that is wrong with an input ends a build, and everything that is
// wrong is accounted for.
func TestRejects(t *testing.T) {
	dir, out := t.TempDir(), t.TempDir()
	manifest, want := spoil(t, dir)
	cfg := config()
	cfg.MaxRejects = MaxRejects{Share: 0.9}
	r := mustBuild(t, BuildOptions{Manifest: manifest, Out: out, Config: cfg})
	got := map[string]corpus.Reason{}
	dropped := int64(0)
	for _, rej := range readRejects(t, out) {
		if rej.Kind == dataset.RejectUtterance {
			got[rej.ID] = rej.Reason
			continue
		}
		dropped++
		if rej.Reason != corpus.LostPart {
			t.Errorf("example %s: %s (%s), want %s", rej.ID, rej.Reason, rej.Detail, corpus.LostPart)
		}
	}
	if !maps.Equal(got, want) {
		t.Errorf("rejected %v\nwant %v", got, want)
	}
	c := r.Counts
	if c.Utterances != 15 || c.Rejected != int64(len(want)) || c.Used != 6 || c.Dropped != dropped || c.Planned != c.Examples+c.Dropped {
		t.Errorf("counts %+v with %d dropped examples listed", c, dropped)
	}
	before := contents(t, out)

	t.Run("again", func(t *testing.T) {
		r := mustBuild(t, BuildOptions{Manifest: manifest, Out: out, Config: cfg})
		if r.ShardsMade != 0 {
			t.Errorf("made %d shards, want none: what was bad is as bad as it was", r.ShardsMade)
		}
		sameContents(t, "again", contents(t, out), before)
	})
	t.Run("mended", func(t *testing.T) {
		changed := filepath.Join(dir, "TRAIN", "DR1", "MBBB0", "SX5.WAV")
		flip(t, changed)
		defer flip(t, changed)
		r := mustBuild(t, BuildOptions{Manifest: manifest, Out: out, Config: cfg})
		if r.ShardsMade == 0 || r.Counts.Rejected != int64(len(want))-1 {
			t.Errorf("made %d shards with %d rejects, want some and %d", r.ShardsMade, r.Counts.Rejected, len(want)-1)
		}
	})
	t.Run("too many", func(t *testing.T) {
		for _, limit := range []MaxRejects{{}, {Count: 7}} { // 7 lines are bad, then a recording is missing
			cfg.MaxRejects = limit
			_, err := Build(context.Background(), BuildOptions{Manifest: manifest, Out: out, Config: cfg, Run: prism})
			if !errors.Is(err, ErrTooManyRejects) {
				t.Errorf("max_rejects %v: %v, want %v", limit, err, ErrTooManyRejects)
			}
			if _, err := os.Stat(filepath.Join(out, dataset.ManifestName)); !errors.Is(err, fs.ErrNotExist) {
				t.Errorf("max_rejects %v: %s: %v, want none", limit, dataset.ManifestName, err)
			}
			if n := len(readRejects(t, out)); n < 7 {
				t.Errorf("max_rejects %v: %d rejects listed", limit, n)
			}
		}
	})
}

// The rejects of a build that went on are those of a new one, also where a
// recording was damaged in another way meanwhile.
func TestRejectsOfOtherDamage(t *testing.T) {
	dir, out := t.TempDir(), t.TempDir()
	manifest, us := small.write(t, dir)
	cfg := config()
	cfg.MaxRejects = MaxRejects{Count: 1}
	bad := filepath.Join(dir, filepath.FromSlash(us[1].URI))
	for _, more := range []string{"x", "xy"} {
		writeFile(t, bad, append(mustRead(t, bad), more...))
		mustBuild(t, BuildOptions{Manifest: manifest, Out: out, Config: cfg})
	}
	fresh := t.TempDir()
	mustBuild(t, BuildOptions{Manifest: manifest, Out: fresh, Config: cfg})
	sameContents(t, "after other damage", contents(t, out), contents(t, fresh))
}

func readRejects(t *testing.T, out string) []dataset.Reject {
	t.Helper()
	f, err := os.Open(filepath.Join(out, dataset.RejectsName))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	rs, err := dataset.ReadRejects(f)
	if err != nil {
		t.Fatal(err)
	}
	return rs
}
