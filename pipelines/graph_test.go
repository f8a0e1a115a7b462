package pipelines

import (
	"errors"
	"path/filepath"
	"reflect"
	"testing"

	"github.com/apache/beam/sdks/v2/go/pkg/beam"
	"github.com/apache/beam/sdks/v2/go/pkg/beam/register"
	"github.com/apache/beam/sdks/v2/go/pkg/beam/testing/passert"
	"github.com/apache/beam/sdks/v2/go/pkg/beam/testing/ptest"

	"framewise/augment"
	"framewise/corpus"
)

func init() { register.Function2x1(spell) }

// spell writes a keyed recipe as text, which passert can compare.
func spell(shard int, r augment.Recipe) string { return placed(shard, r) }

func placed(shard int, r augment.Recipe) string {
	return string(encodeRecipe(r)) + "@" + string(rune('0'+shard))
}

// Beam plans the very recipes that augment.Plan lists, each for its shard.
func TestPlanExamples(t *testing.T) {
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
		s, err := NewSurvey(path, cfg, nil)
		if err != nil {
			t.Fatal(err)
		}
		j := newJob(s, "plan", t.TempDir(), 1)
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

func TestCoders(t *testing.T) {
	m := augment.Member{ID: "a/b é", Ref: augment.Ref{Offset: 1 << 40, Length: 77}, Split: "train", Speaker: "", Rate: 44100, Samples: 123456789}
	if got, err := decodeMember(encodeMember(m)); err != nil || got != m {
		t.Errorf("member %+v (%v), want %+v", got, err, m)
	}
	r := augment.Recipe{ID: "concat/1/0", Split: "dev", Variant: augment.Narrowband, Parts: []augment.Part{
		{Utterance: "x", Ref: augment.Ref{Offset: 5, Length: 6}}, {Utterance: "y", Gap: 3200}}}
	b := encodeRecipe(r)
	if got, err := decodeRecipe(b); err != nil || !reflect.DeepEqual(got, r) {
		t.Errorf("recipe %+v (%v), want %+v", got, err, r)
	}
	for n := range b {
		if _, err := decodeRecipe(b[:n]); err == nil {
			t.Errorf("the first %d of %d bytes are a recipe", n, len(b))
		}
	}
}

func FuzzDecodeRecipe(f *testing.F) {
	f.Add(encodeRecipe(augment.Recipe{ID: "a", Split: "b", Variant: "c", Parts: []augment.Part{{Utterance: "d"}}}))
	f.Fuzz(func(t *testing.T, b []byte) {
		r, err := decodeRecipe(b)
		if err != nil {
			return
		}
		if again, err := decodeRecipe(encodeRecipe(r)); err != nil || !reflect.DeepEqual(again, r) {
			t.Errorf("%+v comes back as %+v (%v)", r, again, err)
		}
		if _, err := decodeMember(b); err != nil && !errors.Is(err, errShort) {
			t.Error(err)
		}
	})
}
