package pipelines

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/apache/beam/sdks/v2/go/pkg/beam"
	"github.com/apache/beam/sdks/v2/go/pkg/beam/register"
	"github.com/apache/beam/sdks/v2/go/pkg/beam/testing/passert"
	"github.com/apache/beam/sdks/v2/go/pkg/beam/testing/ptest"

	"framewise/augment"
	"framewise/corpus"
	"framewise/dataset"
)

func init() { register.Function3x0(spell); register.Emitter1[string]() }

// spell writes keyed recipes as text, which passert can compare.
func spell(shard int, b RecipeBatch, emit func(string)) {
	for _, r := range b.Recipes {
		emit(placed(shard, r))
	}
}

func placed(shard int, r augment.Recipe) string { return fmt.Sprintf("%d: %+v", shard, r) }

// Beam plans the very recipes that augment.Plan lists, each for its shard.
func TestPlanExamples(t *testing.T) {
	batchSize = 300 // several ranges and decks
	t.Cleanup(func() { batchSize = 1 << 14 })
	for _, partner := range []string{augment.PartnerAny, augment.PartnerSame, augment.PartnerDifferent} {
		path := filepath.Join(t.TempDir(), "corpus.jsonl")
		us := paper(1100, func(i int, u *corpus.Utterance) {
			if i%9 == 0 {
				u.Split, u.Speaker = corpus.Test, "t"
			}
			if i%100 == 1 {
				u.Problem = &corpus.Problem{Reason: corpus.MissingAudio, Detail: "gone"}
			}
		})
		writeManifest(t, path, us)
		shuffleLines(t, path)
		cfg := DefaultBuildConfig()
		cfg.Augment.Concat.Copies, cfg.Augment.Concat.Partner = 2, partner
		cfg.Shard.Count = 4
		s, err := NewSurvey(t.Context(), path, cfg, nil)
		if err != nil {
			t.Fatal(err)
		}
		j := newJob(s, "plan", t.TempDir(), 1)
		if len(j.Ranges) != 4 || decks(j.Members) != 3 {
			t.Fatalf("%d ranges and %d decks, want 4 and 3", len(j.Ranges), decks(j.Members))
		}
		var want []any
		for _, r := range augment.Plan(s.Members, cfg.Augment, cfg.Seed, s.Rate) {
			n, err := j.shardOf(r.Split, r.ID)
			if err != nil {
				t.Fatal(err)
			}
			want = append(want, placed(n, r))
		}
		ptest.BuildAndRun(t, func(scope beam.Scope) {
			passert.Equals(scope, beam.ParDo(scope, spell, PlanExamples(scope, j)), want...)
		})
	}
}

// A rehearsal plans what a build plans, and sees what is not as planned.
func TestRehearse(t *testing.T) {
	path := filepath.Join(t.TempDir(), "corpus.jsonl")
	us := paper(40, nil)
	writeManifest(t, path, us)
	opt := BuildOptions{Manifest: path, Config: config(), Run: prism}
	p, err := Rehearse(context.Background(), opt)
	if err != nil {
		t.Fatal(err)
	}
	s, err := NewSurvey(t.Context(), path, opt.Config, nil)
	if err != nil {
		t.Fatal(err)
	}
	if want := s.Plan(); !reflect.DeepEqual(p, want) || p.Total.Examples <= 80 {
		t.Errorf("rehearsed %+v, want %+v", p, want)
	}
	opt.Run = func(ctx context.Context, p *beam.Pipeline, activity func() int64) error {
		us[7].Split = corpus.Dev // between the survey and the pipeline
		us[7].Speaker = "d"
		writeManifest(t, path, us)
		return prism(ctx, p, activity)
	}
	if _, err := Rehearse(context.Background(), opt); err == nil || !strings.Contains(err.Error(), "utterance") && !strings.Contains(err.Error(), "split") {
		t.Errorf("a manifest that changed: %v, want an error that says so", err)
	}
	opt.Run = func(context.Context, *beam.Pipeline, func() int64) error { return nil }
	if _, err := Rehearse(context.Background(), opt); !errors.Is(err, dataset.ErrReconcile) {
		t.Errorf("a run that did nothing: %v, want ErrReconcile", err)
	}
}

var someMembers = MemberBatch{[]augment.Member{
	{ID: "a/b é", Ref: augment.Ref{Offset: 1 << 40, Length: 77}, Split: "train", Speaker: "", Rate: 44100, Samples: 123456789},
	{ID: "c", Split: "train", Speaker: "F"}, {ID: "d", Split: "dev", Speaker: "F"}}}

var someRecipes = RecipeBatch{[]augment.Recipe{
	{ID: "concat/1/0", Split: "dev", Variant: augment.Narrowband, Parts: []augment.Part{
		{Utterance: "x", Ref: augment.Ref{Offset: 5, Length: 6}}, {Utterance: "y", Gap: 3200}}},
	{ID: "x", Split: "dev", Variant: augment.Original, Parts: []augment.Part{{Utterance: "x"}}},
	{ID: "x+nb", Split: "dev", Variant: augment.Narrowband, Parts: []augment.Part{{Utterance: "x", Ref: augment.Ref{Offset: 1, Length: 2}}}}}}

func TestCoders(t *testing.T) {
	for _, r := range []ManifestRange{{}, {Offset: 1 << 40, Length: 3, Line: 99}} {
		if got, err := decodeRange(encodeRange(r)); err != nil || got != r {
			t.Errorf("range %+v (%v), want %+v", got, err, r)
		}
	}
	m := encodeMembers(someMembers)
	if got, err := decodeMembers(m); err != nil || !reflect.DeepEqual(got, someMembers) {
		t.Errorf("members %+v (%v), want %+v", got, err, someMembers)
	}
	r := encodeRecipes(someRecipes)
	if got, err := decodeRecipes(r); err != nil || !reflect.DeepEqual(got, someRecipes) {
		t.Errorf("recipes %+v (%v), want %+v", got, err, someRecipes)
	}
	for n := range m {
		if _, err := decodeMembers(m[:n]); err == nil {
			t.Errorf("the first %d of %d bytes are members", n, len(m))
		}
	}
	for n := range r {
		if _, err := decodeRecipes(r[:n]); err == nil {
			t.Errorf("the first %d of %d bytes are recipes", n, len(r))
		}
	}
}

func FuzzDecodeRecipe(f *testing.F) {
	f.Add(encodeRecipes(someRecipes))
	f.Add(encodeMembers(someMembers))
	f.Fuzz(func(t *testing.T, b []byte) {
		if _, err := decodeMembers(b); err != nil && !errors.Is(err, errShort) {
			t.Error(err)
		}
		r, err := decodeRecipes(b)
		if err != nil {
			return
		}
		if again, err := decodeRecipes(encodeRecipes(r)); err != nil || !reflect.DeepEqual(again, r) {
			t.Errorf("%+v comes back as %+v (%v)", r, again, err)
		}
	})
}
