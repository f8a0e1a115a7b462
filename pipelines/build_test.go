package pipelines

import (
	"bytes"
	"context"
	"errors"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/apache/beam/sdks/v2/go/pkg/beam"

	"framewise/corpus"
	"framewise/dataset"
)

// config is the default with several small shards a split.
func config() BuildConfig {
	c := DefaultBuildConfig()
	c.Shard.Count = 3
	return c
}

func mustBuild(t *testing.T, opt BuildOptions) *BuildReport {
	t.Helper()
	opt.Run = prism
	r, err := Build(context.Background(), opt)
	if err != nil {
		t.Fatalf("build: %v", err)
	}
	return r
}

// contents reads a dataset's files but those of the build itself.
func contents(t *testing.T, dir string) map[string][]byte {
	t.Helper()
	out := map[string][]byte{}
	err := filepath.WalkDir(dir, func(p string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		rel, err := filepath.Rel(dir, p)
		if err != nil || strings.HasPrefix(rel, ".build") {
			return err
		}
		out[rel], err = os.ReadFile(p)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if y, ok := out[dataset.ConfigName]; ok { // all but where the corpus was
		out[dataset.ConfigName], _, _ = bytes.Cut(y, []byte("corpus: /"))
	}
	return out
}

func sameContents(t *testing.T, what string, got, want map[string][]byte) {
	t.Helper()
	for name := range want {
		if !bytes.Equal(got[name], want[name]) {
			t.Errorf("%s: %s differs", what, name)
		}
	}
	for name := range got {
		if _, ok := want[name]; !ok {
			t.Errorf("%s: %s is there too", what, name)
		}
	}
}

// The same corpus gives the same bytes whatever the workers, the order of the
// manifest and the folder are; a further run makes nothing, and a lost shard
// is the only one that is made again.
func TestBuildIsReproducible(t *testing.T) {
	dir, out := t.TempDir(), t.TempDir()
	manifest, us := small.write(t, dir)
	first := mustBuild(t, BuildOptions{Manifest: manifest, Out: out, Config: config(), Workers: 1})
	want := contents(t, out)
	if first.ShardsMade != 9 || first.ShardsKept != 0 || first.Counts.Used != int64(len(us)) || first.Counts.Rejected != 0 {
		t.Fatalf("first build: %+v", first)
	}
	if p := first.Counts; p.Planned != first.Plan.Total.Examples || p.Examples != p.Planned || p.Examples <= 2*int64(len(us)) {
		t.Errorf("counts %+v, plan %+v", p, first.Plan.Total)
	}

	t.Run("workers", func(t *testing.T) {
		for _, n := range []int{2, 8} {
			dir := t.TempDir()
			mustBuild(t, BuildOptions{Manifest: manifest, Out: dir, Config: config(), Workers: n})
			sameContents(t, "more workers", contents(t, dir), want)
		}
	})
	t.Run("order and folder", func(t *testing.T) {
		dir, out := t.TempDir(), t.TempDir()
		manifest, _ := small.write(t, dir)
		shuffleLines(t, manifest)
		mustBuild(t, BuildOptions{Manifest: manifest, Out: out, Config: config()})
		sameContents(t, "elsewhere", contents(t, out), want)
	})
	t.Run("again", func(t *testing.T) {
		r := mustBuild(t, BuildOptions{Manifest: manifest, Out: out, Config: config()})
		if r.ShardsMade != 0 || r.ShardsKept != 9 {
			t.Errorf("made %d and kept %d shards, want 0 and 9", r.ShardsMade, r.ShardsKept)
		}
		sameContents(t, "again", contents(t, out), want)
	})
	t.Run("resume", func(t *testing.T) {
		remove(t, out, dataset.ManifestName, dataset.ShardName("train", 1, 3), dataset.SidecarName("dev", 0, 3))
		flip(t, filepath.Join(out, filepath.FromSlash(dataset.ShardName("test", 2, 3))))
		r := mustBuild(t, BuildOptions{Manifest: manifest, Out: out, Config: config()})
		if r.ShardsMade != 3 || r.ShardsKept != 6 {
			t.Errorf("made %d and kept %d shards, want 3 and 6", r.ShardsMade, r.ShardsKept)
		}
		sameContents(t, "resumed", contents(t, out), want)
	})
	t.Run("other seed", func(t *testing.T) {
		c := config()
		c.Seed++
		r := mustBuild(t, BuildOptions{Manifest: manifest, Out: out, Config: c})
		if r.ShardsMade != 3 || r.ShardsKept != 6 {
			t.Errorf("made %d and kept %d shards, want 3 (train) and 6 (dev, test)", r.ShardsMade, r.ShardsKept)
		}
	})
	t.Run("other shards", func(t *testing.T) {
		c := config()
		c.Shard.Count = 2
		r := mustBuild(t, BuildOptions{Manifest: manifest, Out: out, Config: c})
		if r.ShardsMade != 6 || r.FilesRemoved != 18 {
			t.Errorf("made %d shards and removed %d files, want 6 and 18", r.ShardsMade, r.FilesRemoved)
		}
		for name := range contents(t, out) {
			if strings.Contains(name, "of-00003") {
				t.Errorf("%s of the earlier build is left", name)
			}
		}
	})
}

func remove(t *testing.T, dir string, names ...string) {
	t.Helper()
	for _, name := range names {
		if err := os.Remove(filepath.Join(dir, filepath.FromSlash(name))); err != nil {
			t.Fatal(err)
		}
	}
}

// flip changes one bit in the middle of a file.
func flip(t *testing.T, path string) {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	b[len(b)/2] ^= 1
	writeFile(t, path, b)
}

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

// What a runner says is not believed.
func TestBuildBelievesNoRunner(t *testing.T) {
	manifest, _ := small.write(t, t.TempDir())
	out := t.TempDir()
	for what, run := range map[string]RunFunc{
		"did nothing": func(context.Context, *beam.Pipeline, func() int64) error { return nil },
		"failed":      func(context.Context, *beam.Pipeline, func() int64) error { return fs.ErrPermission },
		"lost a shard": func(ctx context.Context, p *beam.Pipeline, activity func() int64) error {
			err := prism(ctx, p, nil)
			if activity() == 0 {
				t.Error("no activity after a run")
			}
			remove(t, out, dataset.ShardName("train", 0, 3))
			return err
		},
		"cut a shard": func(ctx context.Context, p *beam.Pipeline, _ func() int64) error {
			return errors.Join(prism(ctx, p, nil), os.Truncate(filepath.Join(out, filepath.FromSlash(dataset.ShardName("dev", 0, 3))), 100))
		},
	} {
		_, err := Build(context.Background(), BuildOptions{Manifest: manifest, Out: out, Config: config(), Run: run})
		if err == nil {
			t.Errorf("a runner that %s: no error", what)
		}
		if _, err := os.Stat(filepath.Join(out, dataset.ManifestName)); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("a runner that %s: %s: %v, want none", what, dataset.ManifestName, err)
		}
	}
}

func TestBuildErrors(t *testing.T) {
	dir, out := t.TempDir(), t.TempDir()
	manifest, us := small.write(t, dir)
	build := func(opt BuildOptions) error {
		opt.Manifest, opt.Out, opt.Run = manifest, out, prism
		if opt.Config.Seed == 0 {
			opt.Config = config()
		}
		_, err := Build(context.Background(), opt)
		return err
	}
	t.Run("locked", func(t *testing.T) {
		unlock, err := lock(out)
		if err != nil {
			t.Fatal(err)
		}
		if err := build(BuildOptions{}); !errors.Is(err, ErrLocked) {
			t.Errorf("%v, want %v", err, ErrLocked)
		}
		unlock()
		if err := build(BuildOptions{}); err != nil {
			t.Errorf("after the lock: %v", err)
		}
	})
	t.Run("leak", func(t *testing.T) {
		us[len(us)-1].Speaker = us[0].Speaker
		writeManifest(t, manifest, us)
		var leak *LeakError
		if err := build(BuildOptions{}); !errors.As(err, &leak) || !strings.Contains(err.Error(), us[0].Speaker) {
			t.Errorf("%v, want a leak of speaker %s", err, us[0].Speaker)
		}
		if err := build(BuildOptions{AllowLeak: []string{LeakSpeaker}}); err != nil {
			t.Errorf("allowed: %v", err)
		}
	})
	t.Run("nothing usable", func(t *testing.T) {
		for i := range us {
			us[i].Problem = &corpus.Problem{Reason: corpus.MissingAudio, Detail: "gone"}
		}
		writeManifest(t, manifest, us)
		if err := build(BuildOptions{}); !errors.Is(err, ErrNoUtterances) || len(readRejects(t, out)) != len(us) {
			t.Errorf("%v, want %v and %d rejects", err, ErrNoUtterances, len(us))
		}
	})
	t.Run("config", func(t *testing.T) {
		c := config()
		c.Shard.Compression = "lzma"
		var ce *ConfigError
		if err := build(BuildOptions{Config: c}); !errors.As(err, &ce) {
			t.Errorf("%v, want a *ConfigError", err)
		}
	})
}

// A changed manifest is noticed, not built from.
func TestManifestChangesUnderBuild(t *testing.T) {
	manifest, us := small.write(t, t.TempDir())
	run := func(ctx context.Context, p *beam.Pipeline, _ func() int64) error {
		us[0].ID += "x"
		writeManifest(t, manifest, us)
		return prism(ctx, p, nil)
	}
	if _, err := Build(context.Background(), BuildOptions{Manifest: manifest, Out: t.TempDir(), Config: config(), Run: run}); err == nil {
		t.Error("no error")
	}
}

// Every layout and option is read back as it was made, at a rate that is not
// the recordings'.
func TestBuildOptionsAndProgress(t *testing.T) {
	manifest, us := small.write(t, t.TempDir())
	out := t.TempDir()
	c := config()
	c.SampleRate = 8000
	c.Shard.Layout, c.Shard.Compression, c.Shard.Count = dataset.LayoutFlat, dataset.CompressionZstd, dataset.AutoShards
	stages := map[string]int64{}
	r := mustBuild(t, BuildOptions{Manifest: manifest, Out: out, Config: c, Progress: func(stage string, done, total int64) {
		if done < stages[stage] || done > total {
			t.Errorf("%s: %d of %d after %d", stage, done, total, stages[stage])
		}
		stages[stage] = done
	}})
	if stages[StageMake] != r.Counts.Examples || stages[StageSurvey] == 0 {
		t.Errorf("told of %v, want %d examples", stages, r.Counts.Examples)
	}
	if r.ShardsMade != 3 {
		t.Errorf("%d shards, want one a split", r.ShardsMade)
	}
	d, err := dataset.Open(out)
	if err != nil {
		t.Fatal(err)
	}
	split, err := d.Split(corpus.Dev)
	if err != nil {
		t.Fatal(err)
	}
	defer split.Close()
	for i := range split.Len() {
		ex, err := split.Example(i)
		if err != nil {
			t.Fatal(err)
		}
		at := slices.IndexFunc(us, func(u corpus.Utterance) bool { return u.ID == ex.ID })
		if at < 0 || ex.SampleRate != 8000 || ex.NumSamples != (us[at].Samples+1)/2 || ex.Parts[0].Rate != 16000 {
			t.Errorf("example %s: %d samples at %d Hz", ex.ID, ex.NumSamples, ex.SampleRate)
		}
	}
	if report, err := dataset.Verify(out, nil); err != nil {
		t.Errorf("verify: %v (%+v)", err, report)
	}
}
