package synth

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"framewise/corpus/files"
)

// treeHash is a SHA-256 over names and contents of all files below dir, in
// the order of their names.
func treeHash(t *testing.T, dir string) string {
	t.Helper()
	h := sha256.New()
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		rel, err := filepath.Rel(dir, path)
		if err != nil {
			return err
		}
		data, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		fmt.Fprintf(h, "%s %d\n", filepath.ToSlash(rel), len(data))
		h.Write(data)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return fmt.Sprintf("%x", h.Sum(nil))
}

func generate(t *testing.T, dir string, cfg Config) Summary {
	t.Helper()
	s, err := Generate(dir, cfg, nil)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// goldenCorpus is what Config{Speakers: 4, Sentences: 4, Seed: 1} sounds like,
// on every CPU and with every GOAMD64. It changes only when the synthesizer is
// changed on purpose.
const goldenCorpus = "22004a565c5ad81bb9bdf4e4daf8ad739e9c4483521ebeb81c01c155d7f9d8de"

func TestSameBytesEverywhere(t *testing.T) {
	cfg := Config{Speakers: 4, Sentences: 4, Seed: 1}
	for _, workers := range []int{1, 2, 5} {
		dir := t.TempDir()
		cfg.Workers = workers
		generate(t, dir, cfg)
		if got := treeHash(t, dir); got != goldenCorpus {
			t.Errorf("%d workers: corpus hashes to %s, want %s", workers, got, goldenCorpus)
		}
	}
	cfg.Seed = 2
	dir := t.TempDir()
	generate(t, dir, cfg)
	if treeHash(t, dir) == goldenCorpus {
		t.Error("another seed gave the same corpus")
	}
}

func TestRerun(t *testing.T) {
	dir := t.TempDir()
	cfg := Config{Speakers: 4, Sentences: 1, Seed: 3}
	generate(t, dir, cfg)
	want := treeHash(t, dir)

	// What an interrupted run leaves: a temporary file, and files missing.
	waves, err := filepath.Glob(filepath.Join(dir, "TRAIN", "*", "*", "*.WAV"))
	if err != nil || len(waves) != 2 {
		t.Fatalf("TRAIN holds %v (%v), want 2 recordings", waves, err)
	}
	if err := os.Remove(waves[0]); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(filepath.Dir(waves[0]), files.TempPrefix+"123"), []byte("half"), 0o644); err != nil {
		t.Fatal(err)
	}
	generate(t, dir, cfg)
	if got := treeHash(t, dir); got != want {
		t.Error("a rerun over an interrupted run differs from an undisturbed one")
	}

	cfg.Seed = 4
	if _, err := Generate(dir, cfg, nil); err == nil || !strings.Contains(err.Error(), "choose an empty folder") {
		t.Errorf("another corpus in the same folder: got error %v, want a refusal", err)
	}
	if got := treeHash(t, dir); got != want {
		t.Error("the refused run changed the folder")
	}
}

func TestProgress(t *testing.T) {
	var calls []int
	s, err := Generate(t.TempDir(), Config{Speakers: 4, Sentences: 2, Seed: 5, Workers: 3}, func(done, total int) {
		if total != 8 {
			t.Errorf("progress of %d, want of 8", total)
		}
		calls = append(calls, done)
	})
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(calls, []int{1, 2, 3, 4, 5, 6, 7, 8}) {
		t.Errorf("progress was %v, want 1 to 8", calls)
	}
	if s.Speakers != 4 || s.TrainSpeakers != 2 || s.TestSpeakers != 2 || s.Utterances != 8 {
		t.Errorf("summary %+v, want 4 speakers, 2 and 2, and 8 utterances", s)
	}
	if sec := s.Seconds(); sec < 16 || sec > 48 || s.Hours() != sec/3600 {
		t.Errorf("8 sentences take %.1f s, %.4f h; want about 24 s", sec, s.Hours())
	}
}

func TestGenerateFails(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o644); err != nil {
		t.Fatal(err)
	}
	loud := DefaultVariation()
	loud.Headroom = Range{10, 5}
	for _, c := range []struct {
		name, dir string
		cfg       Config
		want      string
	}{
		{"few speakers", t.TempDir(), Config{Speakers: 3, Sentences: 1}, "3 speakers: want 4"},
		{"no sentences", t.TempDir(), Config{Speakers: 4}, "0 sentences"},
		{"workers", t.TempDir(), Config{Speakers: 4, Sentences: 1, Workers: -1}, "-1 workers"},
		{"variation", t.TempDir(), Config{Speakers: 4, Sentences: 1, Variation: loud}, "Headroom is 10 to 5"},
		{"a file for a folder", file, Config{Speakers: 4, Sentences: 1}, "not a directory"},
	} {
		if _, err := Generate(c.dir, c.cfg, nil); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: error %v, want one with %q", c.name, err, c.want)
		}
	}
	if err := writeFile(filepath.Join(file, "x"), nil); err == nil {
		t.Error("writing below a file gave no error")
	}
	dir := t.TempDir()
	if err := os.Mkdir(filepath.Join(dir, "x"), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := writeFile(filepath.Join(dir, "x"), []byte("data")); err == nil {
		t.Error("writing over a folder gave no error")
	}
	if left, _ := filepath.Glob(filepath.Join(dir, files.TempPrefix+"*")); len(left) > 0 {
		t.Errorf("a failed write left %v", left)
	}
}

