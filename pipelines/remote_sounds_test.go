package pipelines

import (
	"errors"
	"io/fs"
	"net/http"
	"path"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"framewise/augment"
	"framewise/corpus"
	"framewise/dataset"
	"framewise/dataset/gcs/gcstest"
)

// Noises and impulse responses in a bucket, as folders and by a manifest, give
// the bytes that they give as files of this machine, and each is fetched once.
func TestSoundsInBucket(t *testing.T) {
	s, manifest, remote := bucketCorpus(t)
	sounds := writeSounds(t)
	gcstest.Upload(t, sounds, "gs://corpora/sounds")
	listed := func(dir string) BuildConfig {
		c := everything(dir)
		c.Augment.Noise.Manifest = dataset.JoinPath(dir, "noises.jsonl")
		return c
	}
	for what, config := range map[string]func(string) BuildConfig{"folders": everything, "manifest": listed} {
		t.Run(what, func(t *testing.T) {
			local := t.TempDir()
			mustBuild(t, BuildOptions{Manifest: manifest, Out: local, Config: config(sounds)})
			want := contents(t, local)
			delete(want, dataset.ConfigName)

			t.Setenv(dataset.CacheEnv, t.TempDir())
			var mu sync.Mutex
			fetched := map[string]int{}
			s.Break(func(w http.ResponseWriter, r *http.Request, next http.Handler) {
				if name := r.URL.Path; strings.Contains(name, "sounds") && strings.HasSuffix(name, ".wav") && r.URL.Query().Get("alt") == "media" {
					mu.Lock()
					fetched[path.Base(name)]++
					mu.Unlock()
				}
				next.ServeHTTP(w, r)
			})
			defer s.Break(nil)
			out := "gs://data/" + what
			mustBuild(t, BuildOptions{Manifest: remote, Out: out, Config: config("gs://corpora/sounds")})
			sameContents(t, "in a bucket", objects(t, out), want)
			for name, n := range fetched {
				if n != 1 {
					t.Errorf("%s was fetched %d times, want once", name, n)
				}
			}
			if len(fetched) < 4 {
				t.Errorf("fetched %v, want the noises and the responses", fetched)
			}
			rerenderOne(t, out)
		})
	}
}

// rerenderOne renders a perturbed example of a dataset again.
func rerenderOne(t *testing.T, uri string) {
	t.Helper()
	record, err := ReadRecord(t.Context(), uri)
	if err != nil {
		t.Fatal(err)
	}
	all, d := examplesOf(t, uri, corpus.Train)
	for _, ex := range all {
		if augment.Variant(ex.Parts[0].Variant).Perturbed() {
			if _, err := Rerender(t.Context(), ex, record, d.Manifest.SampleRate, d.Manifest.LabelSet); err != nil {
				t.Error(err)
			}
			return
		}
	}
	t.Error("no perturbed example")
}

// What is wrong with a place of sounds is an error of the configuration; that it
// cannot be reached is not.
func TestSoundsOutOfReach(t *testing.T) {
	s, _, _ := bucketCorpus(t)
	gcstest.Upload(t, writeSounds(t), "gs://corpora/sounds")
	a := augment.DefaultConfig()
	for uri, want := range map[string]string{
		"gs://corpora/sounds/silence":  "lists no recording",
		"gs://nowhere/noises":          "gs://nowhere",
		"s3://corpora/sounds":          "no storage called",
		filepath.Join("gs:", "sounds"): "no such file",
	} {
		a.Reverb.Manifest = uri
		var config *ConfigError
		if _, err := readSounds(t.Context(), a, true); !errors.As(err, &config) || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q and a *ConfigError", uri, err, want)
		}
	}
	s.Break(func(w http.ResponseWriter, r *http.Request, _ http.Handler) {
		http.Error(w, "no", http.StatusForbidden)
	})
	a.Reverb.Manifest = "gs://corpora/sounds/rooms"
	if _, err := readSounds(t.Context(), a, true); !errors.Is(err, fs.ErrPermission) || errors.As(err, new(*ConfigError)) {
		t.Errorf("forbidden: %v, want a denied permission and no *ConfigError", err)
	}
}
