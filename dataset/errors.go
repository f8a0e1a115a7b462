package dataset

import (
	"errors"
	"fmt"
	"io/fs"
)

var (
	// ErrCorrupt is wrapped by every error that says a file of a dataset is
	// damaged, missing, or not the one that dataset.json describes.
	ErrCorrupt = errors.New("dataset is corrupt")
	// ErrVersion is wrapped by the error for a format version that this
	// program does not read.
	ErrVersion = errors.New("unknown dataset format version")
	// ErrUnfinished is wrapped by the error for a folder without dataset.json:
	// its build never ended, or it is no dataset.
	ErrUnfinished = errors.New("no dataset.json: not a dataset, or its build did not finish")
	// ErrReconcile is wrapped by the error for a build whose counts do not add
	// up.
	ErrReconcile = errors.New("counts do not reconcile")
	// ErrConflict is wrapped by the error of a writer whose file another wrote
	// at the same time, with other bytes.
	ErrConflict = errors.New("another writer was faster")
	// ErrUnavailable is wrapped by the error of a store that cannot be reached,
	// or not now: the network, the service, or missing credentials.
	ErrUnavailable = errors.New("the storage is not available")
	// ErrNoStore is wrapped by the error of a store in a place that does not
	// exist, such as a bucket that nobody made.
	ErrNoStore = errors.New("there is no such place")
)

// corruptError is an error that is ErrCorrupt. It does not say so in words:
// what it says of the file is enough, and layers would repeat it.
type corruptError struct{ error }

func (corruptError) Is(target error) bool { return target == ErrCorrupt }
func (e corruptError) Unwrap() error      { return e.error }

// corrupt makes an error that wraps ErrCorrupt.
func corrupt(format string, args ...any) error { return corruptError{fmt.Errorf(format, args...)} }

// guard runs f and turns a panic into an error that wraps ErrCorrupt. Arrow's
// reader trusts the lengths in a file and panics where they lie, so everything
// that walks a shard's structure runs under guard.
func guard(f func() error) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = corrupt("reading its Arrow structure: %v", p)
		}
	}()
	return f()
}

// ignoreMissing is nil for the error that says a file is not there.
func ignoreMissing(err error) error {
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}
