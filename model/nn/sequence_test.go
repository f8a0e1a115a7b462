package nn

import (
	"encoding/json"
	"math"
	"os"
	"slices"
	"testing"

	G "gorgonia.org/gorgonia"
)

// golden is what testdata/make_golden.py writes.
type golden struct {
	Lens, Labels                    []int
	X, WF, WB, WO, Y, DWF, DWB, DWO []float64
	Loss                            float64
}

// The whole of a network against NumPy, in both types.
func TestGolden(t *testing.T) {
	raw, err := os.ReadFile("testdata/blstm.json")
	if err != nil {
		t.Fatal(err)
	}
	var want golden
	if err := json.Unmarshal(raw, &want); err != nil {
		t.Fatal(err)
	}
	t.Run("float64", func(t *testing.T) { compareGolden[float64](t, want, 1e-9) })
	t.Run("float32", func(t *testing.T) { compareGolden[float32](t, want, 1e-6) })
}

func compareGolden[F float](t *testing.T, want golden, tolerance float64) {
	const T, B, I, H, K = 5, 3, 3, 2, 4
	n := newNet[F](t)
	set := func(name string, x []float64, shape ...int) *G.Node {
		y := make([]F, len(x))
		for i, v := range x {
			y[i] = F(v)
		}
		return n.input(name, tensorOf(y, shape...))
	}
	lens := n.ints("lens", want.Lens...)
	y := n.must(BLSTM(set("x", want.X, T, B, I), lens, set("wf", want.WF, I+H+1, 4*H), set("wb", want.WB, I+H+1, 4*H), LSTMConfig{Hidden: H}))
	z := n.must(Dense(y, lens, set("wo", want.WO, 2*H+1, K), Linear, true))
	loss := n.must(CrossEntropy(z, n.ints("labels", want.Labels...), &XentState{}))
	n.compile(y, loss, "wf", "wb", "wo")
	if got := n.run(); math.Abs(got-want.Loss) > tolerance {
		t.Errorf("loss %v, want %v", got, want.Loss)
	}
	for name, pair := range map[string]struct {
		got  []F
		want []float64
	}{"y": {n.output(), want.Y}, "dwf": {n.grad("wf"), want.DWF}, "dwb": {n.grad("wb"), want.DWB}, "dwo": {n.grad("wo"), want.DWO}} {
		for i, w := range pair.want {
			if math.Abs(float64(pair.got[i])-w) > tolerance {
				t.Fatalf("%s: number %d is %v, want %v", name, i, pair.got[i], w)
			}
		}
	}
}

// outputOf runs one operation on x [T, B, I].
func outputOf(t *testing.T, lens []int, T, I int, build func(n *net[float32], x, lens *G.Node) *G.Node) []float32 {
	n := newNet[float32](t)
	out := build(n, n.floats("x", T, len(lens), I), n.ints("lens", lens...))
	n.compile(out, n.weigh(out))
	n.run()
	return n.output()
}

func TestBLSTMIsTwoLSTMs(t *testing.T) {
	const T, I, H = 9, 5, 7
	lens := []int{9, 1, 6, 0, 8}
	both := outputOf(t, lens, T, I, func(n *net[float32], x, ln *G.Node) *G.Node {
		return n.must(BLSTM(x, ln, n.floats("wf", I+H+1, 4*H), n.floats("wb", I+H+1, 4*H), LSTMConfig{Hidden: H}))
	})
	merged := outputOf(t, lens, T, I, func(n *net[float32], x, ln *G.Node) *G.Node {
		f := n.must(LSTM(x, ln, n.floats("wf", I+H+1, 4*H), LSTMConfig{Hidden: H}))
		b := n.must(LSTM(x, ln, n.floats("wb", I+H+1, 4*H), LSTMConfig{Hidden: H, Reverse: true}))
		return n.must(Concat(ln, f, b))
	})
	turned := outputOf(t, lens, T, I, func(n *net[float32], x, ln *G.Node) *G.Node {
		f := n.must(LSTM(x, ln, n.floats("wf", I+H+1, 4*H), LSTMConfig{Hidden: H}))
		b := n.must(LSTM(n.must(Reverse(x, ln)), ln, n.floats("wb", I+H+1, 4*H), LSTMConfig{Hidden: H}))
		return n.must(Concat(ln, f, n.must(Reverse(b, ln))))
	})
	if !slices.Equal(both, merged) {
		t.Error("BLSTM differs from an LSTM beside a reversed one")
	}
	if !slices.Equal(both, turned) {
		t.Error("a reversed LSTM differs from an LSTM over mirrored frames, mirrored back")
	}
}

