package nn

import (
	"math"
	"slices"
	"testing"
)

// dropped runs dropout over ones and returns its output.
func dropped(t *testing.T, cfg DropoutConfig, state DropoutState, lens []int, T, I int) []float32 {
	n := newNet[float32](t)
	x := n.floats("x", T, len(lens), I)
	for i := range data[float32](n.values["x"]) {
		data[float32](n.values["x"])[i] = 1
	}
	out := n.must(Dropout(x, n.ints("lens", lens...), cfg, &state))
	n.compile(out, n.weigh(out), "x")
	n.run()
	if k := numbers[float32]("loss", len(n.output()), 1); state.Train { // the gradient goes where the input went
		for i, v := range n.output() {
			if g := n.grad("x")[i]; g != v*k[i] {
				t.Fatalf("gradient %v where the output is %v of %v", g, v, k[i])
			}
		}
	}
	return n.output()
}

func TestDropout(t *testing.T) {
	const T, I, p = 60, 51, 0.3
	lens := []int{60, 40, 0, 55}
	state := DropoutState{Seed: 1, Step: 4, Train: true}
	cfg := DropoutConfig{Name: "merge", P: p}
	out := dropped(t, cfg, state, lens, T, I)
	zeroPadding(t, "output", out, lens, T)
	kept := 0
	for _, v := range out {
		switch v {
		case 0:
		case float32(1 / (1 - p)):
			kept++
		default:
			t.Fatalf("%v is neither dropped nor scaled", v)
		}
	}
	n := (60 + 40 + 55) * I
	if want, sd := float64(n)*(1-p), math.Sqrt(float64(n)*p*(1-p)); math.Abs(float64(kept)-want) > 4*sd {
		t.Errorf("kept %d of %d, want %.0f +- %.0f", kept, n, want, sd)
	}
	if !slices.Equal(out, dropped(t, cfg, state, lens, T, I)) {
		t.Error("the same step gives another mask")
	}
	for what, other := range map[string][]float32{
		"step":  dropped(t, cfg, DropoutState{Seed: 1, Step: 5, Train: true}, lens, T, I),
		"seed":  dropped(t, cfg, DropoutState{Seed: 2, Step: 4, Train: true}, lens, T, I),
		"layer": dropped(t, DropoutConfig{Name: "other", P: p}, state, lens, T, I),
	} {
		if slices.Equal(out, other) {
			t.Errorf("another %s gives the same mask", what)
		}
	}
	cfg.PerUtterance = true
	out = dropped(t, cfg, state, lens, T, I)
	for b, l := range lens {
		for f := 1; f < l; f++ {
			if !slices.Equal(out[b*I:][:I], out[(f*len(lens)+b)*I:][:I]) {
				t.Fatalf("utterance %d has another mask at frame %d", b, f)
			}
		}
	}
	if slices.Equal(out[:I], out[I:][:I]) {
		t.Error("two utterances have one mask")
	}
}

func TestDropoutOutsideTraining(t *testing.T) {
	for _, c := range []struct {
		cfg   DropoutConfig
		state DropoutState
	}{{DropoutConfig{P: 0.5}, DropoutState{}}, {DropoutConfig{}, DropoutState{Train: true}}} {
		for i, v := range dropped(t, c.cfg, c.state, []int{4, 4}, 4, 3) {
			if v != 1 {
				t.Fatalf("element %d became %v", i, v)
			}
		}
	}
}
