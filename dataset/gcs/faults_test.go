package gcs_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"framewise/dataset"
	"framewise/dataset/gcs"
	"framewise/dataset/gcs/gcstest"
)

// pattern is n bytes that do not repeat within a chunk.
func pattern(n int) []byte {
	b := make([]byte, n)
	for i := range b {
		b[i] = byte(i*7 + i>>8*13 + i>>16*31)
	}
	return b
}

// large is more than two chunks of an upload.
const large = 5 << 19

// times makes f meet the first n requests that match, and no more.
func times(n int, match func(*http.Request) bool, f gcstest.Fault) gcstest.Fault {
	var met atomic.Int64
	return func(w http.ResponseWriter, r *http.Request, next http.Handler) {
		if match(r) && met.Add(1) <= int64(n) {
			f(w, r, next)
			return
		}
		next.ServeHTTP(w, r)
	}
}

const always = 1 << 30

func any(*http.Request) bool        { return true }
func upload(r *http.Request) bool   { return strings.HasPrefix(r.URL.Path, "/upload/") }
func chunk(r *http.Request) bool    { return upload(r) && r.URL.Query().Get("upload_id") != "" }
func download(r *http.Request) bool { return r.Method == "GET" && r.URL.Query().Get("alt") == "media" }

// second makes a match of every request but the first.
func second(match func(*http.Request) bool) func(*http.Request) bool {
	var n atomic.Int64
	return func(r *http.Request) bool { return match(r) && n.Add(1) > 1 }
}

func answer(code int) gcstest.Fault {
	return func(w http.ResponseWriter, r *http.Request, _ http.Handler) {
		_, _ = io.Copy(io.Discard, r.Body)
		http.Error(w, http.StatusText(code), code)
	}
}

// cutRequest closes the connection in the middle of the request.
func cutRequest(_ http.ResponseWriter, r *http.Request, _ http.Handler) {
	_, _ = io.CopyN(io.Discard, r.Body, max(r.ContentLength/2, 1))
	panic(http.ErrAbortHandler)
}

// loseAnswer does what is asked for, and closes the connection in place of an answer.
func loseAnswer(_ http.ResponseWriter, r *http.Request, next http.Handler) {
	next.ServeHTTP(httptest.NewRecorder(), r)
	panic(http.ErrAbortHandler)
}

// altered changes the body of the answer.
func altered(change func([]byte) (body []byte, abort bool)) gcstest.Fault {
	return func(w http.ResponseWriter, r *http.Request, next http.Handler) {
		rec := httptest.NewRecorder()
		next.ServeHTTP(rec, r)
		length := rec.Body.Len()
		body, abort := change(rec.Body.Bytes())
		for k, v := range rec.Header() {
			w.Header()[k] = v
		}
		w.Header().Set("Content-Length", fmt.Sprint(length))
		w.WriteHeader(rec.Code)
		_, _ = w.Write(body)
		if abort {
			w.(http.Flusher).Flush()
			panic(http.ErrAbortHandler)
		}
	}
}

func half(b []byte) ([]byte, bool) { return b[:len(b)/2], true }

func flipped(b []byte) ([]byte, bool) {
	b = bytes.Clone(b)
	b[len(b)/3] ^= 4
	return b, false
}

// flipRequest damages what is uploaded on its way. blind also hides the
// checksum that was sent with it, so that the server stores what it got.
func flipRequest(data []byte, blind bool) gcstest.Fault {
	return func(w http.ResponseWriter, r *http.Request, next http.Handler) {
		body, _ := io.ReadAll(r.Body)
		if at := bytes.Index(body, data); at >= 0 {
			body[at+len(data)/2] ^= 1
		}
		if blind {
			body = bytes.Replace(body, []byte(`"crc32c"`), []byte(`"crc32x"`), 1)
		}
		r.Body = io.NopCloser(bytes.NewReader(body))
		next.ServeHTTP(w, r)
	}
}