// parseSphere reads a SPHERE file by hand, field by field.
func parseSphere(t *testing.T, data []byte) (fields map[string]string, samples []int16) {
	t.Helper()
	if len(data) < 1024 || string(data[:16]) != "NIST_1A\n   1024\n" {
		t.Fatalf("no SPHERE header in %q", data[:min(len(data), 16)])
	}
	header, _, ok := strings.Cut(string(data[16:1024]), "end_head\n")
	if !ok {
		t.Fatal("the header has no end_head")
	}
	fields = make(map[string]string)
	for line := range strings.Lines(header) {
		f := strings.Fields(line)
		if len(f) != 3 {
			t.Fatalf("header line %q has %d parts, want 3", line, len(f))
		}
		if n, found := strings.CutPrefix(f[1], "-s"); found && n != strconv.Itoa(len(f[2])) {
			t.Errorf("header line %q: the value has %d bytes", line, len(f[2]))
		}
		fields[f[0]] = f[2]
	}
	samples = make([]int16, (len(data)-1024)/2)
	if err := binary.Read(bytes.NewReader(data[1024:]), binary.LittleEndian, samples); err != nil {
		t.Fatal(err)
	}
	return fields, samples
}

// TestFiles reads a corpus back as an importer would.
func TestFiles(t *testing.T) {
	dir := t.TempDir()
	s := generate(t, dir, Config{Speakers: 6, Sentences: 4, Seed: 7})
	waves, err := filepath.Glob(filepath.Join(dir, "*", "DR*", "*", "*.WAV"))
	if err != nil || len(waves) != s.Utterances {
		t.Fatalf("%d recordings (%v), want %d", len(waves), err, s.Utterances)
	}
	var total int64
	for _, path := range waves {
		data, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		fields, samples := parseSphere(t, data)
		n := len(samples)
		total += int64(n)
		for key, want := range map[string]string{
			"sample_count": strconv.Itoa(n), "sample_rate": "16000", "channel_count": "1", "sample_n_bytes": "2",
			"sample_byte_format": "01", "sample_sig_bits": "16", "sample_coding": "pcm",
			"sample_min": strconv.Itoa(int(slices.Min(samples))), "sample_max": strconv.Itoa(int(slices.Max(samples))),
		} {
			if fields[key] != want {
				t.Errorf("%s: %s is %q, want %q", path, key, fields[key], want)
			}
		}
		if slices.Max(samples) > 32700 || slices.Min(samples) < -32700 {
			t.Errorf("%s clips", path)
		}
		if slices.Max(samples) < 1000 {
			t.Errorf("%s is silent: its loudest sample is %d", path, slices.Max(samples))
		}
		checkAlignment(t, strings.TrimSuffix(path, ".WAV"), n)
	}
	if total != s.Samples {
		t.Errorf("recordings hold %d samples, the summary says %d", total, s.Samples)
	}
}

type line struct {
	begin, end int
	label      string
}

func readLines(t *testing.T, path string) []line {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var out []line
	for l := range strings.Lines(string(data)) {
		var x line
		if n, err := fmt.Sscanf(l, "%d %d %s\n", &x.begin, &x.end, &x.label); n != 3 || err != nil {
			t.Fatalf("%s: line %q: %v", path, l, err)
		}
		out = append(out, x)
	}
	return out
}

// checkAlignment holds PHN, WRD and TXT of base against each other and n samples.
func checkAlignment(t *testing.T, base string, n int) {
	t.Helper()
	phn := readLines(t, base+".PHN")
	at := 0
	starts, ends := map[int]bool{}, map[int]bool{}
	for _, p := range phn {
		if p.begin != at || p.end <= p.begin {
			t.Errorf("%s: phone %+v, want it to begin at %d and have a length", base, p, at)
		}
		if !slices.Contains(timit61, p.label) {
			t.Errorf("%s: label %q is not one of the 61", base, p.label)
		}
		at = p.end
		starts[p.begin], ends[p.end] = true, true
	}
	if at != n {
		t.Errorf("%s: phones end at %d, audio at %d", base, at, n)
	}
	if phn[0].label != "h#" || phn[len(phn)-1].label != "h#" {
		t.Errorf("%s: begins with %q and ends with %q, want h#", base, phn[0].label, phn[len(phn)-1].label)
	}
	text, err := os.ReadFile(base + ".TXT")
	if err != nil {
		t.Fatal(err)
	}
	prefix := fmt.Sprintf("0 %d ", n)
	if !strings.HasPrefix(string(text), prefix) {
		t.Fatalf("%s.TXT is %q, want it to begin with %q", base, text, prefix)
	}
	spoken := strings.Fields(strings.ToLower(strings.NewReplacer(",", "", ".", "", "?", "").Replace(string(text[len(prefix):]))))
	var words []string
	last := 0
	for _, w := range readLines(t, base+".WRD") {
		if w.begin < last || w.end <= w.begin || !starts[w.begin] || !ends[w.end] {
			t.Errorf("%s: word %+v overlaps the one before or does not lie on phone boundaries", base, w)
		}
		last = w.end
		words = append(words, w.label)
	}
	if !slices.Equal(words, spoken) {
		t.Errorf("%s: words %v, text %v", base, words, spoken)
	}
}
