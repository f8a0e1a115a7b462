package corpus

import (
	"fmt"
	"maps"
	"os"
	"path"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"

	"framewise/corpus/audio"
	"framewise/corpus/draw"
)

// corpusFile is a file of a corpus's folder.
type corpusFile struct {
	rel  string // slash-separated, relative to the corpus's folder
	path string // as the operating system takes it
}

// walkFiles lists the files below dir by name. Links to folders are followed;
// one that leads back to a folder it lies in is noted and not followed again.
// Names that begin with a dot are left out.
func walkFiles(dir string, n notes) ([]corpusFile, error) {
	real, err := filepath.EvalSymlinks(dir)
	if err == nil {
		real, err = filepath.Abs(real)
	}
	if err != nil {
		return nil, fmt.Errorf("list %q: %w", dir, err)
	}
	var files []corpusFile
	var walk func(full, rel string, above []string) error
	walk = func(full, rel string, above []string) error {
		entries, err := os.ReadDir(full)
		if err != nil {
			return fmt.Errorf("list %q: %w", full, err)
		}
		for _, e := range entries {
			if strings.HasPrefix(e.Name(), ".") {
				continue
			}
			f := corpusFile{rel: path.Join(rel, e.Name()), path: filepath.Join(full, e.Name())}
			folder, target := e.IsDir(), filepath.Join(above[len(above)-1], e.Name())
			if e.Type()&os.ModeSymlink != 0 {
				if t, err := filepath.EvalSymlinks(f.path); err != nil {
					n.add("broken-link", f.rel) // its name may still tell of an utterance
				} else if st, err := os.Stat(t); err == nil && st.IsDir() {
					folder, target = true, t
				}
			}
			if !folder {
				files = append(files, f)
				continue
			}
			if slices.Contains(above, target) {
				n.add("link-loop", f.rel)
				continue
			}
			if err := walk(f.path, f.rel, append(slices.Clip(above), target)); err != nil {
				return err
			}
		}
		return nil
	}
	return files, walk(dir, "", []string{real})
}

// relativeURI is a file's URI in a manifest of the folder manifestDir.
func relativeURI(manifestDir, file string) (string, error) {
	base, err := filepath.Abs(manifestDir)
	if err != nil {
		return "", fmt.Errorf("folder of the manifest %q: %w", manifestDir, err)
	}
	abs, err := filepath.Abs(file)
	if err != nil {
		return "", fmt.Errorf("recording %q: %w", file, err)
	}
	rel, err := filepath.Rel(base, abs)
	if err != nil { // on another volume
		return filepath.ToSlash(abs), nil
	}
	return filepath.ToSlash(rel), nil
}

// fillAudio reads a recording's header, verifies the recording and takes its
// SHA-256. The utterance becomes the whole of it.
func (u *Utterance) fillAudio(file string, channel int) *Problem {
	f, err := audio.Open(file)
	if err != nil {
		return ProblemOf(err)
	}
	defer f.Close()
	if channel < 0 || channel >= f.Info.Channels {
		return &Problem{Reason: UnreadableAudio, Detail: fmt.Sprintf("channel %d was asked for, the file has %d (counted from 0)", channel, f.Info.Channels)}
	}
	if f.Info.NumSamples == 0 {
		return &Problem{Reason: UnreadableAudio, Detail: "the file has a header and no samples, want at least one"}
	}
	if err := f.Verify(); err != nil {
		return ProblemOf(err)
	}
	if u.SHA256, err = audio.Sum(file); err != nil {
		return ProblemOf(err)
	}
	u.Rate, u.Channel, u.Samples = f.Info.Rate, channel, f.Info.NumSamples
	u.Begin, u.End = 0, u.Samples
	return nil
}

// inParallel calls work(0) to work(n-1) from so many goroutines (0: one a CPU).
// Progress, if any, is called after each, one call at a time.
func inParallel(n, workers int, progress func(done, total int), work func(i int)) {
	if workers <= 0 {
		workers = runtime.GOMAXPROCS(0)
	}
	var (
		wg         sync.WaitGroup
		mu         sync.Mutex
		next, done int
	)
	for range min(workers, n) {
		wg.Go(func() {
			for {
				mu.Lock()
				i := next
				next++
				mu.Unlock()
				if i >= n {
					return
				}
				work(i)
				mu.Lock()
				done++
				if progress != nil {
					progress(done, n)
				}
				mu.Unlock()
			}
		})
	}
	wg.Wait()
}

// chooseSpeakers reads an option such as --dev-speakers: "" for none, a count
// to draw by hash from the speakers of pool, or a list of names with commas
// between, in any case, out of all. The draw depends on a speaker's name and on
// nothing else, so that a speaker more or less moves no other far.
func chooseSpeakers(option, value string, pool, all []string) (map[string]bool, error) {
	chosen := map[string]bool{}
	value = strings.TrimSpace(value)
	if value == "" {
		return chosen, nil
	}
	if n, err := strconv.Atoi(value); err == nil {
		if n < 0 || n > len(pool) {
			return nil, fmt.Errorf("%s %d: there are %d speakers to draw from, want 0 to %d or a list of names", option, n, len(pool), len(pool))
		}
		order := slices.Clone(pool)
		key := func(s string) draw.Key { return draw.New(0, "corpus/"+option, s, 0) }
		slices.SortFunc(order, func(a, b string) int {
			if ka, kb := key(a), key(b); ka != kb {
				if ka < kb {
					return -1
				}
				return 1
			}
			return strings.Compare(a, b)
		})
		for _, s := range order[:n] {
			chosen[s] = true
		}
		return chosen, nil
	}
	for name := range strings.SplitSeq(value, ",") {
		name = strings.TrimSpace(name)
		i := slices.IndexFunc(all, func(s string) bool { return strings.EqualFold(s, name) })
		if i < 0 {
			return nil, fmt.Errorf("%s: there is no speaker %q, want a count or names out of %s", option, name, some(all))
		}
		chosen[all[i]] = true
	}
	return chosen, nil
}

// some is the first names of a list, for a message.
func some(names []string) string {
	const most = 8
	if len(names) <= most {
		return strings.Join(names, ", ")
	}
	return fmt.Sprintf("%s, ... (%d)", strings.Join(names[:most], ", "), len(names))
}

// without is the sorted names of a set that are not in another.
func without(set, other map[string]bool) []string {
	l := slices.Sorted(maps.Keys(set))
	return slices.DeleteFunc(l, func(s string) bool { return other[s] })
}
