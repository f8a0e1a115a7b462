package main

import (
	"cmp"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"

	"framewise/augment"
	"framewise/corpus"
	"framewise/corpus/audio"
	"framewise/dataset"
	"framewise/pipelines"
)

// The plain loop that builds are held against: what one would write without an
// engine, for one machine on which nothing fails. It reads the manifest, plans
// with augment.Plan, and has every core make one shard after the other: read,
// render, extract, write with SHA-256, fsync, rename. It checks no recording's
// checksum, keeps nothing that stands, counts nothing and watches nobody; its
// shards are the build's, byte for byte.

// listing is a plan: every shard's recipes in row order.
type listing struct {
	rate       int
	labels     *corpus.LabelSet
	utterances map[string]*corpus.Utterance // nil unless they were asked for
	shards     []shardOf
}

type shardOf struct {
	split   string
	n, of   int
	recipes []augment.Recipe
}

// list reads a manifest and plans.
func list(manifest string, c pipelines.BuildConfig, keep bool) (*listing, error) {
	f, err := os.Open(manifest)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	l := &listing{}
	if keep {
		l.utterances = map[string]*corpus.Utterance{}
	}
	var members []augment.Member
	err = corpus.ReadManifest(f, manifest, func(_ int, ref corpus.LineRef, u *corpus.Utterance, err error) error {
		if err != nil {
			return err
		}
		if l.labels == nil && u.LabelSet != "" {
			if l.labels, err = corpus.LoadLabelSet(u.LabelSet, filepath.Dir(manifest)); err != nil {
				return err
			}
		}
		if keep {
			l.utterances[u.ID] = u
		}
		l.rate = u.Rate
		members = append(members, augment.Member{ID: u.ID, Ref: augment.Ref(ref), Split: u.Split, Speaker: u.Speaker, Rate: u.Rate, Samples: u.NumSamples()})
		return nil
	})
	if err != nil {
		return nil, err
	}
	return l, l.divide(members, c)
}

// divide plans and sorts the recipes into shards.
func (l *listing) divide(members []augment.Member, c pipelines.BuildConfig) error {
	m, err := pipelines.NewMaker(c, l.rate, l.labels)
	if err != nil {
		return err
	}
	byID := make(map[string]augment.Member, len(members))
	for _, m := range members {
		byID[m.ID] = m
	}
	recipes := augment.Plan(members, c.Augment, c.Seed, l.rate)
	weight := map[string]int64{}
	for _, r := range recipes {
		n := r.NumSamples(l.rate, func(id string) augment.Member { return byID[id] })
		weight[r.Split] += c.Shard.RowBytes(int64(m.Framing().NumFrames(int(n))), m.Features())
	}
	first := map[string]int{}
	for split, bytes := range weight {
		first[split] = len(l.shards)
		of := c.Shard.NumShards(bytes)
		for n := range of {
			l.shards = append(l.shards, shardOf{split: split, n: n, of: of})
		}
	}
	for _, r := range recipes {
		at := first[r.Split]
		s := &l.shards[at+dataset.ShardOf(r.ID, l.shards[at].of)]
		s.recipes = append(s.recipes, r)
	}
	for _, s := range l.shards {
		keys := make(map[string]uint64, len(s.recipes))
		for _, r := range s.recipes {
			keys[r.ID] = dataset.RowKey(r.ID)
		}
		slices.SortFunc(s.recipes, func(a, b augment.Recipe) int {
			return cmp.Or(cmp.Compare(keys[a.ID], keys[b.ID]), strings.Compare(a.ID, b.ID))
		})
	}
	return nil
}

// loop makes all shards, each worker one at a time.
func loop(manifest string, c pipelines.BuildConfig, out string, workers int) error {
	l, err := list(manifest, c, true)
	if err != nil {
		return err
	}
	todo := make(chan shardOf, len(l.shards))
	for _, s := range l.shards {
		todo <- s
	}
	close(todo)
	failed := make([]error, workers)
	var wait sync.WaitGroup
	for w := range workers {
		wait.Go(func() {
			m, err := pipelines.NewMaker(c, l.rate, l.labels)
			for s := range todo {
				if err == nil {
					err = l.make(m, manifest, c, out, s)
				}
			}
			failed[w] = err
		})
	}
	wait.Wait()
	return errors.Join(failed...)
}

func (l *listing) utterance(p augment.Part) (*corpus.Utterance, error) {
	return l.utterances[p.Utterance], nil
}

// make makes one shard.
func (l *listing) make(m *pipelines.Maker, manifest string, c pipelines.BuildConfig, out string, s shardOf) error {
	h := dataset.Header{Split: s.split, Shard: s.n, Shards: s.of, LabelSet: l.labels, Features: c.Features, F: m.Features()}
	var err error
	if h.Digest, err = pipelines.Digest(c, l.rate, h, s.recipes, l.utterance, nil); err != nil {
		return err
	}
	path := filepath.Join(out, filepath.FromSlash(dataset.ShardName(s.split, s.n, s.of)))
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	f, err := os.Create(path + ".part")
	if err != nil {
		return err
	}
	defer f.Close()
	w, err := dataset.NewWriter(f, h, c.Shard)
	if err != nil {
		return err
	}
	for _, r := range s.recipes {
		ex, err := m.Make(r, func(p augment.Part) (*augment.Source, error) { return load(manifest, l.utterances[p.Utterance]) })
		if err != nil {
			return err
		}
		if err := w.Write(ex); err != nil {
			return err
		}
	}
	if _, err := w.Close(); err != nil {
		return err
	}
	if err := os.WriteFile(path+".sha256", []byte(w.SHA256()), 0o644); err != nil {
		return err
	}
	if err := errors.Join(f.Sync(), f.Close()); err != nil {
		return err
	}
	return os.Rename(path+".part", path)
}

// load reads an utterance's samples.
func load(manifest string, u *corpus.Utterance) (*augment.Source, error) {
	samples, rate, err := audio.Load(corpus.ResolveURI(manifest, u.URI), u.Channel, u.Begin, u.End)
	if err != nil {
		return nil, fmt.Errorf("utterance %q: %w", u.ID, err)
	}
	return &augment.Source{Samples: samples, Rate: rate, Begin: u.Begin, Alignment: u.Alignment, Speaker: u.Speaker, Text: u.Text, Phones: u.Phones}, nil
}
