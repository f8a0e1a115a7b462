package pipelines

import (
	"bytes"
	"context"
	"errors"
	"io/fs"
	"net/http"
	"os"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/apache/beam/sdks/v2/go/pkg/beam"

	"framewise/corpus"
	"framewise/dataset"
	_ "framewise/dataset/gcs"
	"framewise/dataset/gcs/gcstest"
)

// bucketCorpus uploads a small corpus, and returns the path of its local
// manifest and the URI of the other.
func bucketCorpus(t *testing.T) (s *gcstest.Server, local, remote string) {
	t.Helper()
	s = gcstest.Start(t, "corpora", "data")
	t.Setenv(dataset.CacheEnv, t.TempDir())
	dir := t.TempDir()
	local, _ = small.write(t, dir)
	gcstest.Upload(t, dir, "gs://corpora/c")
	return s, local, "gs://corpora/c/corpus.jsonl"
}

func open(t *testing.T, uri string) dataset.Store {
	t.Helper()
	s, err := dataset.OpenStore(t.Context(), uri)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// objects is contents of a folder in a bucket, without build.yaml, which says
// where the corpus was.
func objects(t *testing.T, uri string) map[string][]byte {
	t.Helper()
	s := open(t, uri)
	files, err := s.List(t.Context(), ".")
	if err != nil {
		t.Fatal(err)
	}
	all := map[string][]byte{}
	for _, f := range files {
		if f.Name == dataset.ConfigName || strings.HasPrefix(f.Name, ".build/") {
			continue
		}
		if all[f.Name], err = s.ReadFile(t.Context(), f.Name); err != nil {
			t.Fatal(err)
		}
	}
	return all
}

// localObjects is what objects of the same build ought to be.
func localObjects(t *testing.T, manifest string) map[string][]byte {
	t.Helper()
	out := t.TempDir()
	mustBuild(t, BuildOptions{Manifest: manifest, Out: out, Config: config()})
	all := contents(t, out)
	delete(all, dataset.ConfigName)
	return all
}

// everyNth answers every n-th request with a 503.
func everyNth(n int64) gcstest.Fault {
	var count atomic.Int64
	return func(w http.ResponseWriter, r *http.Request, next http.Handler) {
		if count.Add(1)%n == 0 {
			http.Error(w, "busy", http.StatusServiceUnavailable)
			return
		}
		next.ServeHTTP(w, r)
	}
}

func isShard(r *http.Request) bool {
	return strings.HasPrefix(r.URL.Path, "/upload/") && strings.HasSuffix(r.URL.Query().Get("name"), ".arrow")
}

// From a bucket into a bucket, through a service that is busy now and then, come
// the bytes of the local build; killed in its middle and run again, too.
func TestBuildInBucket(t *testing.T) {
	s, manifest, remote := bucketCorpus(t)
	want := localObjects(t, manifest)
	opt := BuildOptions{Manifest: remote, Out: "gs://data/one", Config: config()}

	s.Break(everyNth(11))
	r := mustBuild(t, opt)
	s.Break(nil)
	sameContents(t, "in a bucket", objects(t, "gs://data/one"), want)
	if report, err := dataset.Verify(t.Context(), "gs://data/one", nil); err != nil || report.Shards != r.ShardsMade {
		t.Errorf("verify: %+v, %v", report, err)
	}
	if again := mustBuild(t, opt); again.ShardsMade != 0 || again.SHA256 != r.SHA256 {
		t.Errorf("built again: %+v, want nothing made", again)
	}

	opt.Out, opt.Run = "gs://data/two", prism
	ctx, kill := context.WithCancel(t.Context())
	defer kill()
	var uploads atomic.Int64
	s.Break(func(w http.ResponseWriter, r *http.Request, next http.Handler) {
		if isShard(r) && uploads.Add(1) == 2 {
			kill()
		}
		next.ServeHTTP(w, r)
	})
	if _, err := Build(ctx, opt); err == nil {
		t.Error("killed, and no error")
	}
	s.Break(nil)
	if _, err := dataset.Open(t.Context(), "gs://data/two"); !errors.Is(err, dataset.ErrUnfinished) {
		t.Errorf("after a kill: %v, want %v", err, dataset.ErrUnfinished)
	}
	r = mustBuild(t, opt)
	sameContents(t, "killed and run again", objects(t, "gs://data/two"), want)
	t.Logf("after the kill %d shards were kept, %d made", r.ShardsKept, r.ShardsMade)
}

// What is wrong with a recording in a bucket is a reject; a bucket that cannot
// be read is an error.
func TestRemoteRecordings(t *testing.T) {
	s, _, remote := bucketCorpus(t)
	store := open(t, "gs://corpora/c")
	files, err := store.List(t.Context(), "train")
	if err != nil {
		t.Fatal(err)
	}
	changedFile, missing := files[0].Name, files[1].Name
	b, err := store.ReadFile(t.Context(), changedFile)
	if err != nil {
		t.Fatal(err)
	}
	b[len(b)-1] ^= 1
	if err := errors.Join(store.WriteFile(t.Context(), changedFile, b), store.Remove(t.Context(), missing)); err != nil {
		t.Fatal(err)
	}
	opt := BuildOptions{Manifest: remote, Out: "gs://data/rejects", Config: config(), Run: prism}
	opt.Config.MaxRejects = MaxRejects{Count: 2}
	if r := mustBuild(t, opt); r.Rejects[corpus.AudioChanged] != 1 || r.Rejects[corpus.MissingAudio] != 1 || r.Counts.Rejected != 2 {
		t.Errorf("rejects %v, want one changed and one missing", r.Rejects)
	}

	s.Break(func(w http.ResponseWriter, r *http.Request, next http.Handler) {
		if strings.HasSuffix(r.URL.Path, ".wav") {
			http.Error(w, "no", http.StatusForbidden)
			return
		}
		next.ServeHTTP(w, r)
	})
	t.Setenv(dataset.CacheEnv, t.TempDir())
	opt.Out = "gs://data/forbidden"
	if _, err := Build(t.Context(), opt); !errors.Is(err, fs.ErrPermission) {
		t.Errorf("recordings that must not be read: %v, want a denied permission", err)
	}
	if _, err := dataset.Open(t.Context(), "gs://data/forbidden"); !errors.Is(err, dataset.ErrUnfinished) {
		t.Errorf("%v, want %v", err, dataset.ErrUnfinished)
	}
}

// A copy that was damaged in the cache is no changed recording: it is fetched
// again, once, whoever asks for it at the same time.
func TestDamagedCopyIsMended(t *testing.T) {
	_, local, remote := bucketCorpus(t)
	f, err := os.Open(local)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var u *corpus.Utterance
	err = corpus.ReadManifest(f, local, func(_ int, _ corpus.LineRef, first *corpus.Utterance, err error) error {
		if u == nil {
			u = first
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	uri := corpus.ResolveURI(remote, u.URI)
	want, err := LoadSource(t.Context(), remote, u)
	if err != nil {
		t.Fatal(err)
	}
	damage := func() {
		t.Helper()
		path, err := dataset.LocalCopyOf(t.Context(), uri, u.SHA256, -1)
		if err != nil {
			t.Fatal(err)
		}
		flip(t, path)
		old := time.Now().Add(-time.Hour)
		if err := os.Chtimes(path, old, old); err != nil {
			t.Fatal(err)
		}
	}
	damage()
	errs := make(chan error)
	const readers = 16
	for range readers {
		go func() {
			got, err := LoadSource(t.Context(), remote, u)
			if err == nil && !slices.Equal(got.Samples, want.Samples) {
				err = errors.New("it has other samples")
			}
			errs <- err
		}()
	}
	for range readers {
		if err := <-errs; err != nil {
			t.Error(err)
		}
	}

	damage()
	b, err := open(t, "gs://corpora/c").ReadFile(t.Context(), u.URI)
	if err != nil {
		t.Fatal(err)
	}
	b[len(b)-1] ^= 1
	if err := open(t, "gs://corpora/c").WriteFile(t.Context(), u.URI, b); err != nil {
		t.Fatal(err)
	}
	var bad *corpus.Problem
	if _, err := LoadSource(t.Context(), remote, u); !errors.As(err, &bad) || bad.Reason != corpus.AudioChanged {
		t.Errorf("a damaged copy of a changed recording: %v, want %s", err, corpus.AudioChanged)
	}
}

// A manifest in a bucket that is replaced while the build runs is noticed, and
// the loss of its copy is no change.
func TestRemoteManifestWhileBuilding(t *testing.T) {
	_, local, remote := bucketCorpus(t)
	want := localObjects(t, local)
	opt := BuildOptions{Manifest: remote, Out: "gs://data/evicted", Config: config()}
	opt.Run = func(ctx context.Context, p *beam.Pipeline, activity func() int64) error {
		return errors.Join(prism(ctx, p, activity), os.RemoveAll(os.Getenv(dataset.CacheEnv)))
	}
	mustBuild(t, opt)
	sameContents(t, "without its copy", objects(t, opt.Out), want)

	opt.Out = "gs://data/replaced"
	opt.Run = func(ctx context.Context, p *beam.Pipeline, activity func() int64) error {
		b, err := os.ReadFile(local)
		if err != nil {
			return err
		}
		other := bytes.Replace(b, []byte("Text "), []byte("Test "), 1)
		if bytes.Equal(b, other) {
			return errors.New("no text to change")
		}
		return errors.Join(open(t, "gs://corpora/c").WriteFile(ctx, "corpus.jsonl", other), prism(ctx, p, activity))
	}
	if _, err := Build(t.Context(), opt); err == nil || !strings.Contains(err.Error(), "was changed while the build ran") {
		t.Errorf("a replaced manifest: %v, want an error that says so", err)
	}
	if _, err := dataset.Open(t.Context(), opt.Out); !errors.Is(err, dataset.ErrUnfinished) {
		t.Errorf("%v, want %v", err, dataset.ErrUnfinished)
	}
}

func TestRemoteLabelSet(t *testing.T) {
	gcstest.Start(t, "corpora")
	t.Setenv(dataset.CacheEnv, t.TempDir())
	if err := open(t, "gs://corpora/x").WriteFile(t.Context(), "mine.labels", []byte("a\nb\n")); err != nil {
		t.Fatal(err)
	}
	set, err := loadLabelSet(t.Context(), "mine", "gs://corpora/x/corpus.jsonl")
	if err != nil || strings.Join(set.Labels, " ") != "a b" {
		t.Errorf("%v, %v, want a and b", set, err)
	}
	if _, err := loadLabelSet(t.Context(), "other", "gs://corpora/x/corpus.jsonl"); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("%v, want not exist", err)
	}
	if set, err := loadLabelSet(t.Context(), corpus.TIMIT61, "gs://corpora/x/corpus.jsonl"); err != nil || len(set.Labels) != 61 {
		t.Errorf("%v, %v, want the built-in one", set, err)
	}
}

// A build that loses its lease ends, and says who took it.
func TestBuildLosesLease(t *testing.T) {
	_, _, remote := bucketCorpus(t)
	shortLeases(t)
	opt := BuildOptions{Manifest: remote, Out: "gs://data/lost", Config: config()}
	store := open(t, opt.Out)
	opt.Run = func(ctx context.Context, _ *beam.Pipeline, _ func() int64) error {
		err := dataset.ErrConflict // with a renewal, that is
		for errors.Is(err, dataset.ErrConflict) {
			err = store.WriteFile(ctx, lockName, []byte(`{"pid":1,"host":"elsewhere","nonce":"other","ends":"2999-01-01T00:00:00Z"}`))
		}
		if err != nil {
			return err
		}
		<-ctx.Done()
		return ctx.Err()
	}
	if _, err := Build(t.Context(), opt); !errors.Is(err, ErrLocked) || !strings.Contains(err.Error(), "took the lease") {
		t.Errorf("%v, want %v", err, ErrLocked)
	}
	if _, err := store.Stat(t.Context(), lockName); err != nil {
		t.Errorf("the other's lease: %v, want it left alone", err)
	}
}
