package pipelines

import (
	"cmp"
	"fmt"
	"path/filepath"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"framewise/augment"
	"framewise/corpus"
	"framewise/corpus/audio"
	"framewise/dataset"
)

// useSums makes a build take checksums from a cache, until the test ends.
func useSums(t *testing.T, c *sumCache) {
	t.Helper()
	old := sums
	sums = c
	t.Cleanup(func() { sums = old })
}

// writeGiant writes one recording that is cut into n utterances, and a manifest
// of them.
func writeGiant(t *testing.T, dir string, n int) (manifest, recording string) {
	t.Helper()
	const length = 3000
	recording = filepath.Join(dir, "giant.wav")
	samples := make([]int16, n*length)
	for i := range samples {
		samples[i] = int16(i*i*7%2001 - 1000)
	}
	sum := writeWAV(t, recording, samples, 16000)
	var us []corpus.Utterance
	for i := range n {
		us = append(us, corpus.Utterance{ID: fmt.Sprintf("u%03d", i), URI: "giant.wav", SHA256: sum, Rate: 16000, Samples: int64(len(samples)),
			Begin: int64(i * length), End: int64((i + 1) * length), Speaker: "F", Split: corpus.Train})
	}
	manifest = filepath.Join(dir, "corpus.jsonl")
	writeManifest(t, manifest, us)
	return manifest, recording
}

// One recording of many utterances, each in several examples, is hashed once
// for the whole build. (Package audio tests that a range of it costs a range.)
func TestGiantRecordingIsHashedOnce(t *testing.T) {
	manifest, recording := writeGiant(t, t.TempDir(), 60)
	c, hashed := countedSums(4)
	useSums(t, c)
	r := mustBuild(t, BuildOptions{Manifest: manifest, Out: t.TempDir(), Config: config(), Workers: 4})
	if n := hashed(recording); n != 1 || r.Counts.Examples <= 120 {
		t.Errorf("hashed %d times for %d examples, want once for more than 120", n, r.Counts.Examples)
	}
}

// plain is a configuration that makes one example of every utterance and one
// shard of every split.
func plain() BuildConfig {
	c := DefaultBuildConfig()
	c.Shard.Count = 1
	c.Augment.Narrowband.Mode, c.Augment.Concat.Copies = augment.NarrowbandOff, 0
	return c
}

// One shard keeps all workers busy, several shards at once no more than that,
// and the rows are the same.
func TestGiantShardIsMadeInParallel(t *testing.T) {
	const workers = 4
	many := tiny{speakers: [3]int{8, 1, 1}, sentences: 5, rate: 16000, samples: 3000}
	manifest, _ := many.write(t, t.TempDir())
	alone := t.TempDir()
	mustBuild(t, BuildOptions{Manifest: manifest, Out: alone, Config: plain(), Workers: 1})

	var mu sync.Mutex
	active, most := 0, 0
	full := make(chan struct{}) // closed once all workers read a recording
	useSums(t, newSumCache(100, func(path string) (string, error) {
		mu.Lock()
		active++
		if most = max(most, active); active == workers && most == workers {
			select {
			case <-full:
			default:
				close(full)
			}
		}
		mu.Unlock()
		select {
		case <-full:
		case <-time.After(time.Minute):
			t.Error("the workers do not all get to read at once")
		}
		mu.Lock()
		active--
		mu.Unlock()
		return audio.Sum(path)
	}))
	out := t.TempDir()
	mustBuild(t, BuildOptions{Manifest: manifest, Out: out, Config: plain(), Workers: workers})
	if most != workers {
		t.Errorf("%d recordings were read at once, want %d", most, workers)
	}
	sameContents(t, "one worker", contents(t, alone), contents(t, out))
}

// Examples are made ahead of the row that is written, but no more than wait in
// the queue: a slow disk fills no memory.
func TestShardIsMadeAheadWithinBounds(t *testing.T) {
	const workers = 2
	manifest, _ := small.write(t, t.TempDir())
	survey, err := NewSurvey(t.Context(), manifest, plain(), nil)
	if err != nil {
		t.Fatal(err)
	}
	p, err := newPress(t.Context(), newJob(survey, "test", t.TempDir(), workers))
	if err != nil {
		t.Fatal(err)
	}
	defer p.close()
	var started atomic.Int64
	useSums(t, newSumCache(100, func(path string) (string, error) { started.Add(1); return audio.Sum(path) }))
	s := &sheet{press: p, split: corpus.Train, of: 1}
	for _, r := range augment.Plan(survey.Members, plain().Augment, 1, survey.Rate) {
		if r.Split == corpus.Train {
			s.recipes = append(s.recipes, r)
		}
	}
	sortRows(s.recipes)
	var ids []string
	err = s.makeRows(t.Context(), func(o outcome) error {
		ids = append(ids, o.example.ID)
		ahead := min(int64(len(ids)+2*workers), int64(len(s.recipes)))
		for deadline := time.Now().Add(time.Minute); started.Load() < ahead; time.Sleep(time.Millisecond) {
			if time.Now().After(deadline) {
				return fmt.Errorf("%d examples were begun when row %d is written, want %d", started.Load(), len(ids), ahead)
			}
		}
		if n := started.Load(); n > ahead+1 {
			t.Errorf("%d examples were begun when row %d is written, want at most %d", n, len(ids), ahead+1)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(ids) != len(s.recipes) || !slices.IsSortedFunc(ids, func(a, b string) int { return cmp.Compare(dataset.RowKey(a), dataset.RowKey(b)) }) {
		t.Errorf("rows %v, want all in the order of their keys", ids)
	}
}
