package nn

import (
	"encoding/json"
	"math"
	"os"
	"slices"
	"testing"
)

// goldenCTC is a batch of testdata/ctc.json.
type goldenCTC struct {
	BlankFirst             bool
	K                      int
	Lens                   []int
	Targets                [][]int
	Z, Losses, DSum, DMean []float64
	Sum, Mean              float64
}

func TestCTCGolden(t *testing.T) {
	var batches []goldenCTC
	readGolden(t, "ctc.json", &batches)
	t.Run("float64", func(t *testing.T) { compareCTC[float64](t, batches, 1e-10) })
	t.Run("float32", func(t *testing.T) { compareCTC[float32](t, batches, 3e-6) })
}

// readGolden reads a file of testdata/make_torch_golden.py.
func readGolden(t *testing.T, name string, v any) {
	t.Helper()
	raw, err := os.ReadFile("testdata/" + name)
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(raw, v); err != nil {
		t.Fatalf("%s: %v", name, err)
	}
}

func near(t *testing.T, what string, got, want, tolerance float64) {
	t.Helper()
	if !(math.Abs(got-want) <= tolerance) {
		t.Errorf("%s is %v, want %v", what, got, want)
	}
}

func compareCTC[F float](t *testing.T, batches []goldenCTC, tolerance float64) {
	infinite := 0
	for _, w := range batches {
		T, B, U := slices.Max(w.Lens), len(w.Lens), 0
		for _, y := range w.Targets {
			U = max(U, len(y))
		}
		n := newCTCNet[F](t, T, B, w.K, U)
		n.state.BlankFirst = w.BlankFirst
		for i, v := range w.Z {
			n.z()[i] = F(v)
		}
		for b, y := range w.Targets {
			n.set(b, w.Lens[b], y...)
		}
		loss := n.run()
		count := float64(n.state.Count)
		near(t, "sum", loss*count, w.Sum, tolerance*w.Sum)
		for b, u := range n.state.PerUtterance {
			if !u.Fits() {
				infinite++
				u.Loss = -1
			}
			near(t, "an utterance's loss", u.Loss, w.Losses[b], tolerance*math.Abs(w.Losses[b]))
		}
		for i, g := range n.grad("z") {
			near(t, "a gradient of the sum", float64(g)*count, w.DSum[i], tolerance)
		}
		n.state.PerLabel = true
		near(t, "mean", n.run()*count/float64(B), w.Mean, tolerance*w.Mean)
		for i, g := range n.grad("z") {
			near(t, "a gradient of the mean", float64(g)*count/float64(B), w.DMean[i], tolerance)
		}
	}
	if infinite != 2 {
		t.Errorf("%d utterances do not fit, want 2", infinite)
	}
}
