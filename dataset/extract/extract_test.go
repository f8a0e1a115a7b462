package extract

import (
	"bytes"
	"context"
	"encoding/csv"
	"encoding/json"
	"errors"
	"io"
	"math"
	"math/rand"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/sbinet/npyio"

	"framewise/corpus/audio"
	"framewise/transforms"
)

// fixtures are recordings of 160 samples in every encoding that is read.
const fixtures = "../../corpus/audio/testdata"

func fixture(name string) string { return filepath.Join(fixtures, name) }

// config has frames that 160 samples hold some of.
func config(rule transforms.FramingRule, f Format) Config {
	c, err := transforms.Preset("psf-logfbank")
	if err != nil {
		panic(err)
	}
	c.FramingRule, c.FrameLengthMs, c.FrameShiftMs = rule, 4, 1.5
	return Config{Features: c, Format: f}
}

// whole is a recording's features computed at once, [T, F].
func whole(t testing.TB, path string, c Config) (rows []float32, T, F int) {
	t.Helper()
	samples, rate, err := audio.Load(path, c.Channel, 0, -1)
	if err != nil {
		t.Fatal(err)
	}
	x, err := transforms.NewExtractor(c.Features, rate)
	if err != nil {
		t.Fatal(err)
	}
	return x.Compute(nil, samples), x.NumFrames(len(samples)), x.Dim()
}

// readNPY reads a matrix with another implementation.
func readNPY(t testing.TB, b []byte) (x []float32, shape []int) {
	t.Helper()
	r, err := npyio.NewReader(bytes.NewReader(b))
	if err != nil {
		t.Fatal(err)
	}
	if err := r.Read(&x); err != nil {
		t.Fatal(err)
	}
	return x, r.Header.Descr.Shape
}

func readCSV(t testing.TB, b []byte) (x []float32, shape []int) {
	t.Helper()
	rows, err := csv.NewReader(bytes.NewReader(b)).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	for _, row := range rows {
		for _, cell := range row {
			v, err := strconv.ParseFloat(cell, 32)
			if err != nil {
				t.Fatal(err)
			}
			x = append(x, float32(v))
		}
	}
	return x, []int{len(rows), len(rows[0])}
}

// TestFile extracts every fixture in both formats by one extractor: the
// numbers of the whole signal, to the bit.
func TestFile(t *testing.T) {
	paths, err := filepath.Glob(fixture("*.[wsf][apl][vha]*"))
	if err != nil || len(paths) < 20 {
		t.Fatalf("fixtures: %v, %v", paths, err)
	}
	for _, rule := range []transforms.FramingRule{transforms.FramingPSF, transforms.FramingKaldiSnip, transforms.FramingKaldi} {
		for name, f := range map[string]struct {
			format Format
			read   func(testing.TB, []byte) ([]float32, []int)
		}{"npy": {NPY, readNPY}, "csv": {CSV, readCSV}} {
			c := config(rule, f.format)
			x := New(c)
			for _, path := range paths {
				if strings.Contains(path, "adpcm") {
					continue
				}
				var out bytes.Buffer
				r, err := x.File(t.Context(), path, &out)
				if err != nil {
					t.Fatal(err)
				}
				want, T, F := whole(t, path, c)
				got, shape := f.read(t, out.Bytes())
				if !slices.Equal(shape, []int{T, F}) || r.Frames != T || r.Samples != 160 {
					t.Fatalf("%s %s %s: shape %v, %+v, want %d rows of %d", path, rule, name, shape, r, T, F)
				}
				for i, v := range got {
					if math.Float32bits(v) != math.Float32bits(want[i]) {
						t.Fatalf("%s %s %s: value %d is %v, want %v", path, rule, name, i, v, want[i])
					}
				}
			}
		}
	}
}

func TestDeltas(t *testing.T) {
	c := config(transforms.FramingPSF, NPY)
	statics, T, F := whole(t, fixture("s16.wav"), c)
	for order := range MaxDeltas + 1 {
		c.Deltas = order
		var out bytes.Buffer
		if _, err := New(c).File(t.Context(), fixture("s16.wav"), &out); err != nil {
			t.Fatal(err)
		}
		got, shape := readNPY(t, out.Bytes())
		if !slices.Equal(shape, []int{T, F * (1 + order)}) {
			t.Fatalf("order %d: shape %v, want %d rows of %d", order, shape, T, F*(1+order))
		}
		plane := statics
		for k := range order + 1 {
			for i := range T {
				if row := got[i*F*(1+order)+k*F:][:F]; !slices.Equal(row, plane[i*F:i*F+F]) {
					t.Fatalf("order %d, row %d: the columns of order %d differ", order, i, k)
				}
			}
			plane = transforms.Deltas(nil, plane, T, F)
		}
	}
}

