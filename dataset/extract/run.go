package extract

import (
	"context"
	"errors"
	"runtime"
	"sync"

	"framewise/dataset"
)

// Done is one recording done, or not: then Err says why.
type Done struct {
	Input
	Result
}

// commits is how many files are made durable at a time: a disk is done with
// many as soon as with one, and the workers go on meanwhile.
const commits = 32

// Run extracts recordings into files of a store, each named for its input with
// ending behind it, whole or not at all; the workers, 0 for one a CPU, share
// them. It calls done for each as it is done, one call at a time; one that fails
// keeps no other from being made. The error is the context's: of a run that was
// broken off.
func Run(ctx context.Context, inputs []Input, to dataset.Store, ending string, cfg Config, workers int, done func(Done)) error {
	if workers == 0 {
		workers = runtime.GOMAXPROCS(0)
	}
	var mu sync.Mutex
	report := func(d Done) {
		if broken := ctx.Err(); broken != nil && errors.Is(d.Err, broken) {
			return // that is no fault of the recording
		}
		mu.Lock()
		defer mu.Unlock()
		done(d)
	}
	next, slots := make(chan Input), make(chan struct{}, commits)
	var wg sync.WaitGroup
	for range max(1, min(workers, len(inputs))) {
		wg.Go(func() {
			x := New(cfg)
			for in := range next {
				d := Done{Input: in}
				var f dataset.FileWriter
				if f, d.Result, d.Err = x.write(ctx, to, in, ending); d.Err != nil {
					report(d)
					continue
				}
				slots <- struct{}{}
				wg.Go(func() {
					d.Err = f.Commit()
					report(d)
					<-slots
				})
			}
		})
	}
	for _, in := range inputs {
		if ctx.Err() != nil {
			break
		}
		next <- in
	}
	close(next)
	wg.Wait()
	return ctx.Err()
}

// write extracts a recording into a file of its own, which the caller commits.
func (x *Extractor) write(ctx context.Context, to dataset.Store, in Input, ending string) (dataset.FileWriter, Result, error) {
	f := lateFile{create: func() (dataset.FileWriter, error) { return to.Create(ctx, in.Name+ending) }}
	r, err := x.File(ctx, in.Path, &f)
	if err != nil && f.FileWriter != nil {
		err = errors.Join(err, f.Abort())
	}
	return f.FileWriter, r, err
}

// lateFile is a file that is created when something is written to it: a bad
// recording leaves no folders behind.
type lateFile struct {
	dataset.FileWriter // nil before the first Write
	create             func() (dataset.FileWriter, error)
}

func (l *lateFile) Write(b []byte) (int, error) {
	if l.FileWriter == nil {
		f, err := l.create()
		if err != nil {
			return 0, err
		}
		l.FileWriter = f
	}
	return l.FileWriter.Write(b)
}
