package pipelines

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"framewise/augment"
	"framewise/corpus"
	"framewise/dataset"
	"framewise/transforms"
)

// spoilAll is spoil with the faults that it lacks, for features whose frames
// have to lie within the signal: an utterance of each reason that there is.
func spoilAll(t *testing.T, dir string) (manifest string, cfg BuildConfig, want map[string]corpus.Reason) {
	t.Helper()
	root := filepath.Join(dir, "TRAIN", "DR1")
	noise := make([]int16, 4000)
	for i := range noise {
		noise[i] = int16((i*104729)%4001 - 2000)
	}
	writeWAV(t, filepath.Join(root, "MCCC0", "SX1.WAV"), noise, 16000) // and no labels
	writeWAV(t, filepath.Join(root, "MCCC0", "SX2.WAV"), noise[:300], 16000)
	writeFile(t, filepath.Join(root, "MCCC0", "SX2.PHN"), []byte("0 300 h#\n"))
	manifest, want = spoil(t, dir)
	b, err := os.ReadFile(manifest)
	if err != nil {
		t.Fatal(err)
	}
	twice := b[:bytes.IndexByte(b, '\n')+1]
	writeFile(t, manifest, append(b, twice...))
	delete(want, "line 15")
	maps.Copy(want, map[string]corpus.Reason{
		"line 17": corpus.BadManifest, "TRAIN/DR1/FAAA0/SX1 (line 18)": corpus.DuplicateID,
		"TRAIN/DR1/MCCC0/SX1": corpus.MissingLabels, "TRAIN/DR1/MCCC0/SX2": corpus.TooShort,
	})
	cfg = config()
	if cfg.Features, err = transforms.Preset("kaldi-fbank"); err != nil {
		t.Fatal(err)
	}
	cfg.MaxRejects = MaxRejects{Share: 0.9}
	return manifest, cfg, want
}

// Every line of the manifest is in a shard or in rejects.jsonl, every planned
// example likewise, with each reason of the list, whatever the workers are.
func TestEverythingIsAccountedFor(t *testing.T) {
	dir, out := t.TempDir(), t.TempDir()
	manifest, cfg, want := spoilAll(t, dir)
	r := mustBuild(t, BuildOptions{Manifest: manifest, Out: out, Config: cfg, Workers: 1})
	rejected, dropped := map[string]corpus.Reason{}, map[string]dataset.Reject{}
	seen := map[corpus.Reason]bool{}
	for _, rej := range readRejects(t, out) {
		seen[rej.Reason] = true
		if rej.Kind == dataset.RejectUtterance {
			rejected[rej.ID] = rej.Reason
		} else {
			dropped[rej.ID] = rej
		}
	}
	if !maps.Equal(rejected, want) {
		t.Errorf("rejected %v\nwant %v", rejected, want)
	}
	for _, reason := range corpus.Reasons {
		if !seen[reason] {
			t.Errorf("no reject for %s", reason)
		}
	}
	survey, err := NewSurvey(t.Context(), manifest, cfg, nil)
	if err != nil {
		t.Fatal(err)
	}
	made := examples(t, out)
	used := map[string]bool{}
	for id, parts := range made {
		for _, p := range parts {
			used[p] = true
			if reason, bad := rejected[p]; bad {
				t.Errorf("example %s is made of %s, which is rejected as %s", id, p, reason)
			}
		}
	}
	if n := int64(len(used) + len(rejected)); n != survey.Utterances || r.Counts.Used != int64(len(used)) || r.Counts.Rejected != int64(len(rejected)) {
		t.Errorf("%d used and %d rejected of %d lines; counts %+v", len(used), len(rejected), survey.Utterances, r.Counts)
	}
	for _, recipe := range augment.Plan(survey.Members, cfg.Augment, cfg.Seed, survey.Rate) {
		bad := slices.IndexFunc(recipe.Parts, func(p augment.Part) bool { return rejected[p.Utterance] != "" })
		rej, lost := dropped[recipe.ID]
		if _, ok := made[recipe.ID]; ok == lost || lost != (bad >= 0) {
			t.Errorf("example %s: made %v, dropped %v, first rejected part %d", recipe.ID, ok, lost, bad)
		}
		if lost {
			first := recipe.Parts[bad].Utterance
			if why := fmt.Sprintf("utterance %q was rejected: %s", first, rejected[first]); rej.Reason != corpus.LostPart || !strings.Contains(rej.Detail, why) {
				t.Errorf("example %s was dropped as %s (%s), want %s: %s", recipe.ID, rej.Reason, rej.Detail, corpus.LostPart, why)
			}
		}
		delete(made, recipe.ID)
		delete(dropped, recipe.ID)
	}
	if len(made)+len(dropped) > 0 {
		t.Errorf("never planned: made %v, dropped %v", made, dropped)
	}
	before := contents(t, out)
	for _, workers := range []int{2, 8} {
		other := t.TempDir()
		mustBuild(t, BuildOptions{Manifest: manifest, Out: other, Config: cfg, Workers: workers})
		sameContents(t, fmt.Sprintf("%d workers", workers), contents(t, other), before)
	}
	t.Run("limits", func(t *testing.T) {
		n := r.Counts.Rejected
		for limit, allowed := range map[MaxRejects]bool{
			{Count: n}: true, {Count: n - 1}: false,
			{Share: float64(n) / float64(survey.Utterances)}:         true,
			{Share: (float64(n) - 0.5) / float64(survey.Utterances)}: false,
		} {
			cfg.MaxRejects = limit
			_, err := Build(context.Background(), BuildOptions{Manifest: manifest, Out: out, Config: cfg, Run: prism})
			if allowed != (err == nil) || !allowed && !errors.Is(err, ErrTooManyRejects) {
				t.Errorf("max_rejects %v with %d of %d: %v", limit, n, survey.Utterances, err)
			}
		}
	})
}

