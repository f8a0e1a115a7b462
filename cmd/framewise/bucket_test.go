package main

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"framewise/dataset"
	"framewise/dataset/gcs/gcstest"
)

// The line of a user whose corpus and dataset lie in buckets: the same
// dataset.json as on a disk, and every command that reads one.
func TestTheLineInBuckets(t *testing.T) {
	gcstest.Start(t, "corpora", "data")
	dir := t.TempDir()
	at := func(name string) string { return filepath.Join(dir, name) }
	cache := []string{"--cache", at("cache")}
	t.Setenv(dataset.CacheEnv, "") // put back what --cache sets
	must(t, "synth", "--out", at("corpus/speech"), "--speakers", "6", "--sentences", "3")
	must(t, "import", "timit", at("corpus/speech"), "--out", at("corpus/c.jsonl"), "--dev-speakers", "1")
	gcstest.Upload(t, at("corpus"), "gs://corpora/made")
	must(t, "build", "--corpus", at("corpus/c.jsonl"), "--shards", "2", "--out", at("data"))

	in := func(args ...string) string { t.Helper(); return must(t, append(args, cache...)...) }
	mustContain(t, "check", in("check", "gs://corpora/made/c.jsonl"), "0 errors")
	mustContain(t, "plan", in("plan", "--corpus", "gs://corpora/made/c.jsonl"), "train")
	in("build", "--corpus", "gs://corpora/made/c.jsonl", "--shards", "2", "--out", "gs://data/d")
	local, err := dataset.Open(t.Context(), at("data"))
	if err != nil {
		t.Fatal(err)
	}
	remote, err := dataset.Open(t.Context(), "gs://data/d")
	if err != nil || remote.SHA256() != local.SHA256() {
		t.Fatalf("dataset.json of the bucket: %v, want the SHA-256 of the local one", err)
	}
	mustContain(t, "verify", in("verify", "gs://data/d"), "all as dataset.json says")
	mustContain(t, "inspect", in("inspect", "gs://data/d"), "timit61")
	mustContain(t, "inspect shard", in("inspect", "gs://data/d/"+local.Manifest.Splits[0].Shards[0].Path), "timit61")
	in("train", "--data", "gs://data/d", "--out", at("run"), "--set", "epochs=1", "--set", "hidden=8", "--set", "threads=1")
	mustContain(t, "eval", in("eval", "--run", at("run"), "--data", "gs://data/d"), "frame accuracy")
	in("report", "gs://data/d", at("run"), "--out", at("report.html"))
	in("render", "gs://data/d", concatenation(t, remote), "--out", at("x.wav"))
	in("export", "gs://data/d", "--format", "webdataset", "--out", at("wds"))

	store, err := dataset.OpenStore(t.Context(), "gs://data/d")
	if err != nil {
		t.Fatal(err)
	}
	shard := local.Manifest.Splits[0].Shards[0].Path
	b, err := store.ReadFile(t.Context(), shard)
	if err != nil {
		t.Fatal(err)
	}
	b[len(b)/2] ^= 1
	if err := store.WriteFile(t.Context(), shard, b); err != nil {
		t.Fatal(err)
	}
	if code, _, stderr := call(t, append([]string{"verify", "gs://data/d"}, cache...)...); code != exitWrong || !strings.Contains(stderr, shard) {
		t.Errorf("verify of a damaged shard: exit code %d, %s", code, stderr)
	}
}

// A line whose corpus and dataset lie in buckets is kept and made again like one
// of local files.
func TestRunInBuckets(t *testing.T) {
	gcstest.Start(t, "corpora", "data")
	t.Setenv(dataset.CacheEnv, t.TempDir())
	dir := t.TempDir()
	at := func(name string) string { return filepath.Join(dir, name) }
	must(t, "synth", "--out", at("corpus/speech"), "--speakers", "5", "--sentences", "3")
	must(t, "import", "timit", at("corpus/speech"), "--out", at("corpus/c.jsonl"), "--dev-speakers", "1")
	gcstest.Upload(t, at("corpus"), "gs://corpora/made")
	file := at("p.yaml")
	text := `
corpus: gs://corpora/made/c.jsonl
build: {out: gs://data/d, shard: {count: 1}, augment: {concat: {copies: 0}}}
train: {out: run, epochs: 1, hidden: 8, threads: 1}
eval: {splits: [test]}
report: report.html
`
	if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	store, err := dataset.OpenStore(t.Context(), "gs://data/d")
	if err != nil {
		t.Fatal(err)
	}
	for _, step := range []struct {
		what   string
		change func() error
		want   string
	}{
		{"the first time", nil, "build train eval test report"},
		{"again", nil, ""},
		{"a shard is gone", func() error { return store.Remove(t.Context(), dataset.ShardName("dev", 0, 1)) }, "build"},
		{"another corpus", func() error {
			must(t, "import", "timit", at("corpus/speech"), "--out", at("corpus/c.jsonl"), "--dev-speakers", "2")
			gcstest.Upload(t, at("corpus"), "gs://corpora/made")
			return nil
		}, "build train eval test report"},
	} {
		if step.change != nil {
			if err := step.change(); err != nil {
				t.Fatal(err)
			}
		}
		if made, out := runLine(t, file); made != step.want || out.Eval["test"] == nil {
			t.Errorf("%s: made %q, want %q", step.what, made, step.want)
		}
	}
}

