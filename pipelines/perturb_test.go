package pipelines

import (
	"bytes"
	"context"
	"errors"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/apache/beam/sdks/v2/go/pkg/beam"

	"framewise/augment"
	"framewise/corpus"
	"framewise/corpus/draw"
	"framewise/dataset"
)

// writeSounds writes a folder of noises, one of impulse responses, and a
// manifest of the noises, and returns the folder of both.
func writeSounds(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	for i, name := range []string{"hum", "rain", "street/cars", "street/steps"} {
		k, x := draw.New(3, "test-noise", name, 0), make([]int16, 900*(i+1)*(i+1))
		for j := range x {
			x[j] = int16(k.Between(j, -900, 900))
		}
		writeWAV(t, filepath.Join(dir, "noises", name+".wav"), x, []int{16000, 8000}[i%2])
	}
	for i, name := range []string{"bath", "hall"} {
		k, h := draw.New(3, "test-room", name, 0), make([]int16, 2000*(i+1))
		for j := range h {
			h[j] = int16(float64(k.Between(j, -9000, 9000)) * math.Exp(-float64(j)/300))
		}
		h[20*i] = 20000
		writeWAV(t, filepath.Join(dir, "rooms", name+".wav"), h, 16000)
	}
	writeFile(t, filepath.Join(dir, "noises.jsonl"), []byte(`{"id":"street/steps","uri":"noises/street/steps.wav"}
{"id":"rain","uri":"noises/rain.wav","begin":100}
{"id":"hum","uri":"noises/hum.wav"}
`))
	return dir
}

// everything is a configuration with every augmentation on.
func everything(sounds string) BuildConfig {
	c := config()
	c.Augment.Speed.Factors = []float64{0.9}
	c.Augment.Gain.DB = []float64{-6, 6}
	c.Augment.Noise.Manifest, c.Augment.Noise.SNRDB, c.Augment.Noise.Probability = dataset.JoinPath(sounds, "noises"), []float64{5, 20}, 0.7
	c.Augment.Reverb.Manifest, c.Augment.Reverb.Probability = dataset.JoinPath(sounds, "rooms"), 0.7
	return c
}

func examplesOf(t *testing.T, dir, split string) (map[string]*dataset.Example, *dataset.Dataset) {
	t.Helper()
	d, err := dataset.Open(t.Context(), dir)
	if err != nil {
		t.Fatal(err)
	}
	s, err := d.Split(split)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() }) // examples are views of its files
	all := map[string]*dataset.Example{}
	for i := range s.Len() {
		ex, err := s.Example(i)
		if err != nil {
			t.Fatal(err)
		}
		all[ex.ID] = ex
	}
	return all, d
}

// One SHA-256 whatever the workers, the order of the manifest and the folders
// are; labels and T of a copy are its original's; other splits are as without.
func TestPerturbedBuild(t *testing.T) {
	dir, out, sounds := t.TempDir(), t.TempDir(), writeSounds(t)
	manifest, us := small.write(t, dir)
	first := mustBuild(t, BuildOptions{Manifest: manifest, Out: out, Config: everything(sounds), Workers: 1})
	want := contents(t, out)
	if first.Counts.Dropped != 0 || first.Counts.Rejected != 0 {
		t.Errorf("counts %+v", first.Counts)
	}
	if _, err := dataset.Verify(t.Context(), out, nil); err != nil {
		t.Errorf("verify: %v", err)
	}
	if name := []byte(sounds); bytes.Contains(want[dataset.ManifestName], name) || !bytes.Contains(want[dataset.ConfigName], name) {
		t.Error("the folder of sounds is in dataset.json, or is not in build.yaml")
	}

	t.Run("elsewhere", func(t *testing.T) {
		dir, out, moved := t.TempDir(), t.TempDir(), filepath.Join(t.TempDir(), "moved")
		manifest, _ := small.write(t, dir)
		shuffleLines(t, manifest)
		if err := os.CopyFS(moved, os.DirFS(sounds)); err != nil {
			t.Fatal(err)
		}
		r := mustBuild(t, BuildOptions{Manifest: manifest, Out: out, Config: everything(moved), Workers: 2})
		got := contents(t, out)
		delete(got, dataset.ConfigName) // has the folder's name
		delete(want, dataset.ConfigName)
		sameContents(t, "elsewhere", got, want)
		if r.SHA256 != first.SHA256 {
			t.Errorf("SHA-256 %s, want %s", r.SHA256, first.SHA256)
		}
	})
	t.Run("like originals", func(t *testing.T) {
		all, _ := examplesOf(t, out, corpus.Train)
		pairs := 0
		for id, ex := range all {
			original := all[strings.Replace(id, "+p0", "", 1)]
			if !strings.Contains(id, "+p0") || original == nil {
				continue
			}
			pairs++
			if ex.NumFrames != original.NumFrames || !slices.Equal(ex.Labels, original.Labels) || !slices.Equal(ex.Phones, original.Phones) {
				t.Errorf("%s has other labels or frames than %s", id, original.ID)
			}
			if strings.Contains(ex.Parts[0].Effects, `"gain"`) == slices.Equal(ex.Features, original.Features) {
				t.Errorf("%s: effects %s, and the features of its original", id, ex.Parts[0].Effects)
			}
		}
		if pairs < 4*5*2*2 || 2*pairs != len(all) {
			t.Errorf("%d perturbed copies among %d examples, want half", pairs, len(all))
		}
	})
	t.Run("other splits", func(t *testing.T) {
		out := t.TempDir()
		mustBuild(t, BuildOptions{Manifest: manifest, Out: out, Config: config()})
		for name, b := range contents(t, out) {
			if strings.HasPrefix(name, "dev/") || strings.HasPrefix(name, "test/") {
				if !bytes.Equal(b, want[filepath.FromSlash(name)]) {
					t.Errorf("%s differs from that of a build without effects", name)
				}
			}
		}
	})
	t.Run("rerender", func(t *testing.T) {
		all, d := examplesOf(t, out, corpus.Train)
		record, err := ReadRecord(t.Context(), out)
		if err != nil {
			t.Fatal(err)
		}
		id := us[0].ID + "+sp0.9+p0"
		x, err := Rerender(t.Context(), all[id], record, d.Manifest.SampleRate, d.Manifest.LabelSet)
		if err != nil || int64(len(x.Samples)) != all[id].NumSamples {
			t.Fatalf("%v", err)
		}
		m, err := NewMaker(record.BuildConfig, d.Manifest.SampleRate, d.Manifest.LabelSet)
		if err != nil {
			t.Fatal(err)
		}
		features, _, err := m.features(x, int(all[id].NumFrames))
		if err != nil || !slices.Equal(features, all[id].Features) {
			t.Errorf("the features of what is rendered again are not the dataset's: %v", err)
		}
		if err := os.RemoveAll(filepath.Join(sounds, "noises")); err != nil {
			t.Fatal(err)
		}
		if _, err := Rerender(t.Context(), all[us[0].ID], record, d.Manifest.SampleRate, d.Manifest.LabelSet); err != nil {
			t.Errorf("an original, without the noises: %v", err)
		}
		if _, err := Rerender(t.Context(), all[id], record, d.Manifest.SampleRate, d.Manifest.LabelSet); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("without the noises: %v", err)
		}
	})
}

