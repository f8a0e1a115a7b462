// Package gcstest runs a Cloud Storage server inside a test, with whatever
// faults the test wants: fake-gcs-server, which speaks the service's protocol.
package gcstest

import (
	"io/fs"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"sync/atomic"
	"testing"

	"cloud.google.com/go/storage"
	"github.com/fsouza/fake-gcs-server/fakestorage"

	"framewise/dataset"
	_ "framewise/dataset/gcs" // what Upload writes through
)

// Server is a running server. It lacks some of what the service does: it does
// not notice a chunk that is sent twice, and removes objects whatever their
// generation.
type Server struct {
	Fake *fakestorage.Server
	URL  string

	handler http.Handler
	fault   atomic.Pointer[Fault]
}

// Fault answers a request in place of the server, or lets next do it, or both.
type Fault func(w http.ResponseWriter, r *http.Request, next http.Handler)

// Start starts a server with the given empty buckets, and makes it the one that
// gs:// paths lead to until the test ends.
func Start(t testing.TB, buckets ...string) *Server {
	t.Helper()
	s := &Server{}
	http := httptest.NewServer(s)
	t.Cleanup(http.Close)
	s.URL = http.URL
	fake, err := fakestorage.NewServerWithOptions(fakestorage.Options{NoListener: true, ExternalURL: s.URL})
	if err != nil {
		t.Fatal(err)
	}
	s.Fake, s.handler = fake, fake.HTTPHandler()
	t.Cleanup(fake.Stop)
	for _, b := range buckets {
		fake.CreateBucketWithOpts(fakestorage.CreateBucketOpts{Name: b})
	}
	t.Setenv("STORAGE_EMULATOR_HOST", s.URL)
	return s
}

// ServeHTTP answers a request, unless the fault does.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if f := s.fault.Load(); f != nil {
		(*f)(w, r, s.handler)
		return
	}
	s.handler.ServeHTTP(w, r)
}

// Break makes f meet every request from now on; nil mends the server.
func (s *Server) Break(f Fault) {
	if f == nil {
		s.fault.Store(nil)
		return
	}
	s.fault.Store(&f)
}

// Client is a client of the server.
func (s *Server) Client(t testing.TB) *storage.Client {
	t.Helper()
	c, err := storage.NewClient(t.Context(), storage.WithJSONReads())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	return c
}

// Upload copies what is in and below a local folder to a gs:// path, through
// the server that Start made the one of such paths.
func Upload(t testing.TB, dir, uri string) {
	t.Helper()
	store, err := dataset.OpenStore(t.Context(), uri)
	if err != nil {
		t.Fatal(err)
	}
	err = filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		name, err := filepath.Rel(dir, path)
		if err != nil {
			return err
		}
		b, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		return store.WriteFile(t.Context(), filepath.ToSlash(name), b)
	})
	if err != nil {
		t.Fatal(err)
	}
}
