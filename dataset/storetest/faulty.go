package storetest

import (
	"context"
	"fmt"
	"io"
	"sync"

	"framewise/dataset"
)

// Op is a kind of call of a Store, or of a file that it opened or creates.
type Op string

// The kinds of calls. Clean, List, Stat, Open, ReadFile, WriteFile, Create and
// Remove are the Store's, Read is of an open file, Write and Commit are of one
// that is being written.
const (
	Clean     Op = "Clean"
	List      Op = "List"
	Stat      Op = "Stat"
	Open      Op = "Open"
	Read      Op = "Read"
	ReadFile  Op = "ReadFile"
	WriteFile Op = "WriteFile"
	Create    Op = "Create"
	Write     Op = "Write"
	Commit    Op = "Commit"
	Remove    Op = "Remove"
)

// Call is a place where a fault can be put: the N-th call, from 1, of a kind
// for a name. Builds that do the same make the same calls, in whatever order
// their workers run.
type Call struct {
	Op   Op
	Name string
	N    int
}

func (c Call) String() string { return fmt.Sprintf("%s %s #%d", c.Op, c.Name, c.N) }

// How is what a fault does to its call.
type How string

// The ways to fail.
const (
	Fails How = "fails"      // nothing is done, the error is returned
	Half  How = "half"       // Write writes half, WriteFile none, Read gives half; then the error, if there is one
	After How = "after"      // all is done, and the error is returned all the same: a rename whose folder cannot be synced
	Stays How = "and so on"  // like Fails, and every later call that writes fails too: a full disk
	Cut   How = "cut"        // ReadFile and Read give half of what there is, and no error
	Flip  How = "bit"        // ReadFile and Read give what there is with one bit changed, and no error
	Slow  How = "short read" // Read gives one byte at a time, as it may
)

// Fault is what goes wrong at one call.
type Fault struct {
	At  Call
	How How
	Err error
}

func (f Fault) String() string { return fmt.Sprintf("%v %s: %v", f.At, f.How, f.Err) }

// Faulty is a Store in which one call goes wrong. Without a fault it only
// takes down its calls.
type Faulty struct {
	dataset.Store
	fault Fault

	mu    sync.Mutex
	count map[Call]int // by Op and Name, N being 0
	calls []Call
	hit   bool
}

// NewFaulty puts a fault into a store; the zero Fault is none.
func NewFaulty(s dataset.Store, f Fault) *Faulty {
	return &Faulty{Store: s, fault: f, count: map[Call]int{}}
}

// Calls lists the calls so far.
func (s *Faulty) Calls() []Call {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]Call(nil), s.calls...)
}

// Hit says whether the fault has struck.
func (s *Faulty) Hit() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.hit
}

// call takes a call down and says what goes wrong with it.
func (s *Faulty) call(op Op, name string) (How, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	key := Call{Op: op, Name: name}
	s.count[key]++
	key.N = s.count[key]
	s.calls = append(s.calls, key)
	switch {
	case key == s.fault.At:
		s.hit = true
		if s.fault.How == Stays {
			return Fails, s.fault.Err
		}
		return s.fault.How, s.fault.Err
	case s.hit && s.fault.How == Stays && (op == Write || op == WriteFile || op == Create || op == Commit):
		return Fails, s.fault.Err
	}
	return "", nil
}

// around does a call that gives nothing back but an error.
func (s *Faulty) around(op Op, name string, do func() error) error {
	how, fault := s.call(op, name)
	if how == Fails || how == Half {
		return fault
	}
	if err := do(); err != nil {
		return err
	}
	return fault
}

// Create is the Store's, for a file whose writes can fail.
func (s *Faulty) Create(ctx context.Context, name string) (w dataset.FileWriter, err error) {
	err = s.around(Create, name, func() error {
		w, err = s.Store.Create(ctx, name)
		return err
	})
	if err != nil {
		return nil, err
	}
	return &faultyWriter{w, s, name}, nil
}

// Open is the Store's, for a file whose reads can fail.
func (s *Faulty) Open(ctx context.Context, name string) (f dataset.File, err error) {
	err = s.around(Open, name, func() error {
		f, err = s.Store.Open(ctx, name)
		return err
	})
	if err != nil {
		return nil, err
	}
	return &faultyFile{f, s, name}, nil
}

// Stat is the Store's.
func (s *Faulty) Stat(ctx context.Context, name string) (info dataset.FileInfo, err error) {
	err = s.around(Stat, name, func() error {
		info, err = s.Store.Stat(ctx, name)
		return err
	})
	return info, err
}

// ReadFile is the Store's; it can give less than there is, or a wrong bit.
func (s *Faulty) ReadFile(ctx context.Context, name string) ([]byte, error) {
	how, fault := s.call(ReadFile, name)
	if how == Fails || how == Half {
		return nil, fault
	}
	b, err := s.Store.ReadFile(ctx, name)
	switch {
	case err != nil:
		return b, err
	case how == Cut:
		b = b[:len(b)/2]
	case how == Flip && len(b) > 0:
		b[len(b)/2] ^= 1
	}
	return b, fault
}

// WriteFile is the Store's.
func (s *Faulty) WriteFile(ctx context.Context, name string, data []byte) error {
	return s.around(WriteFile, name, func() error { return s.Store.WriteFile(ctx, name, data) })
}

// List is the Store's.
func (s *Faulty) List(ctx context.Context, folder string) (files []dataset.FileInfo, err error) {
	err = s.around(List, folder, func() error {
		files, err = s.Store.List(ctx, folder)
		return err
	})
	return files, err
}

// Remove is the Store's.
func (s *Faulty) Remove(ctx context.Context, name string) error {
	return s.around(Remove, name, func() error { return s.Store.Remove(ctx, name) })
}

// Clean is the Store's.
func (s *Faulty) Clean(ctx context.Context) (n int, err error) {
	err = s.around(Clean, ".", func() error {
		n, err = s.Store.Clean(ctx)
		return err
	})
	return n, err
}

type faultyWriter struct {
	dataset.FileWriter
	store *Faulty
	name  string
}

func (w *faultyWriter) Write(p []byte) (int, error) {
	how, fault := w.store.call(Write, w.name)
	switch how {
	case Fails:
		return 0, fault
	case Half:
		n, err := w.FileWriter.Write(p[:len(p)/2])
		if err == nil {
			err = fault
		}
		return n, err // with no error at all, as a broken writer does it
	}
	n, err := w.FileWriter.Write(p)
	if err == nil {
		err = fault
	}
	return n, err
}

// Commit keeps the interface's word: after an error nothing is visible, but
// for the way After.
func (w *faultyWriter) Commit() error {
	how, fault := w.store.call(Commit, w.name)
	if how == Fails || how == Half {
		if err := w.Abort(); err != nil {
			return err
		}
		return fault
	}
	if err := w.FileWriter.Commit(); err != nil {
		return err
	}
	return fault
}

type faultyFile struct {
	dataset.File
	store *Faulty
	name  string
}

func (f *faultyFile) Read(p []byte) (int, error) {
	how, fault := f.store.call(Read, f.name)
	switch {
	case how == Fails:
		return 0, fault
	case how == Slow:
		p = p[:min(len(p), 1)]
	case how == Half:
		p = p[:len(p)/2]
	case how == Cut:
		return 0, io.EOF
	}
	n, err := f.File.Read(p)
	if how == Flip && n > 0 {
		p[n/2] ^= 1
	}
	if err == nil {
		err = fault
	}
	return n, err
}
