package interchange

import (
	"math"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"framewise/internal/fuzzing"
	"framewise/model"
	"framewise/model/weights"
)

// FuzzImport: the weights of another program become the network's, and come
// back to the same when they are exported and taken again; or they are refused,
// and the network is as it was.
func FuzzImport(f *testing.F) {
	cfg := networks()["each-layer-gru-unaligned"]
	cfg.Layers, cfg.Hidden = 1, 2
	net, err := model.New(cfg, 2, 2, 1)
	if err != nil {
		f.Fatal(err)
	}
	file := filepath.Join(f.TempDir(), "weights.safetensors")
	for i, program := range Programs {
		ts, err := Export(net, 2, program)
		if err != nil {
			f.Fatal(err)
		}
		for _, ts := range [][]weights.Tensor{ts, ts[1:], append(ts[:1:1], ts...)[1:]} {
			if err := weights.Write(file, weights.File{Tensors: ts}); err != nil {
				f.Fatal(err)
			}
			b, err := os.ReadFile(file)
			if err != nil {
				f.Fatal(err)
			}
			f.Add(b, uint8(i), "module", "")
			f.Add(b, uint8(i), ts[0].Name, "output")
			f.Add(b, uint8(1-i), "recurrent", "forward")
		}
	}
	values := func() (all []uint32) {
		for _, p := range net.Params() {
			for _, v := range p.Data() {
				all = append(all, math.Float32bits(v))
			}
		}
		return all
	}
	f.Fuzz(func(t *testing.T, b []byte, which uint8, theirs, ours string) {
		program := Programs[int(which)%len(Programs)]
		fuzzing.Overwrite(t, file, b)
		given, err := weights.Read(file)
		if err != nil {
			return
		}
		before := values()
		if Import(net, 2, program, given, map[string]string{theirs: ours}) != nil {
			if !slices.Equal(values(), before) {
				t.Fatal("weights that were refused changed the network")
			}
			return
		}
		taken := values()
		ts, err := Export(net, 2, program)
		if err != nil {
			t.Fatal(err)
		}
		if err := Import(net, 2, program, weights.File{Tensors: ts}, nil); err != nil || !slices.Equal(values(), taken) {
			t.Fatalf("what was exported is taken as something else (%v)", err)
		}
	})
}
