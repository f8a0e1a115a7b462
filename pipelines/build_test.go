package pipelines

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

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
		unlock, _, err := lock(out)
		if err != nil {
			t.Fatal(err)
		}
		if err := build(BuildOptions{}); !errors.Is(err, ErrLocked) || !strings.Contains(err.Error(), fmt.Sprintf("process %d on host", os.Getpid())) {
			t.Errorf("%v, want %v and who", err, ErrLocked)
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

// A changed manifest is noticed, not built from, whatever the change is.
func TestManifestChangesUnderBuild(t *testing.T) {
	dir := t.TempDir()
	manifest, us := small.write(t, dir)
	whole := mustRead(t, manifest)
	for what, change := range map[string]func() error{
		"another id": func() error {
			changed := slices.Clone(us)
			changed[0].ID += "x"
			writeManifest(t, manifest, changed)
			return nil
		},
		"another label": func() error {
			return os.WriteFile(manifest, bytes.Replace(whole, []byte(`"h#"]`), []byte(`"eh"]`), 1), 0o644)
		},
		"a cut":         func() error { return os.Truncate(manifest, int64(len(whole)-100)) },
		"nothing left":  func() error { return os.Truncate(manifest, 0) },
		"gone":          func() error { return os.Remove(manifest) },
		"one line more": func() error { return os.WriteFile(manifest, append(bytes.Clone(whole), "{}\n"...), 0o644) },
		"a line doubled": func() error {
			return os.WriteFile(manifest, append(bytes.Clone(whole), whole[:bytes.IndexByte(whole, '\n')+1]...), 0o644)
		},
	} {
		out := t.TempDir()
		writeFile(t, manifest, whole)
		before := time.Now().Add(-time.Hour) // clocks of file systems are coarse
		if err := os.Chtimes(manifest, before, before); err != nil {
			t.Fatal(err)
		}
		run := func(ctx context.Context, p *beam.Pipeline, _ func() int64) error {
			return errors.Join(change(), prism(ctx, p, nil))
		}
		if _, err := Build(context.Background(), BuildOptions{Manifest: manifest, Out: out, Config: config(), Run: run}); err == nil || !strings.Contains(err.Error(), "manifest") {
			t.Errorf("%s: %v, want an error about the manifest", what, err)
		}
		if _, err := os.Stat(filepath.Join(out, dataset.ManifestName)); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("%s: %s: %v, want none", what, dataset.ManifestName, err)
		}
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
	d, err := dataset.Open(t.Context(), out)
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
	if report, err := dataset.Verify(t.Context(), out, nil); err != nil {
		t.Errorf("verify: %v (%+v)", err, report)
	}
}
