package transforms

import (
	"bufio"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"hash"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"framewise/transforms/isa"
)

// updateVariable set to 1 makes TestSameBitsEverywhere write identityFile.
const updateVariable = "FRAMEWISE_UPDATE_GOLDEN"

// identityFile holds a line `SHA-256 frames group` for each group of option
// sets; the short one is what -short runs, a tenth of the corpus. A change of
// a hash changes every dataset: raise AlgorithmVersion with it.
func identityFile(short bool) string {
	name := "identity.sha256"
	if short {
		name = "identity-short.sha256"
	}
	return filepath.Join("testdata", name)
}

// bitHash hashes floats by their bits.
type bitHash struct {
	hash.Hash
	buf    []byte
	frames int
}

func newBitHash() *bitHash { return &bitHash{Hash: sha256.New()} }

func (h *bitHash) put(values []float32) {
	h.buf = binary.LittleEndian.AppendUint32(h.buf[:0], uint32(len(values)))
	for _, v := range values {
		h.buf = binary.LittleEndian.AppendUint32(h.buf, math.Float32bits(v))
	}
	h.Write(h.buf)
}

func (h *bitHash) put64(values []float64) {
	h.buf = h.buf[:0]
	for _, v := range values {
		h.buf = binary.LittleEndian.AppendUint64(h.buf, math.Float64bits(v))
	}
	h.Write(h.buf)
}

// line is what identityFile says of a group.
func (h *bitHash) line(group string) string {
	return fmt.Sprintf("%s %6d %s", hex.EncodeToString(h.Sum(nil)), h.frames, group)
}

// TestSameBitsEverywhere holds on every GOARCH and GOAMD64 and for every
// FRAMEWISE_SIMD; TestSameBitsAtEveryLevel and `make test-arch` run it so.
func TestSameBitsEverywhere(t *testing.T) {
	level, err := isa.Choose()
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("%s, level %s", runtime.GOARCH, level)
	corpus := newIdentityCorpus()
	lines := identityLines(t, corpus, testing.Short())
	if os.Getenv(updateVariable) == "1" {
		other := identityLines(t, corpus, !testing.Short())
		for short, lines := range map[bool][]string{testing.Short(): lines, !testing.Short(): other} {
			if err := os.WriteFile(identityFile(short), []byte(strings.Join(lines, "\n")+"\n"), 0o644); err != nil {
				t.Fatal(err)
			}
		}
	}
	compareIdentity(t, lines)
}

// identityLines runs every group over the corpus.
func identityLines(t *testing.T, corpus *identityCorpus, short bool) []string {
	t.Helper()
	frames, lines := 0, []string{}
	for _, g := range identityGroups() {
		h := newBitHash()
		for _, set := range g.sets {
			if short {
				set.step, set.long = 12*set.step+1, set.long/8
			}
			hashSet(t, h, corpus, set)
		}
		lines, frames = append(lines, h.line(g.name)), frames+h.frames
	}
	if t.Logf("%d frames", frames); frames < 100000 {
		t.Errorf("a corpus of %d frames, want at least 100000", frames)
	}
	return append(lines, hashDeltas(corpus).line("deltas"), hashCMVN(t, corpus).line("cmvn"), hashResampler(t, corpus).line("resampler"))
}

// compareIdentity compares the lines of all groups with identityFile.
func compareIdentity(t *testing.T, got []string) {
	t.Helper()
	f, err := os.Open(identityFile(testing.Short()))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	group := func(line string) string { return line[min(len(line), 2*sha256.Size+8):] }
	want := map[string]string{}
	for lines := bufio.NewScanner(f); lines.Scan(); {
		want[group(lines.Text())] = lines.Text()
	}
	if len(got) != len(want) {
		t.Errorf("%d groups, want the %d of %s (%s=1 writes it)", len(got), len(want), f.Name(), updateVariable)
	}
	for _, line := range got {
		if w := want[group(line)]; line != w {
			t.Errorf("got  %s\nwant %s", line, w)
		}
	}
}