func TestReverse(t *testing.T) {
	const T, I = 7, 3
	lens := []int{7, 0, 4, 1}
	x := numbers[float32]("x", T*len(lens)*I, 0.8)
	once := outputOf(t, lens, T, I, func(n *net[float32], x, ln *G.Node) *G.Node { return n.must(Reverse(x, ln)) })
	twice := outputOf(t, lens, T, I, func(n *net[float32], x, ln *G.Node) *G.Node {
		return n.must(Reverse(n.must(Reverse(x, ln)), ln))
	})
	for b, l := range lens {
		for f := range l {
			at := func(f int) int { return (f*len(lens) + b) * I }
			if !slices.Equal(once[at(f):][:I], x[at(l-1-f):][:I]) || !slices.Equal(twice[at(f):][:I], x[at(f):][:I]) {
				t.Errorf("frame %d of utterance %d", f, b)
			}
		}
	}
	zeroPadding(t, "mirrored", once, lens, T)
}

// Keras' go_backwards twice is aligned again: its first layer gives reversed
// time, and its second, reading that backwards, runs forward in time.
func TestDoubleIsAligned(t *testing.T) {
	const T, I, H = 8, 4, 3
	lens := []int{8, 5, 7}
	goBackwards := func(n *net[float32], x, ln, w *G.Node, cfg LSTMConfig) *G.Node {
		cfg.Reverse = true
		return n.must(Reverse(n.must(LSTM(x, ln, w, cfg)), ln))
	}
	double := outputOf(t, lens, T, I, func(n *net[float32], x, ln *G.Node) *G.Node {
		h := goBackwards(n, x, ln, n.floats("w1", I+H+1, 4*H), LSTMConfig{Hidden: H})
		return goBackwards(n, h, ln, n.floats("w2", 2*H+1, 4*H), LSTMConfig{Hidden: H, NeedDX: true})
	})
	aligned := outputOf(t, lens, T, I, func(n *net[float32], x, ln *G.Node) *G.Node {
		h := n.must(LSTM(x, ln, n.floats("w1", I+H+1, 4*H), LSTMConfig{Hidden: H, Reverse: true}))
		return n.must(LSTM(h, ln, n.floats("w2", 2*H+1, 4*H), LSTMConfig{Hidden: H, NeedDX: true}))
	})
	if !slices.Equal(double, aligned) {
		t.Error("two layers of go_backwards do not give frames in order")
	}
}

// deep is a network with every kind of layer, in a capacity, and how to feed it.
type deep struct {
	*net[float32]
	T, B, I int
	state   *XentState
}

func newDeep(t testing.TB, T, B int) *deep {
	const I, H, K = 6, 9, 5
	n := newNet[float32](t)
	d := &deep{net: n, T: T, B: B, I: I, state: &XentState{}}
	lens := n.ints("lens", make([]int, B)...)
	cfg := ConvConfig{Channels: 2, Freqs: 3, Filters: 3, KT: 3, KF: 2, Act: Tanh, Same: true}
	c := n.must(Conv2D(n.floats("x", T, B, I), lens, n.floats("wc", 13, 3), cfg))
	c = n.must(LayerNorm(c, lens, n.floats("wn", 2, 9), LayerNormConfig{Epsilon: 1e-3, NeedDX: true}))
	h := n.must(BLSTM(c, lens, n.floats("wf", 9+H+1, 4*H), n.floats("wb", 9+H+1, 4*H), LSTMConfig{Hidden: H, NeedDX: true}))
	h = n.must(BGRU(h, lens, n.floats("wgf", 2*H+H+2, 3*H), n.floats("wgb", 2*H+H+2, 3*H), GRUConfig{Hidden: H, NeedDX: true}))
	z := n.must(Dense(h, lens, n.floats("wo", 2*H+1, K), Linear, true))
	loss := n.must(CrossEntropy(z, n.ints("labels", make([]int, T*B)...), d.state))
	n.compile(n.must(Softmax(z, lens)), loss, "wc", "wn", "wf", "wb", "wgf", "wgb", "wo")
	return d
}

// utterance u has its own frames and labels, wherever it lies in a batch.
func (d *deep) put(b, u, frames int) {
	x, labels := data[float32](d.values["x"]), d.values["labels"].Data().([]int)
	own := numbers[float32]("utterance "+string(rune('a'+u)), d.T*d.I, 1)
	d.values["lens"].Data().([]int)[b] = frames
	for t := range d.T {
		copy(x[(t*d.B+b)*d.I:][:d.I], own[t*d.I:])
		if labels[t*d.B+b] = (t*7 + u) % 5; t >= frames {
			labels[t*d.B+b] = -1
		}
	}
}

func (d *deep) posteriors(b, frames int) []float32 {
	var p []float32
	for t := range frames {
		p = append(p, data[float32](d.out.Value())[(t*d.B+b)*5:][:5]...)
	}
	return p
}