// TestDeltasInPieces writes matrices of every length around the window's in
// pieces of every kind: the bits of the whole matrix's deltas.
func TestDeltasInPieces(t *testing.T) {
	const F = 2
	rng := rand.New(rand.NewSource(1))
	for _, T := range []int{1, 2, 3, 4, 5, 8, 9, 250, 255, 256, 257, 259, 260, 261, 264, 265, 1000, 1290} {
		x := make([]float32, T*F)
		for i := range x {
			x[i] = rng.Float32()
		}
		d := transforms.Deltas(nil, x, T, F)
		dd := transforms.Deltas(nil, d, T, F)
		for order := range MaxDeltas + 1 {
			var want []float32
			for i := range T {
				for _, plane := range [][]float32{x, d, dd}[:1+order] {
					want = append(want, plane[i*F:(i+1)*F]...)
				}
			}
			for _, most := range []int{1, 7, 300, 2000} {
				var out bytes.Buffer
				w, err := withDeltas(NPY, order)(&out, Matrix{T: T, F: F})
				if err != nil {
					t.Fatal(err)
				}
				for rest := x; len(rest) > 0; {
					n := min(F*(1+rng.Intn(most)), len(rest))
					if err := w.WriteRows(rest[:n]); err != nil {
						t.Fatal(err)
					}
					rest = rest[n:]
				}
				if err := w.Close(); err != nil {
					t.Fatal(err)
				}
				if got, _ := readNPY(t, out.Bytes()); !slices.Equal(got, want) {
					t.Fatalf("%d rows, order %d, pieces of up to %d rows: other values than the whole matrix's", T, order, most)
				}
			}
		}
	}
}

// TestNPYHeader compares with what numpy writes: testdata/make_npy_headers.py.
func TestNPYHeader(t *testing.T) {
	b, err := os.ReadFile("testdata/npy_headers.json")
	if err != nil {
		t.Fatal(err)
	}
	var golden []struct {
		Shape  [2]int
		Header string
	}
	if err := json.Unmarshal(b, &golden); err != nil {
		t.Fatal(err)
	}
	for _, g := range golden {
		var want []byte // the JSON holds a byte a code point
		for _, r := range g.Header {
			want = append(want, byte(r))
		}
		if got := npyHeader(g.Shape[0], g.Shape[1]); !bytes.Equal(got, want) {
			t.Errorf("shape %v:\n%q, numpy writes\n%q", g.Shape, got, want)
		}
	}
	if len(golden) == 0 {
		t.Error("no golden headers")
	}
}

// FuzzNPYHeader reads headers with another implementation.
func FuzzNPYHeader(f *testing.F) {
	f.Add(uint32(0), uint32(0))
	f.Add(uint32(123456), uint32(80))
	f.Fuzz(func(t *testing.T, rows, columns uint32) {
		h := npyHeader(int(rows), int(columns))
		r, err := npyio.NewReader(bytes.NewReader(h))
		if err != nil || !slices.Equal(r.Header.Descr.Shape, []int{int(rows), int(columns)}) || r.Header.Descr.Type != "<f4" || r.Header.Descr.Fortran || len(h)%64 != 0 {
			t.Fatalf("%q: %+v, %v", h, r, err)
		}
	})
}

// TestNumpyReadsIt reads a file with numpy itself and has it written again.
func TestNumpyReadsIt(t *testing.T) {
	name := os.Getenv("FRAMEWISE_PYTHON")
	if name == "" {
		name = "python3"
	}
	if err := exec.Command(name, "-c", "import numpy").Run(); err != nil {
		t.Skipf("no %s with numpy (set FRAMEWISE_PYTHON): %v", name, err)
	}
	var out bytes.Buffer
	if _, err := New(config(transforms.FramingPSF, NPY)).File(t.Context(), fixture("s16.wav"), &out); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "x.npy")
	if err := os.WriteFile(path, out.Bytes(), 0o644); err != nil {
		t.Fatal(err)
	}
	script := "import numpy, sys; x = numpy.load(sys.argv[1]); assert x.dtype == numpy.float32; numpy.save(sys.argv[1], x)"
	if msg, err := exec.Command(name, "-c", script, path).CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, msg)
	}
	again, err := os.ReadFile(path)
	if err != nil || !bytes.Equal(again, out.Bytes()) {
		t.Errorf("numpy.save writes other bytes (%v)", err)
	}
}

