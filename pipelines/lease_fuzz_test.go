package pipelines

import (
	"context"
	"encoding/json"
	"errors"
	"io/fs"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"framewise/dataset"
	"framewise/internal/fuzzing"
)

// oneFile is a store that holds a lease, or nothing.
type oneFile struct {
	dataset.Store
	text []byte // nil: it is not there
}

func (s *oneFile) Create(context.Context, string) (dataset.FileWriter, error) {
	return &oneWriter{to: s}, nil
}

func (s *oneFile) ReadFile(context.Context, string) ([]byte, error) {
	if s.text == nil {
		return nil, fs.ErrNotExist
	}
	return s.text, nil
}

func (s *oneFile) Remove(context.Context, string) error { s.text = nil; return nil }

type oneWriter struct {
	to   *oneFile
	text []byte
}

func (w *oneWriter) Write(b []byte) (int, error) { w.text = append(w.text, b...); return len(b), nil }
func (w *oneWriter) Commit() error               { w.to.text = w.text; return nil }
func (w *oneWriter) Abort() error                { return nil }

// FuzzLease: whatever the object under a lease's name holds, a build takes it
// over, renews it and lets go, or is refused with its name and leaves it as it
// is; and a lease that still runs is never taken from another host.
func FuzzLease(f *testing.F) {
	soon := time.Now().Add(time.Hour).UTC().Truncate(time.Millisecond)
	for _, ends := range []time.Time{soon, {}} {
		for _, h := range []LockHolder{thisProcess(), {PID: 1, Host: "elsewhere"}, {PID: -1, Host: thisProcess().Host, PIDs: pidSpace()}} {
			b, err := json.Marshal(lease{LockHolder: h, Nonce: "n", Ends: ends})
			if err != nil {
				f.Fatal(err)
			}
			f.Add(b)
		}
	}
	f.Add([]byte("null"))
	f.Add([]byte(`{"pid":9223372036854775807,"since":"9999-12-31T23:59:59Z","ends":"0000-01-01T00:00:00+23:59"}`))
	f.Add([]byte(`{"ends":"9999-12-31T23:59:59-23:59","command":"\u001b[2J"}`))
	lockFile := filepath.Join(f.TempDir(), "lock")
	f.Fuzz(func(t *testing.T, text []byte) {
		fuzzing.Overwrite(t, lockFile, text)
		if h := readHolder(lockFile, 0); h != nil {
			if b, err := json.Marshal(h); err == nil {
				fuzzing.Overwrite(t, lockFile, b)
				if again := readHolder(lockFile, 0); again == nil || !again.Since.Equal(h.Since) || again.PID != h.PID || again.Command != h.Command {
					t.Fatalf("%v came back as %v", h, again)
				}
			}
			_ = takeover("x", *h)
		}
		var old lease
		bad := json.Unmarshal(text, &old)
		store, l := &oneFile{text: text}, &lease{LockHolder: thisProcess(), Nonce: "ours"}
		stale, err := l.take(t.Context(), store)
		if err != nil {
			if !strings.Contains(err.Error(), lockName) || string(store.text) != string(text) || errors.Is(err, ErrLocked) != (bad == nil) {
				t.Fatalf("%v, and %q is there", err, store.text)
			}
			return
		}
		if bad != nil || stale == nil || old.Host != l.Host && time.Until(old.Ends) > time.Minute {
			t.Fatalf("%s was taken over", text)
		}
		if err := l.renew(t.Context(), store); err != nil {
			t.Fatal(err)
		}
		if l.release(t.Context(), store); store.text != nil {
			t.Fatalf("%q is left", store.text)
		}
	})
}
