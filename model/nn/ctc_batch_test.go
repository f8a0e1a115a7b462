package nn

import (
	"math"
	"slices"
	"testing"
)

// What an utterance is batched with, the capacity of the graph, what lay in it
// before and the number of goroutines do not change a bit of its loss, nor of
// its gradient.
func TestCTCOfBatchesAndSingles(t *testing.T) {
	defer SetThreads(Threads())
	const K = 9
	frames := []int{30, 17, 0, 24, 5, 30, 8}
	targets := [][]int{{1, 2, 3, 3, 4, 5}, {7}, {}, {0, 0, 0, 1}, {0, 1, 2, 3, 4, 5}, {}, {1, 1, 1}}
	batch, single := newCTCNet[float32](t, 33, len(frames), K, 7), newCTCNet[float32](t, 40, 1, K, 6)
	own := func(b int) []float32 { return numbers[float32](string(rune('a'+b)), 40*K, 4) }
	gradients := map[int][]float32{}
	for threads := 1; threads <= 3; threads++ {
		SetThreads(threads)
		spoil(batch.z(), make([]int, len(frames)), 33, float32(threads)*50)
		for b, l := range frames {
			batch.set(b, l, targets[b]...)
			for f := range l {
				copy(batch.z()[(f*len(frames)+b)*K:][:K], own(b)[f*K:])
			}
		}
		batch.run()
		gradients[threads] = batch.grad("z")
		if !slices.Equal(gradients[threads], gradients[1]) {
			t.Errorf("gradients with %d goroutines differ", threads)
		}
	}
	for b, l := range frames {
		single.set(0, l, targets[b]...)
		copy(single.z(), own(b))
		single.run()
		if single.state.PerUtterance[0] != batch.state.PerUtterance[b] {
			t.Errorf("utterance %d: %+v alone, %+v in the batch", b, single.state.PerUtterance[0], batch.state.PerUtterance[b])
		}
		batchGradient, one := gradients[1], single.grad("z")
		for i := range 33 * K {
			got := batchGradient[(i/K*len(frames)+b)*K+i%K] * float32(batch.state.Count)
			if math.Abs(float64(got-one[i])) > 3e-7 {
				t.Fatalf("utterance %d: gradient %v at frame %d, alone %v", b, got, i/K, one[i])
			}
		}
	}
	if batch.state.Count != 5 || batch.state.Infinite != 1 || batch.state.PerUtterance[4].Fits() {
		t.Errorf("%+v", batch.state)
	}
}

// In float32 the frames of long utterances lose no digits over time: losses
// are those of float64 to 2e-7, gradients to what float32 can say of the
// difference between a prefix and the likeliest one. (PyTorch 2.15 in float32,
// with numbers like these, is off by 2e-3 to 0.2.)
func TestCTCOfLongUtterances(t *testing.T) {
	const T, K, U = 2000, 12, 150
	for size, tolerance := range map[float64]float64{0.1: 3e-5, 3: 2e-4, 30: 3e-4, 300: 2e-3} {
		narrow, wide := newCTCNet[float32](t, T, 1, K, U), newCTCNet[float64](t, T, 1, K, U)
		targets := make([]int, U)
		for i := range targets {
			targets[i] = (i*i + i/3) % (K - 1)
		}
		for i, v := range numbers[float32]("long", T*K, size) {
			narrow.z()[i], wide.z()[i] = v, float64(v)
		}
		narrow.set(0, T, targets...)
		wide.set(0, T, targets...)
		narrow.run()
		wide.run()
		want := wide.state.PerUtterance[0].Loss
		near(t, "loss", narrow.state.PerUtterance[0].Loss, want, 2e-7*want)
		worst, exact := 0.0, wide.grad("z")
		for i, g := range narrow.grad("z") {
			worst = math.Max(worst, math.Abs(float64(g)-exact[i]))
		}
		near(t, "the gradient's largest error", worst, 0, tolerance)
	}
}

// Once an utterance of its size has been there, the recursions allocate nothing.
func TestCTCAllocatesNothing(t *testing.T) {
	const T, K = 60, 30
	z, p, dz := numbers[float32]("z", T*K, 3), make([]float32, T*K), make([]float32, T*K)
	f := ctcFrames[float32]{z: z, norm: make([]float64, T), B: 1, k: K}
	for r := range T {
		sum, top, _ := softmaxRow(p[r*K:][:K], z[r*K:][:K])
		f.norm[r] = math.Log(sum) + float64(top)
	}
	targets := []int{1, 2, 3, 3, 3, 4, 5}
	var u ctcUtterance[float32]
	if allocs := testing.AllocsPerRun(200, func() { // floor of the mean, after a run that does not count
		u.prepare(targets, K-1, T)
		u.forward(f)
		u.backward(f, p, dz, 1)
	}); allocs > 0 || !u.fits() || dz[0] == 0 {
		t.Errorf("%v allocations an utterance, loss %v", allocs, u.loss)
	}
}

// BenchmarkCTC is loss and gradient of 32 utterances of 400 frames, 50 labels
// and 62 classes, as in testdata/bench_ctc.py.
func BenchmarkCTC(b *testing.B) {
	const T, B, K, U = 400, 32, 62, 50
	n := newCTCNet[float32](b, T, B, K, U)
	for u := range B {
		targets := make([]int, U)
		for i := range targets {
			targets[i] = (i*7 + u) % (K - 1)
		}
		n.set(u, T, targets...)
	}
	defer SetThreads(Threads())
	for _, threads := range []int{1, 2} {
		SetThreads(threads)
		b.Run(map[int]string{1: "1 thread", 2: "2 threads"}[threads], func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				n.run()
			}
		})
	}
}

// From posteriors the loss is that from logits.
func TestCTCScorer(t *testing.T) {
	n := newCTCNet[float32](t, 10, 4, 4, 6)
	n.ragged()
	n.set(3, 2, 1, 1)
	n.run()
	var s CTCScorer
	for _, b := range []int{2, 0, 1, 3} {
		u := n.state.PerUtterance[b]
		targets := n.values["targets"].Data().([]int)[b*6:][:u.Labels]
		got := s.Loss(u.Frames, func(f int) []float32 {
			p := make([]float32, 4)
			softmaxRow(p, n.z()[(f*4+b)*4:][:4])
			return p
		}, targets)
		if u.Fits() != (b != 3) || math.IsInf(got, 1) == u.Fits() || u.Fits() && math.Abs(got-u.Loss) > 1e-5 {
			t.Errorf("utterance %d: %v, want %v", b, got, u.Loss)
		}
	}
}