// TestErrors holds that errors name the recording and come before output.
func TestErrors(t *testing.T) {
	short := filepath.Join(t.TempDir(), "short.wav")
	b, err := os.ReadFile(fixture("s16.wav"))
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(short, b[:100], 0o644); err != nil {
		t.Fatal(err)
	}
	long := config(transforms.FramingKaldiSnip, NPY)
	long.Features.FrameLengthMs = 25
	second := config(transforms.FramingPSF, NPY)
	second.Channel = 1
	high := config(transforms.FramingPSF, NPY)
	high.Features.HighHz = 8000
	usual := config(transforms.FramingPSF, NPY)
	for _, c := range []struct {
		cfg        Config
		path, want string
	}{
		{usual, short, "it is truncated"},
		{usual, "none.wav", "there is no such file"},
		{usual, fixture("ima-adpcm.wav"), "IMA ADPCM"},
		{second, fixture("s16.wav"), "channel 1 was asked for"},
		{long, fixture("s16.wav"), "160 samples at 11025 Hz are shorter than one frame of 25 ms"},
		{high, fixture("s16.wav"), "high_hz: 8000"},
	} {
		var out bytes.Buffer
		_, err := New(c.cfg).File(t.Context(), c.path, &out)
		if err == nil || !strings.Contains(err.Error(), c.want) || !strings.Contains(err.Error(), c.path) || out.Len() > 0 {
			t.Errorf("%s: %d bytes and %v, want none and %q", c.path, out.Len(), err, c.want)
		}
		if is := errors.As(err, new(*RateError)); is != (c.want == "high_hz: 8000") {
			t.Errorf("%v is a RateError: %v", err, is)
		}
	}
	// One that goes bad in the middle leaves the extractor fit for the next.
	x := New(config(transforms.FramingKaldi, NPY))
	var clean, after bytes.Buffer
	_, first := x.File(t.Context(), fixture("s16.wav"), &clean)
	full := errors.New("disk full")
	_, failed := x.File(t.Context(), fixture("s16.wav"), &fullDisk{n: 200, err: full})
	_, again := x.File(t.Context(), fixture("s16.wav"), &after)
	if first != nil || !errors.Is(failed, full) || again != nil || !bytes.Equal(clean.Bytes(), after.Bytes()) {
		t.Errorf("%v, %v, %v", first, failed, again)
	}
}

// fullDisk takes n bytes.
type fullDisk struct {
	n   int
	err error
}

func (d *fullDisk) Write(b []byte) (int, error) {
	if d.n -= len(b); d.n < 0 {
		return 0, d.err
	}
	return len(b), nil
}

// TestMemoryDoesNotGrowWithTheRecording extracts ten seconds and ten minutes.
func TestMemoryDoesNotGrowWithTheRecording(t *testing.T) {
	dir := t.TempDir()
	head, err := os.ReadFile(fixture("s16.wav"))
	if err != nil {
		t.Fatal(err)
	}
	recording := func(seconds int) string {
		n := seconds * 2 * 11025
		b := append(bytes.Clone(head[:40]), byte(n), byte(n>>8), byte(n>>16), byte(n>>24))
		path := filepath.Join(dir, strconv.Itoa(seconds)+".wav")
		if err := os.WriteFile(path, append(b, make([]byte, n)...), 0o644); err != nil {
			t.Fatal(err)
		}
		return path
	}
	for name, f := range map[string]Format{"npy": NPY, "csv": CSV, "npy with deltas": withDeltas(NPY, 2)} {
		c, err := transforms.Preset("kaldi-fbank")
		if err != nil {
			t.Fatal(err)
		}
		x := New(Config{Features: c, Format: f})
		extract := func(path string) uint64 {
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			if _, err := x.File(context.Background(), path, io.Discard); err != nil {
				t.Fatal(err)
			}
			runtime.ReadMemStats(&after)
			return after.TotalAlloc - before.TotalAlloc
		}
		extract(recording(10))
		if got := extract(recording(600)); got > 1<<20 {
			t.Errorf("%s: ten minutes after ten seconds allocate %d bytes", name, got)
		}
	}
}
