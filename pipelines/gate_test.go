package pipelines

import (
	"context"
	"errors"
	"log/slog"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/apache/beam/sdks/v2/go/pkg/beam"

	"framewise/dataset"
)

// heldStore is a folder in which writing shards hangs.
type heldStore struct {
	dataset.Store
	once    sync.Once
	reached chan struct{} // closed when the first shard is about to be written
	goOn    chan struct{}
}

func (h *heldStore) Create(ctx context.Context, name string) (dataset.FileWriter, error) {
	if strings.HasSuffix(name, ".arrow") {
		h.once.Do(func() { close(h.reached) })
		<-h.goOn
	}
	return h.Store.Create(ctx, name)
}

// A runner that comes back while its workers still write leaves them a folder
// that nobody else gets: it stays locked until they have stopped, and they write
// nothing more.
func TestLateWorkersHoldTheLock(t *testing.T) {
	defer slog.SetDefault(slog.Default())
	slog.SetDefault(slog.New(slog.DiscardHandler)) // the engine tells every failure several times
	defer func(d time.Duration) { vacatePatience = d }(vacatePatience)
	vacatePatience = 10 * time.Millisecond
	out := filepath.Join(t.TempDir(), "data")
	manifest, _ := small.write(t, t.TempDir())
	held := &heldStore{Store: dataset.NewLocal(out), reached: make(chan struct{}), goOn: make(chan struct{})}
	old := openStore
	openStore = func(context.Context, string) (dataset.Store, error) { return held, nil }
	defer func() { openStore = old }()

	lost, engine := errors.New("lost patience"), make(chan struct{})
	impatient := func(ctx context.Context, p *beam.Pipeline, activity func() int64) error {
		go func() {
			defer close(engine)
			_ = prism(context.WithoutCancel(ctx), p, activity) // it fails: its build is over
		}()
		<-held.reached
		return lost
	}
	var noticed []string
	_, err := Build(t.Context(), BuildOptions{Manifest: manifest, Out: out, Config: config(), Run: impatient, Notice: func(s string) { noticed = append(noticed, s) }})
	if !errors.Is(err, lost) {
		t.Fatalf("%v, want %v", err, lost)
	}
	if len(noticed) != 1 || !strings.Contains(noticed[0], "locked") {
		t.Errorf("noticed %q, want that the folder stays locked", noticed)
	}
	if _, _, err := lock(out); !errors.Is(err, ErrLocked) {
		t.Fatalf("while a worker writes: %v, want %v", err, ErrLocked)
	}
	close(held.goOn)
	var unlock func()
	for end := time.Now().Add(time.Minute); ; time.Sleep(5 * time.Millisecond) {
		if unlock, _, err = lock(out); err == nil {
			break
		}
		if time.Now().After(end) {
			t.Fatal(err)
		}
	}
	defer unlock()
	before := contents(t, out)
	<-engine
	after := contents(t, out)
	sameContents(t, "after the lock was free", after, before)
	for name := range after {
		if filepath.Ext(name) == ".arrow" {
			t.Errorf("%s was written after the build had ended", name)
		}
	}
}

func TestGate(t *testing.T) {
	g := newGate()
	ctx, leave, err := g.enter(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	empty := g.end()
	<-ctx.Done() // who is inside is told
	if _, _, err := g.enter(t.Context()); !errors.Is(err, errOver) {
		t.Errorf("entering after the end: %v, want %v", err, errOver)
	}
	select {
	case <-empty:
		t.Error("empty while someone is inside")
	default:
	}
	leave()
	<-empty
}