// A noise more makes those shards again that have a part which draws it.
func TestOneNoiseMoreChangesItsShards(t *testing.T) {
	const shards = 40
	sounds, out := writeSounds(t), t.TempDir()
	manifest, us := small.write(t, t.TempDir())
	c := config()
	c.Shard.Count, c.Augment.Concat.Copies, c.Augment.Narrowband.Mode = shards, 0, augment.NarrowbandOff
	c.Augment.Noise.Manifest, c.Augment.Noise.SNRDB = filepath.Join(sounds, "noises.jsonl"), []float64{10}
	mustBuild(t, BuildOptions{Manifest: manifest, Out: out, Config: c})
	old, err := readSounds(t.Context(), c.Augment, true)
	if err != nil {
		t.Fatal(err)
	}
	lines, err := os.ReadFile(c.Augment.Noise.Manifest)
	if err != nil {
		t.Fatal(err)
	}
	writeFile(t, c.Augment.Noise.Manifest, append(lines, `{"id":"cars","uri":"noises/street/cars.wav"}`...))
	now, err := readSounds(t.Context(), c.Augment, true)
	if err != nil {
		t.Fatal(err)
	}
	again := map[int]bool{}
	for _, u := range us {
		if u.Split != corpus.Train {
			continue
		}
		a, b := c.Augment.DrawnSounds(c.Seed, u.ID, "perturbed-0", old.sounds(t.Context())), c.Augment.DrawnSounds(c.Seed, u.ID, "perturbed-0", now.sounds(t.Context()))
		if a[0].ID != b[0].ID {
			again[dataset.ShardOf(u.ID+"+p0", shards)] = true
		}
	}
	r := mustBuild(t, BuildOptions{Manifest: manifest, Out: out, Config: c})
	if r.ShardsMade != len(again) || len(again) == 0 || len(again) > 12 {
		t.Errorf("%d shards were made again, want %d", r.ShardsMade, len(again))
	}
}

// A noise that cannot be read any more ends the build and rejects no one.
func TestFaultOfANoiseEndsTheBuild(t *testing.T) {
	sounds, out := writeSounds(t), t.TempDir()
	manifest, _ := small.write(t, t.TempDir())
	run := func(ctx context.Context, p *beam.Pipeline, _ func() int64) error {
		writeWAV(t, filepath.Join(sounds, "rooms", "hall.wav"), []int16{1, 2, 3}, 16000)
		return prism(ctx, p, nil)
	}
	c := everything(sounds)
	c.Augment.Reverb.Probability = 1
	if _, err := Build(context.Background(), BuildOptions{Manifest: manifest, Out: out, Config: c, Run: run}); err == nil || !strings.Contains(err.Error(), "hall.wav") {
		t.Errorf("%v, want an error that names the file", err)
	}
	if _, err := os.Stat(filepath.Join(out, dataset.ManifestName)); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("%s: %v, want none", dataset.ManifestName, err)
	}
}

