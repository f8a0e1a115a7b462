package synth

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"

	"framewise/corpus/files"
)

// Summary counts what Generate made.
type Summary struct {
	Speakers      int   `json:"speakers"`
	TrainSpeakers int   `json:"train_speakers"`
	TestSpeakers  int   `json:"test_speakers"`
	Utterances    int   `json:"utterances"`
	Samples       int64 `json:"samples"` // of all utterances, at Rate
}

// Seconds is the duration of all audio.
func (s Summary) Seconds() float64 { return float64(float64(s.Samples) / Rate) }

// Hours is the duration of all audio.
func (s Summary) Hours() float64 { return float64(s.Seconds() / 3600) }

// Generate writes a corpus of TIMIT's shape under dir, which is made if it is
// not there:
//
//	TRAIN/DR1/FKLA5/SX17.WAV  NIST SPHERE, 16-bit little-endian, 16 kHz
//	TRAIN/DR1/FKLA5/SX17.PHN  "begin end label" a line, in samples, contiguous from 0 to the last
//	TRAIN/DR1/FKLA5/SX17.WRD  "begin end word"
//	TRAIN/DR1/FKLA5/SX17.TXT  "0 samples The text."
//	TEST/...                  the speakers held out
//
// Each file appears whole or not at all. Running it again over its own output
// writes the same bytes; a TRAIN or TEST folder that holds anything else is
// refused before a file is written, lest two corpora be taken for one.
//
// progress, if not nil, is called from one goroutine at a time after each
// utterance with the number of those done and of all.
func Generate(dir string, cfg Config, progress func(done, total int)) (Summary, error) {
	cfg, err := cfg.resolve()
	if err != nil {
		return Summary{}, err
	}
	us, err := plan(cfg)
	if err != nil {
		return Summary{}, err
	}
	if err := prepare(dir, us); err != nil {
		return Summary{}, err
	}
	test := testSpeakers(cfg.Speakers)
	sum := Summary{Speakers: cfg.Speakers, TrainSpeakers: cfg.Speakers - test, TestSpeakers: test, Utterances: len(us)}

	var (
		mu    sync.Mutex // guards what follows
		next  int
		done  int
		first error
		wg    sync.WaitGroup
	)
	take := func() *utterance {
		mu.Lock()
		defer mu.Unlock()
		if first != nil || next == len(us) {
			return nil
		}
		next++
		return us[next-1]
	}
	for range min(cfg.Workers, len(us)) {
		wg.Go(func() {
			for u := take(); u != nil; u = take() {
				n, err := write(dir, u)
				mu.Lock()
				if err != nil && first == nil {
					first = err
				}
				done++
				sum.Samples += int64(n)
				if progress != nil && err == nil {
					progress(done, len(us))
				}
				mu.Unlock()
			}
		})
	}
	wg.Wait()
	return sum, first
}

// write synthesizes u and writes its four files, the audio last. It returns the
// number of samples.
func write(dir string, u *utterance) (int, error) {
	samples, segs := speak(u)
	base := filepath.Join(dir, filepath.FromSlash(u.base()))
	parts := []struct {
		ext  string
		data []byte
	}{
		{".TXT", txtFile(u.sentence, len(samples))},
		{".WRD", wrdFile(u.sentence, segs)},
		{".PHN", phnFile(segs)},
		{".WAV", sphere(u.speaker.name+"_"+u.name, samples)},
	}
	for _, f := range parts {
		if err := writeFile(base+f.ext, f.data); err != nil {
			return 0, err
		}
	}
	return len(samples), nil
}

// prepare makes the speakers' folders, having seen that TRAIN and TEST hold
// nothing that is not part of this corpus. Temporary files that an interrupted
// run left are removed.
func prepare(dir string, us []*utterance) error {
	planned := make(map[string]bool)
	folders := make(map[string]bool)
	for _, u := range us {
		base := filepath.Join(dir, filepath.FromSlash(u.base()))
		folders[filepath.Dir(base)] = true
		for _, ext := range []string{".TXT", ".WRD", ".PHN", ".WAV"} {
			planned[base+ext] = true
		}
	}
	for _, part := range []string{"TRAIN", "TEST"} {
		if err := inspect(filepath.Join(dir, part), planned); err != nil {
			return err
		}
	}
	for folder := range folders {
		if err := os.MkdirAll(folder, 0o755); err != nil {
			return fmt.Errorf("synth: %w", err)
		}
	}
	return nil
}

// inspect walks a folder of an earlier run, if there is one.
func inspect(root string, planned map[string]bool) error {
	if _, err := os.Lstat(root); os.IsNotExist(err) {
		return nil
	}
	return filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return fmt.Errorf("synth: %w", err)
		case d.IsDir():
			return nil
		case strings.HasPrefix(d.Name(), files.TempPrefix):
			return os.Remove(path)
		case !planned[path]:
			return fmt.Errorf("synth: %q is there already and not part of the corpus asked for: choose an empty folder, or the settings it was made with", path)
		}
		return nil
	})
}
