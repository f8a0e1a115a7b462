package main

import (
	"path/filepath"
	"testing"

	"go.yaml.in/yaml/v3"

	"framewise/internal/fuzzing"
	"framewise/model/train"
	"framewise/pipelines"
)

// FuzzResolve lays a file and a setting over the defaults of build and train:
// whatever is wrong is an error of the call, and what the two resolve to is a
// file that resolves to the same.
func FuzzResolve(f *testing.F) {
	f.Add([]byte("corpus: a.jsonl\naugment: {concat: {copies: 2}}\nfeatures: {num_filters: 80}\n"), "shard.count=3")
	f.Add([]byte("hidden: 5\npreset: post\noptimizer:\n  name: sgd\n"), "batch={utterances: 1}")
	f.Add([]byte("a: &a {b: *a}\n"), "augment.splits=[test]")
	f.Add([]byte("augment: &x {splits: [train]}\nfeatures: *x\n<<: *x\n"), "augment.concat=1")
	f.Add([]byte("- 1\n---\nseed: 1\n"), "=")
	f.Add([]byte("? [a, b]\n: 1\nseed: !!binary aGk=\n"), "seed..x=:")
	file := filepath.Join(f.TempDir(), "config.yaml")
	resolve := func(t *testing.T, text []byte, sets []string, dsts ...any) error {
		fuzzing.Overwrite(t, file, text)
		return (&configFlags{file: file, sets: sets}).resolve(dsts...)
	}
	f.Fuzz(func(t *testing.T, text []byte, set string) {
		build := buildFile{Config: pipelines.DefaultBuildConfig()}
		learn := train.DefaultConfig()
		for _, err := range []error{
			resolve(t, text, []string{set}, &build.Config, &build.Places),
			resolve(t, text, []string{set}, &learn),
		} {
			if err != nil && exitCode(err) != exitUsage {
				t.Fatalf("exit code %d for %v", exitCode(err), err)
			}
		}
		if resolve(t, text, []string{set}, &learn) != nil || learn.Validate() != nil {
			return
		}
		whole, err := yaml.Marshal(learn)
		if err != nil {
			t.Fatal(err)
		}
		again := train.DefaultConfig()
		if err := resolve(t, whole, nil, &again); err != nil || again != learn {
			t.Fatalf("%+v came back as %+v, %v", learn, again, err)
		}
	})
}
