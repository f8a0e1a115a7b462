package pipelines

import (
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"

	"golang.org/x/sync/errgroup"

	"framewise/augment"
	"framewise/corpus"
	"framewise/corpus/audio"
	"framewise/dataset/extract"
)

// listSounds lists the recordings of a manifest, or those below a folder, each
// of which has its path there as its id.
func listSounds(path string) ([]corpus.Utterance, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	var list []corpus.Utterance
	if info.IsDir() {
		list, err = soundsBelow(path)
	} else {
		list, err = soundsOf(path)
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
func soundsOf(path string) ([]corpus.Utterance, error) {
	f, err := os.Open(path)
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
func inspectSounds(list []corpus.Utterance, effect string, sums bool) error {
	var work errgroup.Group
	work.SetLimit(runtime.GOMAXPROCS(0))
	faults := make([]error, len(list))
	for i := range list {
		work.Go(func() error {
			faults[i] = inspectSound(&list[i], effect, sums)
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

func inspectSound(s *corpus.Utterance, effect string, sum bool) error {
	if strings.Contains(s.URI, "://") {
		return fmt.Errorf("%s is remote, want a file of this machine", s.URI)
	}
	var err error
	if s.URI, err = filepath.Abs(s.URI); err != nil {
		return err
	}
	f, err := audio.Open(s.URI)
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
	got, err := sums.of(s.URI)
	if err != nil {
		return err
	}
	if s.SHA256 != "" && s.SHA256 != got.sum {
		return fmt.Errorf("%q: the file's SHA-256 is %s, the manifest says %s", s.URI, got.sum, s.SHA256)
	}
	s.SHA256 = got.sum
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