// examples lists the utterances of every example of a dataset.
func examples(t *testing.T, out string) map[string][]string {
	t.Helper()
	parts := map[string][]string{}
	eachExample(t, out, func(_ string, ex *dataset.Example) {
		for _, p := range ex.Parts {
			parts[ex.ID] = append(parts[ex.ID], p.Utterance)
		}
	})
	return parts
}

// eachExample gives the rows of a dataset and the paths of their shards.
func eachExample(t *testing.T, out string, fn func(shard string, ex *dataset.Example)) {
	t.Helper()
	d, err := dataset.Open(t.Context(), out)
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range d.SplitNames() {
		s, err := d.Split(name)
		if err != nil {
			t.Fatal(err)
		}
		defer s.Close()
		n := len(s.Info().Shards)
		for i := range s.Len() {
			ex, err := s.Example(i)
			if err != nil {
				t.Fatal(err)
			}
			fn(dataset.ShardName(name, dataset.ShardOf(ex.ID, n), n), ex)
		}
	}
}

// A recording that could not be read for a moment is not written off: the
// build says so, and the next one has it.
func TestMomentaryFaultsAreNoRejects(t *testing.T) {
	dir, out := t.TempDir(), t.TempDir()
	manifest, us := small.write(t, dir)
	want := t.TempDir()
	cfg := config()
	cfg.MaxRejects = MaxRejects{Share: 0.5}
	mustBuild(t, BuildOptions{Manifest: manifest, Out: want, Config: cfg})
	away := filepath.Join(dir, filepath.FromSlash(us[3].URI))
	if err := os.Rename(away, away+".away"); err != nil {
		t.Fatal(err)
	}
	_, err := Build(context.Background(), BuildOptions{Manifest: manifest, Out: out, Config: cfg, Run: backAfter(t, away)})
	if !errors.Is(err, ErrUnsteady) || !strings.Contains(err.Error(), us[3].ID) {
		t.Errorf("%v, want %v and %s", err, ErrUnsteady, us[3].ID)
	}
	r := mustBuild(t, BuildOptions{Manifest: manifest, Out: out, Config: cfg})
	if r.ShardsMade == 0 || r.ShardsKept == 0 {
		t.Errorf("made %d and kept %d shards, want those made that lack %s", r.ShardsMade, r.ShardsKept, us[3].ID)
	}
	sameContents(t, "after a momentary fault", contents(t, out), contents(t, want))
}