func TestWrongPlacesExitAsTheyShould(t *testing.T) {
	gcstest.Start(t, "b")
	t.Setenv(dataset.CacheEnv, t.TempDir())
	manifest := filepath.Join(t.TempDir(), "c.jsonl")
	if err := os.WriteFile(manifest, nil, 0o644); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		code int
		want string
		args []string
	}{
		{exitUsage, "gs://BUCKET/FOLDER", []string{"verify", "gs://"}},
		{exitUsage, "gs://BUCKET/FOLDER", []string{"verify", "s3://b/d"}},
		{exitUsage, "gs://BUCKET/FOLDER", []string{"build", "--corpus", manifest, "--out", "ftp://b/d"}},
		{exitUsage, "does not exist", []string{"build", "--corpus", "gs://b/none.jsonl", "--out", "gs://b/d"}},
		{exitWrong, "not a dataset", []string{"verify", "gs://b/d"}},
		{exitWrong, "not a dataset", []string{"inspect", "gs://b/d"}},
	} {
		if code, stdout, stderr := call(t, c.args...); code != c.code || !strings.Contains(stderr, c.want) {
			t.Errorf("%q: exit code %d, want %d and %q\n%s%s", c.args, code, c.code, c.want, stdout, stderr)
		}
	}
}

// Who stops an evaluation does not wait for a store.
func TestNeedSplitStopsWithItsContext(t *testing.T) {
	gcstest.Start(t, "b")
	ctx, stop := context.WithCancel(t.Context())
	stop()
	if err := needSplit(ctx, "gs://b/d", "test"); !errors.Is(err, context.Canceled) {
		t.Errorf("error %v, want %v", err, context.Canceled)
	}
}

// callAll is call, with what libraries print past the command.
func callAll(t *testing.T, args ...string) (code int, stdout, stderr string) {
	t.Helper()
	f, err := os.Create(filepath.Join(t.TempDir(), "stderr"))
	if err != nil {
		t.Fatal(err)
	}
	old := os.Stderr
	os.Stderr = f
	code, stdout, stderr = call(t, args...)
	os.Stderr = old
	b, err := os.ReadFile(f.Name())
	if err = errors.Join(err, f.Close()); err != nil {
		t.Fatal(err)
	}
	return code, stdout, stderr + string(b)
}

// Whatever goes wrong between credentials and bucket, no message shows any.
func TestNoCredentialIsPrinted(t *testing.T) {
	const canary = "c4n4ry0123456789abcdef"
	t.Setenv(dataset.CacheEnv, t.TempDir())
	refuses := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(http.StatusUnauthorized)
		_, _ = w.Write([]byte(`{"error":"invalid_grant","error_description":"no such token: Bearer ` + canary + `","access_token":"` + canary + `"}`))
	}))
	defer refuses.Close()
	dir := t.TempDir()
	subject, credentials := filepath.Join(dir, "subject"), filepath.Join(dir, "credentials.json")
	b, err := json.Marshal(map[string]any{"type": "external_account", "audience": "//iam.googleapis.com/projects/1/locations/global/workloadIdentityPools/p/providers/q",
		"subject_token_type": "urn:ietf:params:oauth:token-type:jwt", "token_url": refuses.URL + "/v1/token?token=" + canary,
		"client_id": "id", "client_secret": canary, "credential_source": map[string]any{"file": subject}})
	if err := errors.Join(err, os.WriteFile(subject, []byte(canary), 0o600), os.WriteFile(credentials, b, 0o600)); err != nil {
		t.Fatal(err)
	}
	t.Setenv("STORAGE_EMULATOR_HOST", "")
	for name, file := range map[string]string{
		"refused by the token server": credentials,
		"credentials that are none":   subject,
		"credentials not there":       filepath.Join(dir, "none.json"),
	} {
		t.Run(name, func(t *testing.T) {
			t.Setenv("GOOGLE_APPLICATION_CREDENTIALS", file)
			t.Setenv("GOOGLE_SDK_GO_LOGGING_LEVEL", "debug")
			code, stdout, stderr := callAll(t, "verify", "-v", "gs://bucket/folder")
			if code != exitEnvironment {
				t.Errorf("exit code %d, want %d\n%s", code, exitEnvironment, stderr)
			}
			if strings.Contains(stderr, "api request") || strings.Contains(stdout+stderr, canary) {
				t.Errorf("a credential is printed:\n%s%s", stdout, stderr)
			}
		})
	}
}