// hashSet runs one option set over the corpus, in both types of sample.
func hashSet(t *testing.T, h *bitHash, corpus *identityCorpus, set optionSet) {
	t.Helper()
	x, err := NewExtractor(set.config, set.rate)
	if err != nil {
		t.Fatalf("%+v at %d Hz: %v", set.config, set.rate, err)
	}
	var rows []float32
	put := func() {
		h.put(rows)
		h.frames += len(rows) / x.Dim()
		for _, v := range rows {
			if v-v != 0 {
				t.Fatalf("%+v at %d Hz gives %v", set.config, set.rate, v)
			}
		}
	}
	for n := 0; n <= identityLongest; n += set.step {
		rows = x.ComputeI16(rows, corpus.utterance(n))
		put()
		rows = x.Compute(rows, corpus.floatUtterance(n))
		put()
	}
	for _, s := range corpus.ints {
		rows = x.ComputeI16(rows, s[:set.long])
		put()
	}
	for _, s := range corpus.floats {
		rows = x.Compute(rows, s[:min(set.long, len(s))])
		put()
	}
}

func hashDeltas(corpus *identityCorpus) *bitHash {
	h := newBitHash()
	var once, twice []float32
	for _, F := range []int{1, 5, 8, 13, 16, 23, 40, 80, 257} {
		for T := range 40 {
			for _, s := range corpus.floats {
				once = Deltas(once, s[:T*F], T, F)
				twice = Deltas(twice, once, T, F)
				h.put(once)
				h.put(twice)
			}
			h.frames += T
		}
	}
	return h
}

func hashCMVN(t *testing.T, corpus *identityCorpus) *bitHash {
	t.Helper()
	h := newBitHash()
	for _, F := range []int{1, 13, 40, 80} {
		var stats Stats
		for _, s := range corpus.floats {
			rows := append([]float32{}, s[:100*F]...)
			if err := stats.Add(rows, F); err != nil {
				t.Fatal(err)
			}
			h.put64(stats.Sum)
			h.put64(stats.SumSq)
			mean, invStd := stats.Normalizer(1e-8)
			ApplyCMVN(rows, 100, F, mean, invStd)
			h.put(rows)
			h.frames += 100
		}
	}
	return h
}

func hashResampler(t *testing.T, corpus *identityCorpus) *bitHash {
	t.Helper()
	h := newBitHash()
	for _, rates := range [][2]int{{16000, 8000}, {8000, 16000}, {44100, 16000}, {48000, 16000}, {9, 10}, {48000, 8000}, {192000, 8000}} {
		r, err := NewResampler(rates[0], rates[1])
		if err != nil {
			t.Fatal(err)
		}
		var out []float32
		for n := 0; n <= identityLongest; n += 13 {
			out = r.Resample(out, corpus.floatUtterance(n))
			h.put(out)
		}
		for _, s := range corpus.floats {
			out = r.Resample(out, s)
			h.put(out)
		}
	}
	return h
}

// TestSameBitsAtEveryLevel runs TestSameBitsEverywhere with every set of vector
// instructions but the one that this process chose when it started.
func TestSameBitsAtEveryLevel(t *testing.T) {
	program, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	own, err := isa.Choose()
	if err != nil {
		t.Fatal(err)
	}
	settings := []string{"off", "avx2", "avx512"}
	for level := isa.Scalar; level <= isa.AVX512; level++ {
		switch {
		case level > isa.Best():
			t.Logf("this CPU cannot run %s: not tested here", level)
			continue
		case level == own:
			t.Logf("%s is what TestSameBitsEverywhere runs here", level)
			continue
		}
		cmd := exec.Command(program, "-test.run=^TestSameBitsEverywhere$", "-test.v", fmt.Sprint("-test.short=", testing.Short()))
		cmd.Env = append(os.Environ(), isa.Variable+"="+settings[level], updateVariable+"=")
		out, err := cmd.CombinedOutput()
		if err != nil {
			t.Errorf("%s: %v\n%s", level, err, out)
		} else if !strings.Contains(string(out), "level "+level.String()+"\n") {
			t.Errorf("%s: the test ran at another level:\n%s", level, out)
		} else {
			t.Logf("%s: the same bits", level)
		}
	}
}
