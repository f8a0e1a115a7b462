package train

import (
	"encoding/json"
	"math"
	"os"
	"path/filepath"
	"reflect"
	"testing"

	"framewise/internal/fuzzing"
	"framewise/model"
	"framewise/model/optim"
	"framewise/model/weights"
)

// FuzzCheckpoint: a checkpoint is refused, or gives a learner all that it says:
// what the learner would write is then what was read.
func FuzzCheckpoint(f *testing.F) {
	cfg := DefaultConfig()
	cfg.Network.Layers, cfg.Network.Deltas = 0, 0
	net, err := model.New(cfg.Network, 2, 2, 1)
	if err != nil {
		f.Fatal(err)
	}
	l, err := newLearner(net, networkPrefix, solverConfig(cfg))
	if err != nil {
		f.Fatal(err)
	}
	l.sums = optim.NewAccumulator(l.params)
	if l.average, err = optim.NewAverage(0.9, l.params); err != nil {
		f.Fatal(err)
	}
	file := filepath.Join(f.TempDir(), "last.safetensors")
	for _, weight := range []float64{0, 2.5} {
		l.sums.Weight = weight
		text, err := json.Marshal(state{Epoch: 2, Batch: 1, Steps: 40, PendingWeight: weight, Pending: []string{"a"}})
		if err != nil {
			f.Fatal(err)
		}
		if err := weights.Write(file, weights.File{Tensors: l.tensors(), Meta: map[string]string{stateKey: string(text)}}); err != nil {
			f.Fatal(err)
		}
		b, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(b)
		f.Add(b[:len(b)-4])
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		fuzzing.Overwrite(t, file, b)
		given, err := weights.Read(file)
		if err != nil {
			return
		}
		s, err := readState(given.Meta[stateKey])
		if err != nil || l.restore(given, s.Steps, s.PendingWeight) != nil {
			return
		}
		if l.solver.State().Steps != s.Steps || l.sums.Weight != s.PendingWeight {
			t.Fatalf("%d steps, %g pending, want those of %+v", l.solver.State().Steps, l.sums.Weight, s)
		}
		for _, got := range l.tensors() {
			want, err := given.Get(got.Name, got.Shape...)
			if err != nil || !reflect.DeepEqual(bitsOf(got.Data), bitsOf(want.Data)) {
				t.Fatalf("%s is %v, want %v (%v)", got.Name, got.Data, want.Data, err)
			}
		}
	})
}

func bitsOf(x []float32) []uint32 {
	b := make([]uint32, len(x))
	for i, v := range x {
		b[i] = math.Float32bits(v)
	}
	return b
}
