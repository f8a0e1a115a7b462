package pipelines

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"runtime"
	"slices"
	"strings"

	"golang.org/x/sync/errgroup"

	"framewise/augment"
	"framewise/corpus"
	"framewise/corpus/audio"
	"framewise/corpus/files"
	"framewise/dataset"
	"framewise/dataset/extract"
)

// listSounds lists the recordings of a manifest, or those below a folder, each
// of which has its path there as its id.
func listSounds(ctx context.Context, path string) ([]corpus.Utterance, error) {
	folder, err := isFolder(ctx, path)
	if err != nil {
		return nil, err
	}
	var list []corpus.Utterance
	switch {
	case !folder:
		list, err = soundsOf(ctx, path)
	case corpus.IsRemote(path):
		list, err = soundsInStore(ctx, path)
	default:
		list, err = soundsBelow(path)
	}
	if err == nil && len(list) == 0 {
		err = fmt.Errorf("%q lists no recording, want at least one", path)
	}
	slices.SortFunc(list, func(a, b corpus.Utterance) int { return strings.Compare(a.ID, b.ID) })
	for i := 1; i < len(list) && err == nil; i++ {
		if list[i].ID == list[i-1].ID {
			err = fmt.Errorf("%q has the id %q twice, want each once", path, list[i].ID)
		}
	}
	return list, err
}

// isFolder says whether a path names a folder. In a bucket, that is what names
// no file.
func isFolder(ctx context.Context, path string) (bool, error) {
	if !corpus.IsRemote(path) {
		info, err := os.Stat(path)
		return err == nil && info.IsDir(), err
	}
	_, err := dataset.StatFile(ctx, path)
	if errors.Is(err, fs.ErrNotExist) || errors.Is(err, fs.ErrInvalid) { // gs://BUCKET is no path of a file
		return true, nil
	}
	return false, err
}

func soundsInStore(ctx context.Context, uri string) ([]corpus.Utterance, error) {
	store, err := dataset.OpenStore(ctx, uri)
	if err != nil {
		return nil, err
	}
	files, err := store.List(ctx, ".")
	var list []corpus.Utterance
	for _, f := range files {
		if id, ok := extract.RecordingName(f.Name); ok {
			list = append(list, corpus.Utterance{ID: id, URI: dataset.JoinPath(uri, f.Name)})
		}
	}
	return list, err
}

func soundsBelow(dir string) ([]corpus.Utterance, error) {
	found, err := extract.Find([]string{dir})
	var list []corpus.Utterance
	for _, f := range found {
		if f.Err != nil {
			return nil, f.Err
		}
		list = append(list, corpus.Utterance{ID: f.Name, URI: f.Path})
	}
	return list, err
}

// soundsOf reads a manifest. Its lines are those of a corpus, of which sounds
// need the id and the URI; SHA-256, rate, channel, begin and end are taken if
// they are there.
func soundsOf(ctx context.Context, path string) ([]corpus.Utterance, error) {
	local, err := dataset.LocalCopy(ctx, path)
	if err != nil {
		return nil, err
	}
	f, _, err := files.OpenRegular(local)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	var list []corpus.Utterance
	err = corpus.ReadManifest(f, path, func(line int, _ corpus.LineRef, u *corpus.Utterance, err error) error {
		switch {
		case u == nil:
			return fmt.Errorf("%q: %w", path, err)
		case u.Problem != nil:
			return fmt.Errorf("%q: line %d: %q has a problem: %w", path, line, u.ID, u.Problem)
		case u.ID == "" || u.URI == "":
			return fmt.Errorf("%q: line %d: the id is %q and the uri %q, want both", path, line, u.ID, u.URI)
		}
		list = append(list, corpus.Utterance{ID: u.ID, URI: corpus.ResolveURI(path, u.URI), SHA256: u.SHA256,
			Rate: u.Rate, Channel: u.Channel, Begin: u.Begin, End: u.End})
		return nil
	})
	return list, err
}

// inspectSounds completes the lines of sounds from their files.
func inspectSounds(ctx context.Context, list []corpus.Utterance, effect string, sums bool) error {
	var work errgroup.Group
	work.SetLimit(runtime.GOMAXPROCS(0))
	faults := make([]error, len(list))
	for i := range list {
		work.Go(func() error {
			faults[i] = inspectSound(ctx, &list[i], effect, sums)
			return nil
		})
	}
	err := work.Wait()
	for i, fault := range faults {
		if fault != nil { // the first by id, whichever was found first
			return fmt.Errorf("sound %q: %w", list[i].ID, fault)
		}
	}
	return err
}

func inspectSound(ctx context.Context, s *corpus.Utterance, effect string, sum bool) error {
	var err error
	if s.URI, err = absolute(s.URI); err != nil {
		return err
	}
	path, err := soundFile(ctx, s)
	if err != nil {
		return err
	}
	f, err := audio.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	if s.End == 0 {
		s.End = f.Info.NumSamples
	}
	switch {
	case s.Rate != 0 && s.Rate != f.Info.Rate:
		return fmt.Errorf("%q is at %d Hz, the manifest says %d", s.URI, f.Info.Rate, s.Rate)
	case s.Channel < 0 || s.Channel >= f.Info.Channels:
		return fmt.Errorf("%q has %d channels, the manifest says channel %d (from 0)", s.URI, f.Info.Channels, s.Channel)
	case s.Begin < 0 || s.Begin >= s.End || s.End > f.Info.NumSamples:
		return fmt.Errorf("%q has %d samples, the sound is samples %d to %d: want at least one within them", s.URI, f.Info.NumSamples, s.Begin, s.End)
	}
	s.Rate, s.Samples = f.Info.Rate, f.Info.NumSamples
	if effect == "reverb" {
		if err := inspectResponse(f, s); err != nil {
			return err
		}
	}
	if !sum {
		return nil
	}
	got, err := sums.of(path)
	if err != nil {
		return err
	}
	if s.SHA256 != "" && s.SHA256 != got.sum {
		return fmt.Errorf("%q: the file's SHA-256 is %s, the manifest says %s", s.URI, got.sum, s.SHA256)
	}
	s.SHA256 = got.sum
	noteSound(s, path)
	return nil
}

// inspectResponse refuses what is no impulse response. They are short, so
// their samples are looked at.
func inspectResponse(f *audio.File, s *corpus.Utterance) error {
	if n := s.NumSamples(); n > int64(s.Rate)*augment.MaxResponseSeconds {
		return fmt.Errorf("%q has %.1f s, want an impulse response of at most %d s", s.URI, float64(n)/float64(s.Rate), augment.MaxResponseSeconds)
	}
	h, err := f.ReadF32(nil, s.Channel, s.Begin, s.End)
	if err != nil {
		return err
	}
	if !slices.ContainsFunc(h, func(v float32) bool { return v != 0 }) {
		return fmt.Errorf("%q: every sample is 0, want an impulse response", s.URI)
	}
	return nil
}
