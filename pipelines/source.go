package pipelines

import (
	"context"
	"errors"
	"fmt"
	"io"
	"syscall"

	"framewise/augment"
	"framewise/corpus"
	"framewise/corpus/audio"
)

// The stages that rejects are found at.
const (
	stageManifest = "manifest" // the line of the manifest
	stageRead     = "read"     // the audio file
	stageRender   = "render"   // samples and alignment of the example
	stageFeatures = "features" // its spectrum
)

// readLine reads the utterance that a recipe's part refers to. That the line
// no longer is that utterance's means that the manifest changed under the
// build, which is an error, not a reject.
func readLine(manifest io.ReaderAt, name string, p augment.Part) (*corpus.Utterance, error) {
	line := make([]byte, p.Ref.Length)
	if _, err := manifest.ReadAt(line, p.Ref.Offset); err != nil {
		return nil, fmt.Errorf("read manifest %q: utterance %q at byte %d: %w", name, p.Utterance, p.Ref.Offset, err)
	}
	u, err := corpus.ParseUtterance(line)
	if err != nil {
		return nil, fmt.Errorf("read manifest %q: utterance %q at byte %d: it was valid when the build began: %w", name, p.Utterance, p.Ref.Offset, err)
	}
	if u.ID != p.Utterance {
		return nil, fmt.Errorf("read manifest %q: utterance %q at byte %d is now %q: the manifest was changed while the build ran", name, p.Utterance, p.Ref.Offset, u.ID)
	}
	return u, nil
}

// LoadSource reads the audio of an utterance of the manifest at the given
// path. The file has to be the one that the manifest describes, by its SHA-256
// and rate. Whatever is wrong with a recording is a *corpus.Problem, and ends no
// build. Other errors are of a process that may open no more files, or gets no
// more memory, and of a remote store that cannot be reached.
func LoadSource(ctx context.Context, manifest string, u *corpus.Utterance) (*augment.Source, error) {
	return loadSource(ctx, nil, manifest, u)
}

// loadSource is LoadSource into the memory of dst, if that suffices.
func loadSource(ctx context.Context, dst []float32, manifest string, u *corpus.Utterance) (*augment.Source, error) {
	path, file, err := recordings.hashed(ctx, corpus.ResolveURI(manifest, u.URI), u.SHA256)
	if err != nil {
		return nil, err
	}
	if u.SHA256 != "" && file.sum != u.SHA256 {
		return nil, changed(file.sum, u.SHA256)
	}
	samples, rate, err := audio.LoadF32(dst, path, u.Channel, u.Begin, u.End)
	if err != nil {
		return nil, problemOf(path, err)
	}
	if !file.stands(path) {
		return nil, &corpus.Problem{Reason: corpus.AudioChanged, Detail: "the file was changed while it was read"}
	}
	if rate != u.Rate {
		return nil, &corpus.Problem{Reason: corpus.AudioChanged,
			Detail: fmt.Sprintf("the file's rate is %d Hz, the manifest says %d", rate, u.Rate)}
	}
	return &augment.Source{Samples: samples, Rate: rate, Begin: u.Begin, Alignment: u.Alignment,
		Speaker: u.Speaker, Text: u.Text, Phones: u.Phones}, nil
}

func changed(sum, want string) *corpus.Problem {
	return &corpus.Problem{Reason: corpus.AudioChanged,
		Detail: fmt.Sprintf("the file's SHA-256 is %s, the manifest says %s; import the corpus again", sum, want)}
}

// problemOf is the problem of a recording that cannot be read, or the error
// itself where it is the process that has come to its limits.
func problemOf(path string, err error) error {
	for _, limit := range []error{syscall.EMFILE, syscall.ENFILE, syscall.ENOMEM} {
		if errors.Is(err, limit) {
			return fmt.Errorf("read audio %q: %w", path, limit)
		}
	}
	return corpus.ProblemOf(err)
}