// What an utterance is batched with, the capacity of the graph, earlier
// batches and the number of goroutines leave its posteriors bit for bit as
// they are; losses and gradients of a batch are those of its utterances.
func TestBatchesAgreeWithSingles(t *testing.T) {
	defer SetThreads(Threads())
	frames := []int{12, 5, 9, 1, 12, 7, 3, 10, 11}
	batch, single := newDeep(t, 12, 9), newDeep(t, 14, 1)
	batch.run() // an empty batch first, all lengths 0
	var together [3][]float32
	var loss float64
	sums := map[string][]float64{}
	count := 0
	for threads := 1; threads <= 3; threads++ {
		SetThreads(threads)
		for u, l := range frames {
			batch.put(u, u, l)
		}
		loss = batch.run()
		count = batch.state.Count
		together[threads-1] = append(together[threads-1], batch.output()...)
		for _, w := range []string{"wc", "wn", "wf", "wb", "wgf", "wgb", "wo"} {
			together[threads-1] = append(together[threads-1], batch.grad(w)...)
		}
	}
	if !slices.Equal(together[0], together[1]) || !slices.Equal(together[0], together[2]) {
		t.Error("posteriors or gradients depend on the number of goroutines")
	}
	perUtterance := slices.Clone(batch.state.PerUtterance)
	total := 0.0
	for u, l := range frames {
		single.put(0, u, l)
		one := single.run()
		total += one * float64(l)
		if !slices.Equal(single.posteriors(0, l), batch.posteriors(u, l)) {
			t.Errorf("posteriors of utterance %d depend on its batch", u)
		}
		if single.state.PerUtterance[0] != perUtterance[u] {
			t.Errorf("utterance %d: %+v alone, %+v in the batch", u, single.state.PerUtterance[0], perUtterance[u])
		}
		for _, w := range []string{"wc", "wn", "wf", "wb", "wgf", "wgb", "wo"} {
			g := single.grad(w)
			if sums[w] == nil {
				sums[w] = make([]float64, len(g))
			}
			for i, v := range g {
				sums[w][i] += float64(v) * float64(l) / float64(count)
			}
		}
	}
	if math.Abs(total/float64(count)-loss) > 1e-6 {
		t.Errorf("loss %v, of its utterances %v", loss, total/float64(count))
	}
	for w, sum := range sums {
		for i, v := range batch.grad(w) {
			if math.Abs(float64(v)-sum[i]) > 1e-6 {
				t.Fatalf("gradient %d of %s is %v, of its utterances %v", i, w, v, sum[i])
			}
		}
	}
	for u := range frames { // a smaller batch in the same graph
		batch.put(u, u, 0)
	}
	batch.put(4, 4, 6)
	batch.run()
	single.put(0, 4, 6)
	single.run()
	if !slices.Equal(single.posteriors(0, 6), batch.posteriors(4, 6)) {
		t.Error("an earlier, larger batch shows in a smaller one")
	}
	zeroPadding(t, "posteriors", batch.output(), []int{0, 0, 0, 0, 6, 0, 0, 0, 0}, 12)
}

// BenchmarkStep is the network of docs/benchmarks: two BLSTM layers of 128
// units a direction, 16 utterances of 300 frames of 40, forward and backward.
func BenchmarkStep(b *testing.B) {
	const T, B, I, H, K = 300, 16, 40, 128, 62
	n := newNet[float32](b)
	full, labels := make([]int, B), make([]int, T*B)
	for i := range full {
		full[i] = T
	}
	for i := range labels {
		labels[i] = i % K
	}
	lens := n.ints("lens", full...)
	h := n.must(BLSTM(n.floats("x", T, B, I), lens, n.floats("wf1", I+H+1, 4*H), n.floats("wb1", I+H+1, 4*H), LSTMConfig{Hidden: H}))
	h = n.must(BLSTM(h, lens, n.floats("wf2", 3*H+1, 4*H), n.floats("wb2", 3*H+1, 4*H), LSTMConfig{Hidden: H, NeedDX: true}))
	z := n.must(Dense(h, lens, n.floats("wo", 2*H+1, K), Linear, true))
	loss := n.must(CrossEntropy(z, n.ints("labels", labels...), &XentState{}))
	n.compile(loss, loss, "wf1", "wb1", "wf2", "wb2", "wo")
	defer SetThreads(Threads())
	for _, threads := range []int{1, 2} {
		SetThreads(threads)
		b.Run(map[int]string{1: "1 thread", 2: "2 threads"}[threads], func(b *testing.B) {
			for b.Loop() {
				n.run()
			}
		})
	}
}