// Faults after which writing and reading come to the same as without.
func TestFaultsOvercome(t *testing.T) {
	small := pattern(5000)
	for name, c := range map[string]struct {
		data  []byte
		fault gcstest.Fault
	}{
		"429":                     {small, times(3, any, answer(429))},
		"500":                     {small, times(3, any, answer(500))},
		"503 to uploads":          {small, times(3, upload, answer(503))},
		"503 to downloads":        {small, times(3, download, answer(503))},
		"503 to chunks":           {pattern(large), times(3, chunk, answer(503))},
		"upload cut":              {small, times(1, upload, cutRequest)},
		"chunk cut":               {pattern(large), times(2, second(chunk), cutRequest)},
		"answer to upload lost":   {small, times(1, upload, loseAnswer)},
		"answer to chunk lost":    {pattern(large), times(1, second(chunk), loseAnswer)},
		"download cut":            {pattern(3 << 20), times(2, download, altered(half))},
		"damaged on the way down": {small, times(2, download, altered(flipped))},
		"damaged on the way up":   {small, times(2, upload, flipRequest(small, false))},
		"stored damaged":          {small, times(2, upload, flipRequest(small, true))},
	} {
		t.Run(name, func(t *testing.T) {
			s, store, _ := start(t)
			s.Break(c.fault)
			ctx := t.Context()
			if err := store.WriteFile(ctx, "d/a", c.data); err != nil {
				t.Fatalf("write: %v", err)
			}
			got, err := store.ReadFile(ctx, "d/a")
			if err != nil || !bytes.Equal(got, c.data) {
				t.Fatalf("read %d bytes, %v, want the %d written", len(got), err, len(c.data))
			}
			if files, err := store.List(ctx, "."); err != nil || len(files) != 1 || files[0].Size != int64(len(c.data)) {
				t.Errorf("list %v, %v, want the one file", files, err)
			}
		})
	}
}

// Faults that do not pass: an error of the right kind, nothing half done.
func TestFaultsThatStay(t *testing.T) {
	small := pattern(5000)
	for name, c := range map[string]struct {
		data  []byte
		fault gcstest.Fault
		want  error
	}{
		"429":            {small, times(always, upload, answer(429)), dataset.ErrUnavailable},
		"503":            {small, times(always, upload, answer(503)), dataset.ErrUnavailable},
		"503 to chunks":  {pattern(large), times(always, second(chunk), answer(503)), dataset.ErrUnavailable},
		"chunks cut":     {pattern(large), times(always, second(chunk), cutRequest), dataset.ErrUnavailable},
		"401":            {small, times(always, upload, answer(401)), fs.ErrPermission},
		"403":            {small, times(always, upload, answer(403)), fs.ErrPermission},
		"damaged":        {small, times(always, upload, flipRequest(small, false)), dataset.ErrCorrupt},
		"stored damaged": {small, times(always, upload, flipRequest(small, true)), dataset.ErrCorrupt},
	} {
		t.Run("write/"+name, func(t *testing.T) {
			s, store, _ := start(t)
			s.Break(c.fault)
			if err := store.WriteFile(t.Context(), "a", c.data); !errors.Is(err, c.want) {
				t.Errorf("error %v, want %v", err, c.want)
			}
			s.Break(nil)
			if files, err := store.List(t.Context(), "."); err != nil || len(files) != 0 {
				t.Errorf("left %v, %v, want nothing", files, err)
			}
		})
	}
	for name, c := range map[string]struct {
		fault gcstest.Fault
		want  error
	}{
		"429":     {times(always, download, answer(429)), dataset.ErrUnavailable},
		"503":     {times(always, any, answer(503)), dataset.ErrUnavailable},
		"cut":     {times(always, download, altered(func([]byte) ([]byte, bool) { return nil, true })), dataset.ErrUnavailable},
		"403":     {times(always, any, answer(403)), fs.ErrPermission},
		"damaged": {times(always, download, altered(flipped)), dataset.ErrCorrupt},
	} {
		t.Run("read/"+name, func(t *testing.T) {
			s, store, _ := start(t)
			if err := store.WriteFile(t.Context(), "a", small); err != nil {
				t.Fatal(err)
			}
			s.Break(c.fault)
			if b, err := store.ReadFile(t.Context(), "a"); !errors.Is(err, c.want) || b != nil {
				t.Errorf("%d bytes, error %v, want %v", len(b), err, c.want)
			}
		})
	}
}

// A stream that was damaged says so before it ends.
func TestDamagedStream(t *testing.T) {
	s, store, _ := start(t)
	if err := store.WriteFile(t.Context(), "a", pattern(5000)); err != nil {
		t.Fatal(err)
	}
	f, err := store.Open(t.Context(), "a")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	s.Break(times(always, download, altered(flipped)))
	if _, err := io.Copy(io.Discard, f); !errors.Is(err, dataset.ErrCorrupt) {
		t.Errorf("error %v, want %v", err, dataset.ErrCorrupt)
	}
}

