package transforms

import (
	"bufio"
	"encoding/binary"
	"encoding/json"
	"math"
	"os"
	"path/filepath"
	"testing"

	"go.yaml.in/yaml/v3"
)

const goldenDir = "testdata/golden"

// goldenCase is a line of cases.jsonl, written by make_golden.py.
type goldenCase struct {
	Name    string          `json:"name"`
	Rate    int             `json:"rate"`
	Samples int             `json:"samples"`
	Skip    int             `json:"skip"`   // samples of the signal before those
	Signal  string          `json:"signal"` // speech: speechSignal, else testSignal
	Deltas  int             `json:"deltas"` // how often Deltas is applied
	Config  json.RawMessage `json:"config"`
	Frames  int             `json:"frames"`
	Width   int             `json:"width"`
}

func goldenCases(t *testing.T) []goldenCase {
	t.Helper()
	f, err := os.Open(filepath.Join(goldenDir, "cases.jsonl"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var cases []goldenCase
	for lines := bufio.NewScanner(f); lines.Scan(); {
		var c goldenCase
		if err := json.Unmarshal(lines.Bytes(), &c); err != nil {
			t.Fatal(err)
		}
		cases = append(cases, c)
	}
	return cases
}

func (c goldenCase) signal() []int16 {
	if c.Signal == "speech" {
		return speechSignal(c.Skip + c.Samples)[c.Skip:]
	}
	return testSignal(c.Skip + c.Samples)[c.Skip:]
}

func goldenRows(t *testing.T, name string) []float32 {
	t.Helper()
	b, err := os.ReadFile(filepath.Join(goldenDir, name+".f32"))
	if err != nil {
		t.Fatal(err)
	}
	rows := make([]float32, len(b)/4)
	for i := range rows {
		rows[i] = math.Float32frombits(binary.LittleEndian.Uint32(b[4*i:]))
	}
	return rows
}

// The tolerances, in natural-log units (0.001 is 0.004 dB).
//
// A log-mel cell far below the rest of its frame is what float32 rounding in
// the FFT leaves: ours, and for Kaldi the reference's own. Down to 87 dB below
// the frame's total cells agree to 5e-4; below that both must be as far down,
// give or take 3. Cepstra mix all cells of a frame, and Kaldi's come from
// float32 log-mels with errors of up to 3e-4. A delta weighs six values by 0.1
// or 0.2, 0.6 in all, and so keeps the tolerance of what it is a delta of.
const (
	tolLogMel   = 5e-4
	tolCepstra  = 1e-3
	tolSpectrum = 2e-6 // of the frame's largest bin
	faintRange  = 87 / 4.342944819
	tolFaint    = 3
)

func TestGolden(t *testing.T) {
	for _, c := range goldenCases(t) {
		t.Run(c.Name, func(t *testing.T) {
			var cfg FeatureConfig
			if err := yaml.Unmarshal(c.Config, &cfg); err != nil {
				t.Fatal(err)
			}
			x, err := NewExtractor(cfg, c.Rate)
			if err != nil {
				t.Fatal(err)
			}
			got := x.ComputeI16(nil, c.signal())
			for range c.Deltas {
				got = Deltas(nil, got, len(got)/x.Dim(), x.Dim())
			}
			if x.Dim() != c.Width || len(got) != c.Frames*c.Width {
				t.Fatalf("%d values in rows of %d, want %d in rows of %d", len(got), x.Dim(), c.Frames*c.Width, c.Width)
			}
			want := goldenRows(t, c.Name)
			worst, sum := 0.0, 0.0
			for f := range c.Frames {
				w, s := compareRow(t, cfg.Kind, f, got[f*c.Width:][:c.Width], want[f*c.Width:][:c.Width])
				worst, sum = max(worst, w), sum+s
			}
			t.Logf("largest difference %.2g, mean %.2g", worst, sum/float64(len(want)))
		})
	}
}

// compareRow checks one row and returns its largest and summed differences
// among the cells that tolLogMel, tolCepstra or tolSpectrum apply to.
func compareRow(t *testing.T, kind Kind, frame int, got, want []float32) (worst, sum float64) {
	t.Helper()
	total, largest := 0.0, 0.0
	for _, v := range want {
		total += math.Exp(float64(v))
		largest = max(largest, float64(v))
	}
	for i := range want {
		d := math.Abs(float64(got[i]) - float64(want[i]))
		tol := 0.0
		switch kind {
		case LogMel:
			tol = tolLogMel
			if limit := math.Log(total) - faintRange; float64(want[i]) < limit {
				if float64(got[i]) > limit+tolFaint {
					t.Errorf("frame %d, column %d: %v, want at most %v", frame, i, got[i], limit+tolFaint)
				}
				continue
			}
		case MFCC:
			tol = tolCepstra
		default:
			tol = tolSpectrum * largest
		}
		if !(d <= tol) {
			t.Errorf("frame %d, column %d: %v, want %v (difference %.2g)", frame, i, got[i], want[i], d)
		}
		worst, sum = max(worst, d), sum+d
	}
	return worst, sum
}

func TestGoldenDelta(t *testing.T) {
	cfg, err := Preset("psf-mfcc")
	if err != nil {
		t.Fatal(err)
	}
	x, err := NewExtractor(cfg, 16000)
	if err != nil {
		t.Fatal(err)
	}
	feats := x.ComputeI16(nil, testSignal(8400))
	want := goldenRows(t, "psf-mfcc-delta")
	for i, v := range Deltas(nil, feats, len(feats)/x.Dim(), x.Dim()) {
		if d := math.Abs(float64(v) - float64(want[i])); !(d < tolCepstra) {
			t.Errorf("value %d: %v, want %v", i, v, want[i])
		}
	}
}
