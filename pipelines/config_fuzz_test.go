package pipelines

import (
	"encoding/json"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"

	"framewise/augment"
	"framewise/corpus"
	"framewise/dataset"
	"framewise/internal/fuzzing"
)

// FuzzBuildConfig: what a build.yaml says and Validate allows is the same after
// it was written as YAML and as JSON, and plans a small corpus: each example in
// the split of its parts. What is refused is refused by file and key.
func FuzzBuildConfig(f *testing.F) {
	text, err := yaml.Marshal(BuildRecord{BuildConfig: DefaultBuildConfig(), Corpus: "/corpus.jsonl"})
	if err != nil {
		f.Fatal(err)
	}
	f.Add(text)
	f.Add([]byte("augment: {concat: {copies: 3, min: 2, max: 9, partner: same-speaker, leftovers: wrap}, speed: {factors: [0.9, 1.1]}, narrowband: {mode: off}}\n"))
	f.Add([]byte("augment: {splits: [dev, test], originals: false, concat: {copies: 1000, gap_ms: [0, 60000], max_seconds: 1e-300}}\nshard: {count: 3}\n"))
	f.Add([]byte("sample_rate: 8000\nmax_rejects: 0.5\nseed: 18446744073709551615\nfeatures: &f {preset: kaldi-mfcc}\n"))
	f.Add([]byte("max_rejects: NaN%\nsample_rate: 1e3\nshard: {size_mib: 9223372036854775807}\n"))
	var members []augment.Member
	for i, split := range []string{corpus.Train, corpus.Dev, corpus.Train, corpus.Test, corpus.Train, corpus.Dev, corpus.Train} {
		id := string(rune('a' + i))
		members = append(members, augment.Member{ID: id, Split: split, Speaker: id[:1], Rate: 16000, Samples: int64(1000 * (i + 1))})
	}
	dir := f.TempDir()
	f.Fuzz(func(t *testing.T, text []byte) {
		fuzzing.Overwrite(t, filepath.Join(dir, dataset.ConfigName), text)
		r, err := ReadRecord(t.Context(), dir)
		if err != nil {
			if !strings.Contains(err.Error(), dir) {
				t.Fatalf("the error does not name the file: %v", err)
			}
			return
		}
		c := r.BuildConfig
		if c.Validate() != nil {
			return
		}
		y, err := yaml.Marshal(c)
		if err != nil {
			t.Fatal(err)
		}
		j, err := json.Marshal(c)
		if err != nil {
			t.Fatal(err)
		}
		var fromYAML, fromJSON BuildConfig
		if err := yaml.Unmarshal(y, &fromYAML); err != nil {
			t.Fatalf("%v\n%s", err, y)
		}
		if err := json.Unmarshal(j, &fromJSON); err != nil {
			t.Fatalf("%v\n%s", err, j)
		}
		for _, got := range []BuildConfig{fromYAML, fromJSON} {
			if again, err := json.Marshal(got); err != nil || string(again) != string(j) {
				t.Fatalf("%s came back as %s (%v)\n%s", j, again, err, y)
			}
		}
		if (1+c.Augment.Concat.Copies)*len(c.Augment.Variants()) > 200 {
			return // a plan that takes a moment
		}
		splitOf := map[string]string{}
		for _, m := range members {
			splitOf[m.ID] = m.Split
		}
		rate := int(c.SampleRate)
		if rate == 0 {
			rate = 16000
		}
		plan := augment.Plan(members, c.Augment, c.Seed, rate)
		for _, r := range plan {
			for _, p := range r.Parts {
				if splitOf[p.Utterance] != r.Split {
					t.Fatalf("%+v has a part of %s", r, splitOf[p.Utterance])
				}
			}
		}
		if again := augment.Plan(members, fromJSON.Augment, fromJSON.Seed, rate); !reflect.DeepEqual(plan, again) {
			t.Fatalf("%+v is not %+v", plan, again)
		}
	})
}