// Whoever answers nothing does not hang a store.
func TestNoAnswer(t *testing.T) {
	s := gcstest.Start(t, "b")
	opt := quick(t)
	opt.Patience = 100 * time.Millisecond
	store := gcs.New(s.Client(t), "b", "f", opt)
	if err := store.WriteFile(t.Context(), "a", []byte("1")); err != nil {
		t.Fatal(err)
	}
	end := make(chan struct{})
	defer close(end)
	s.Break(func(_ http.ResponseWriter, r *http.Request, _ http.Handler) {
		_, _ = io.Copy(io.Discard, r.Body)
		select {
		case <-end:
		case <-r.Context().Done():
		}
	})
	_, errStat := store.Stat(t.Context(), "a")
	_, errList := store.List(t.Context(), ".")
	for i, err := range []error{errStat, errList, store.WriteFile(t.Context(), "b", []byte("2"))} {
		if !errors.Is(err, dataset.ErrUnavailable) || !strings.Contains(err.Error(), "no answer") {
			t.Errorf("operation %d: error %v, want no answer", i, err)
		}
	}
	s.Break(times(always, func(r *http.Request) bool { return upload(r) || download(r) }, func(_ http.ResponseWriter, r *http.Request, _ http.Handler) {
		_, _ = io.Copy(io.Discard, r.Body)
		select {
		case <-end:
		case <-r.Context().Done():
		}
	}))
	_, errRead := store.ReadFile(t.Context(), "a")
	for i, err := range []error{errRead, store.WriteFile(t.Context(), "b", []byte("2"))} {
		if !errors.Is(err, dataset.ErrUnavailable) {
			t.Errorf("transfer %d: error %v, want no answer", i, err)
		}
	}
}

// An upload that is canceled in its middle leaves nothing.
func TestCanceledUpload(t *testing.T) {
	s, store, _ := start(t)
	ctx, cancel := context.WithCancel(t.Context())
	s.Break(times(always, second(chunk), func(w http.ResponseWriter, r *http.Request, next http.Handler) {
		_, _ = io.Copy(io.Discard, r.Body)
		cancel()
		<-r.Context().Done()
	}))
	if err := store.WriteFile(ctx, "a", pattern(large)); !errors.Is(err, context.Canceled) {
		t.Errorf("error %v, want canceled", err)
	}
	s.Break(nil)
	if files, err := store.List(t.Context(), "."); err != nil || len(files) != 0 {
		t.Errorf("left %v, %v, want nothing", files, err)
	}
}

// writers begins several writers of one name before any commits.
func writers(t *testing.T, store dataset.Store, contents ...string) (ws []dataset.FileWriter) {
	t.Helper()
	for _, c := range contents {
		w, err := store.Create(t.Context(), "a")
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = w.Abort() })
		if _, err := io.WriteString(w, c); err != nil {
			t.Fatal(err)
		}
		ws = append(ws, w)
	}
	return ws
}

func TestWritersRace(t *testing.T) {
	for name, before := range map[string]bool{"new": false, "replacing": true} {
		t.Run(name, func(t *testing.T) {
			_, store, _ := start(t)
			if before {
				if err := store.WriteFile(t.Context(), "a", []byte("before")); err != nil {
					t.Fatal(err)
				}
			}
			ws := writers(t, store, "the same", "the same", "other", "the same")
			for i, w := range ws {
				if err := w.Commit(); errors.Is(err, dataset.ErrConflict) != (i == 2) || (i != 2 && err != nil) {
					t.Errorf("writer %d: %v", i, err)
				}
			}
			if b, err := store.ReadFile(t.Context(), "a"); string(b) != "the same" || err != nil {
				t.Errorf("left %q, %v, want what the first wrote", b, err)
			}
		})
	}
}

// What a writer was to replace is gone: somebody else is at work.
func TestRemovedUnderWriter(t *testing.T) {
	_, store, _ := start(t)
	if err := store.WriteFile(t.Context(), "a", []byte("before")); err != nil {
		t.Fatal(err)
	}
	w := writers(t, store, "after")[0]
	if err := store.Remove(t.Context(), "a"); err != nil {
		t.Fatal(err)
	}
	if err := w.Commit(); !errors.Is(err, dataset.ErrConflict) {
		t.Errorf("error %v, want %v", err, dataset.ErrConflict)
	}
}
