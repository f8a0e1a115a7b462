package pipelines

import (
	"context"
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

// backAfter runs a pipeline and then puts a file back in its place.
func backAfter(t *testing.T, path string) RunFunc {
	return func(ctx context.Context, p *beam.Pipeline, activity func() int64) error {
		err := prism(ctx, p, activity)
		if back := os.Rename(path+".away", path); back != nil {
			t.Error(back)
		}
		return err
	}
}

// shardFiles are the times and sizes of a dataset's shards, by which one that
// was written again is told from one that was kept.
func shardFiles(t *testing.T, out string) map[string]os.FileInfo {
	t.Helper()
	files := map[string]os.FileInfo{}
	paths, err := filepath.Glob(filepath.Join(out, "*", "*.arrow"))
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range paths {
		rel, err := filepath.Rel(out, p)
		if err != nil {
			t.Fatal(err)
		}
		if files[filepath.ToSlash(rel)], err = os.Stat(p); err != nil {
			t.Fatal(err)
		}
	}
	return files
}

// Exactly the shards that depend on what was changed are made again. Which
// those are is read from the parts column of the shards, not from digests.
func TestChangesReachWhatDependsOnThem(t *testing.T) {
	dir := t.TempDir()
	manifest, us := tiny{speakers: [3]int{3, 2, 1}, sentences: 4, rate: 16000, samples: 3000}.write(t, dir)
	base := config()
	base.Shard.Count = 6
	first := filepath.Join(dir, "first")
	mustBuild(t, BuildOptions{Manifest: manifest, Out: first, Config: base})
	var all, train []string
	holding := map[string][]string{} // shards by utterance
	for name := range shardFiles(t, first) {
		all = append(all, name)
		if strings.HasPrefix(name, "train/") {
			train = append(train, name)
		}
	}
	eachExample(t, first, func(shard string, ex *dataset.Example) {
		for _, p := range ex.Parts {
			holding[p.Utterance] = append(holding[p.Utterance], shard)
		}
	})
	trainUtt, devUtt := us[1], us[3*4+1]
	change := func(id string, do func(*corpus.Utterance)) func(*BuildConfig) {
		return func(*BuildConfig) {
			changed := slices.Clone(us)
			at := slices.IndexFunc(changed, func(u corpus.Utterance) bool { return u.ID == id })
			changed[at].Alignment = slices.Clone(changed[at].Alignment)
			do(&changed[at])
			writeManifest(t, manifest, changed)
		}
	}
	flipAudio := func(u *corpus.Utterance) {
		path := filepath.Join(dir, filepath.FromSlash(u.URI))
		flip(t, path)
		sum, err := sums.of(path)
		if err != nil {
			t.Fatal(err)
		}
		u.SHA256 = sum.sum
	}
	for name, c := range map[string]struct {
		do   func(*BuildConfig)
		want []string // shards that depend on it
	}{
		"nothing":                         {func(*BuildConfig) {}, nil},
		"a bit of a train recording":      {change(trainUtt.ID, flipAudio), holding[trainUtt.ID]},
		"a bit of a dev recording":        {change(devUtt.ID, flipAudio), holding[devUtt.ID]},
		"a label":                         {change(trainUtt.ID, func(u *corpus.Utterance) { u.Alignment[1].Label = "q" }), holding[trainUtt.ID]},
		"a boundary":                      {change(devUtt.ID, func(u *corpus.Utterance) { u.Alignment[0].End--; u.Alignment[1].Begin-- }), holding[devUtt.ID]},
		"a text":                          {change(devUtt.ID, func(u *corpus.Utterance) { u.Text += "!" }), holding[devUtt.ID]},
		"where a recording lies":          {change(trainUtt.ID, func(u *corpus.Utterance) { u.URI = filepath.Join(dir, filepath.FromSlash(u.URI)) }), nil},
		"the order of the manifest":       {func(*BuildConfig) { shuffleLines(t, manifest) }, nil},
		"a feature key":                   {func(c *BuildConfig) { c.Features.NumFilters = 23 }, all},
		"the seed":                        {func(c *BuildConfig) { c.Seed++ }, train},
		"the gaps of concatenations":      {func(c *BuildConfig) { c.Augment.Concat.GapMs = []int{0, 100} }, train},
		"the copies of concatenations":    {func(c *BuildConfig) { c.Augment.Concat.Copies = 2 }, train},
		"the algorithm version":           {func(*BuildConfig) { algorithmVersion++ }, all},
		"the compression":                 {func(c *BuildConfig) { c.Shard.Compression = dataset.CompressionZstd }, all},
		"how many rejects are too many":   {func(c *BuildConfig) { c.MaxRejects = MaxRejects{Count: 5} }, nil},
		"the splits that are augmented":   {func(c *BuildConfig) { c.Augment.Splits = []string{corpus.Train, corpus.Dev} }, shardsOf(all, "dev/")},
		"the rate that all is brought to": {func(c *BuildConfig) { c.SampleRate = 8000 }, all},
	} {
		t.Run(name, func(t *testing.T) {
			out := filepath.Join(t.TempDir(), "out")
			copyDir(t, first, out)
			before := shardFiles(t, out)
			cfg := base
			version, audio := algorithmVersion, [2][]byte{mustRead(t, filepath.Join(dir, filepath.FromSlash(trainUtt.URI))), mustRead(t, filepath.Join(dir, filepath.FromSlash(devUtt.URI)))}
			c.do(&cfg)
			defer func() {
				algorithmVersion = version
				writeManifest(t, manifest, us)
				writeFile(t, filepath.Join(dir, filepath.FromSlash(trainUtt.URI)), audio[0])
				writeFile(t, filepath.Join(dir, filepath.FromSlash(devUtt.URI)), audio[1])
			}()
			r := mustBuild(t, BuildOptions{Manifest: manifest, Out: out, Config: cfg})
			made := map[string]bool{}
			for name, now := range shardFiles(t, out) {
				if !os.SameFile(before[name], now) {
					made[name] = true
				}
			}
			want := map[string]bool{}
			for _, name := range c.want {
				want[name] = true
			}
			if !maps.Equal(made, want) || r.ShardsMade != len(want) || r.ShardsKept != len(all)-len(want) {
				t.Errorf("made %v again (report: %d made, %d kept)\nwant %v of %d", slices.Sorted(maps.Keys(made)), r.ShardsMade, r.ShardsKept, slices.Sorted(maps.Keys(want)), len(all))
			}
			fresh := t.TempDir()
			mustBuild(t, BuildOptions{Manifest: manifest, Out: fresh, Config: cfg})
			sameContents(t, "against a fresh build", contents(t, out), contents(t, fresh))
		})
	}
	if a, b := len(holding[trainUtt.ID]), len(holding[devUtt.ID]); a < 2 || b != 1 {
		t.Errorf("%s is in %d shards and %s in %d, want several and one", trainUtt.ID, a, devUtt.ID, b)
	}
}

func shardsOf(all []string, prefix string) []string {
	return slices.DeleteFunc(slices.Clone(all), func(name string) bool { return !strings.HasPrefix(name, prefix) })
}

func mustRead(t *testing.T, path string) []byte {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return b
}
