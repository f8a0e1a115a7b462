package pipelines

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"sync"

	"framewise/corpus"
	"framewise/corpus/files"
	"framewise/dataset"
)

// absolute is a path that means the same in every process: an absolute one, or
// a URI.
func absolute(path string) (string, error) {
	if corpus.IsRemote(path) {
		return path, nil
	}
	return filepath.Abs(path)
}

// openManifest opens a manifest, or the copy of a remote one, for reading back
// and forth.
func openManifest(ctx context.Context, path string) (*os.File, error) {
	local, err := dataset.LocalCopy(ctx, path)
	if err != nil {
		return nil, fmt.Errorf("read manifest: %w", err)
	}
	f, _, err := files.OpenRegular(local)
	if err != nil {
		return nil, fmt.Errorf("read manifest: %w", err)
	}
	return f, nil
}

// loadLabelSet finds the label set that a line of a manifest names.
func loadLabelSet(ctx context.Context, name, manifest string) (*corpus.LabelSet, error) {
	dir, _ := dataset.SplitPath(manifest)
	if !corpus.IsRemote(manifest) || name == corpus.TIMIT61 || name == corpus.FSDD10 || !fs.ValidPath(name) {
		return corpus.LoadLabelSet(name, dir)
	}
	// The copy of a file bears its name.
	local, err := dataset.LocalCopy(ctx, dataset.JoinPath(dir, name+".labels"))
	if err != nil {
		return nil, fmt.Errorf("label set %q: %w", name, err)
	}
	return corpus.LoadLabelSet(name, filepath.Dir(local))
}

// recordings are the remote ones that this process found to be others than
// their manifest says. Without the note they would be fetched for every
// utterance in them.
var recordings = recordingNotes{others: map[string]otherRecording{}}

type recordingNotes struct {
	mu     sync.Mutex
	others map[string]otherRecording // by URI

	mending sync.Mutex // held while a copy is replaced
}

// maxNotes bounds the notes: past it, they start anew. A corpus with so many
// recordings that are not what it says has other worries.
const maxNotes = 1 << 16

// otherRecording is what a recording turned out to be.
type otherRecording struct{ version, sum string }

// find is where the recording with a SHA-256 lies on this machine: where it
// is, or in the cache.
func (r *recordingNotes) find(ctx context.Context, uri, sum string) (string, error) {
	if !corpus.IsRemote(uri) {
		return uri, nil
	}
	r.mu.Lock()
	other, noted := r.others[uri]
	r.mu.Unlock()
	if noted && other.sum != sum {
		if info, err := dataset.StatFile(ctx, uri); err == nil && info.Version == other.version {
			return "", changed(other.sum, sum)
		}
	}
	path, err := dataset.LocalCopyOf(ctx, uri, sum, -1)
	var mismatch *dataset.ChangedError
	switch {
	case errors.As(err, &mismatch):
		r.note(ctx, uri, mismatch.Got)
		return "", changed(mismatch.Got, sum)
	case errors.Is(err, fs.ErrNotExist):
		return "", &corpus.Problem{Reason: corpus.MissingAudio, Detail: "there is no such file"}
	case errors.Is(err, fs.ErrInvalid):
		return "", &corpus.Problem{Reason: corpus.UnreadableAudio, Detail: err.Error()}
	}
	return path, err
}

// hashed is the recording that find finds, with its checksum. A copy of a
// remote one was right when it was made: where it no longer is, it is made once
// more before anybody calls the recording another.
func (r *recordingNotes) hashed(ctx context.Context, uri, sum string) (path string, file *fileSum, err error) {
	for again := false; ; again = true {
		if path, err = r.find(ctx, uri, sum); err != nil {
			return "", nil, err
		}
		file, err = sums.of(path)
		if err != nil {
			err = problemOf(path, err)
		}
		broken := err == nil && file.sum != sum || errors.As(err, new(*corpus.Problem))
		if !broken || again || !corpus.IsRemote(uri) {
			return path, file, err
		}
		if err := r.mend(ctx, path, uri, sum); err != nil {
			return "", nil, err
		}
	}
}

// mend makes a copy anew, unless it was since it was looked at.
func (r *recordingNotes) mend(ctx context.Context, path, uri, sum string) error {
	r.mending.Lock()
	defer r.mending.Unlock()
	if file, err := sums.of(path); err == nil && file.sum == sum {
		return nil
	}
	if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("the copy of %s is damaged, and stays: %w", uri, err)
	}
	_, err := r.find(ctx, uri, sum)
	return err
}

func (r *recordingNotes) note(ctx context.Context, uri, sum string) {
	info, err := dataset.StatFile(ctx, uri)
	if err != nil {
		return // it is looked at again the next time
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(r.others) >= maxNotes {
		clear(r.others)
	}
	r.others[uri] = otherRecording{info.Version, sum}
}