func TestReadSoundsRefuses(t *testing.T) {
	dir := writeSounds(t)
	long := make([]int16, 8000*augment.MaxResponseSeconds+1)
	long[0] = 1
	writeWAV(t, filepath.Join(dir, "long.wav"), long, 8000)
	writeWAV(t, filepath.Join(dir, "zero.wav"), make([]int16, 90), 8000)
	writeFile(t, filepath.Join(dir, "none", "notes.txt"), nil)
	for _, c := range []struct{ effect, lines, want string }{
		{"noise", `{"id":"a","uri":"gone.wav"}`, "gone.wav"},
		{"noise", `{"id":"a","uri":"noises.jsonl"}`, "noises.jsonl"},
		{"noise", `{"id":"a","uri":"noises/hum.wav","sha256":"00"}`, "hum.wav\": the file's SHA-256 is"},
		{"noise", `{"id":"a","uri":"noises/hum.wav","rate":44100}`, "at 16000 Hz, the manifest says 44100"},
		{"noise", `{"id":"a","uri":"noises/hum.wav","channel":1}`, "has 1 channels, the manifest says channel 1"},
		{"noise", `{"id":"a","uri":"noises/hum.wav","begin":900}`, "samples 900 to 900"},
		{"noise", `{"id":"a","uri":"noises/hum.wav","end":901}`, "has 900 samples"},
		{"noise", `{"id":"a","uri":"s3://b/hum.wav"}`, "no storage called \"s3\""},
		{"noise", `{"id":"a","uri":"noises/hum.wav"}` + "\n" + `{"id":"a","uri":"noises/rain.wav"}`, "twice"},
		{"noise", `{"uri":"noises/hum.wav"}`, `line 1: the id is ""`},
		{"noise", "\n" + `{"id":`, "line 2"},
		{"noise", `{"id":"a","problem":{"reason":"missing-audio","detail":"d"}}`, "has a problem: missing-audio"},
		{"noise", "", "lists no recording"},
		{"reverb", `{"id":"a","uri":"long.wav"}`, "at most 20 s"},
		{"reverb", `{"id":"a","uri":"zero.wav"}`, "every sample is 0"},
	} {
		path := filepath.Join(dir, "sounds.jsonl")
		writeFile(t, path, []byte(c.lines))
		a := augment.DefaultConfig()
		a.Reverb.Manifest = path
		if c.effect == "noise" {
			a.Reverb.Manifest, a.Noise.Manifest, a.Noise.SNRDB = "", path, []float64{1}
		}
		var config *ConfigError
		if _, err := readSounds(t.Context(), a, true); !errors.As(err, &config) || !strings.Contains(err.Error(), c.want) || !strings.HasPrefix(err.Error(), "augment."+c.effect+".manifest: ") {
			t.Errorf("%s: %v, want %q", c.lines, err, c.want)
		}
	}
	a := augment.DefaultConfig()
	if err := os.Symlink("/dev/zero", filepath.Join(dir, "endless")); err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{"none", "nowhere", "endless"} {
		a.Reverb.Manifest = filepath.Join(dir, path)
		var config *ConfigError
		if _, err := readSounds(t.Context(), a, true); !errors.As(err, &config) || !strings.Contains(err.Error(), path) {
			t.Errorf("%s: %v", path, err)
		}
	}
	if lists, err := readSounds(t.Context(), everything(dir).Augment, true); err != nil || len(lists["noise"]) != 4 || lists["noise"][2].ID != "street/cars" || lists["noise"][2].SHA256 == "" {
		t.Errorf("%+v: %v", lists, err)
	}
}

// What positions cannot be computed for is refused before anything is made.
func TestSurveyRefusesAbsurdNumbers(t *testing.T) {
	manifest, us := small.write(t, t.TempDir())
	us[0].Samples, us[0].End = math.MaxInt64-1, math.MaxInt64-1
	us[1].Rate = math.MaxInt64 / 3
	writeManifest(t, manifest, us)
	c := config()
	c.SampleRate = 16000
	s, err := NewSurvey(t.Context(), manifest, c, nil)
	if err != nil || len(s.Rejects) != 2 || s.Rejects[0].Reason != corpus.BadManifest || s.Rejects[1].Reason != corpus.BadManifest {
		t.Errorf("%+v: %v", s, err)
	}
	for i := range us {
		us[i].Samples, us[i].End, us[i].Rate = 9000, 9000, 44101
	}
	writeManifest(t, manifest, us)
	c.SampleRate, c.Features.NFFT = 44100, 0
	c.Augment.Speed.Factors = []float64{0.9, 0.999}
	var config *ConfigError
	if _, err := NewSurvey(t.Context(), manifest, c, nil); !errors.As(err, &config) || !strings.Contains(err.Error(), "augment.speed.factors: 0.999 for recordings at 44101 Hz") {
		t.Errorf("%v", err)
	}
	c.Augment.Speed.Factors = []float64{0.9}
	if _, err := NewSurvey(t.Context(), manifest, c, nil); err != nil {
		t.Error(err)
	}
}
