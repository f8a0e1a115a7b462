package nn

import (
	"math"
	"slices"
	"strings"
	"testing"

	"gorgonia.org/tensor"
)

// ctcNet is a graph of a CTC on logits [T, B, K], with room for U targets.
type ctcNet[F float] struct {
	*net[F]
	T, B, K, U int
	state      *CTCState
}

func newCTCNet[F float](t testing.TB, T, B, K, U int) *ctcNet[F] {
	n := newNet[F](t)
	state := &CTCState{}
	targets := n.input("targets", tensorOf(make([]int, B*U), B, U))
	loss := n.must(CTC(n.floats("z", T, B, K), n.ints("lens", make([]int, B)...), targets, n.ints("sizes", make([]int, B)...), state))
	n.compile(loss, loss, "z")
	return &ctcNet[F]{net: n, T: T, B: B, K: K, U: U, state: state}
}

// set gives utterance b its frames and targets; the room behind them is for no class.
func (n *ctcNet[F]) set(b, frames int, targets ...int) {
	n.values["lens"].Data().([]int)[b] = frames
	n.values["sizes"].Data().([]int)[b] = len(targets)
	room := n.values["targets"].Data().([]int)[b*n.U:][:n.U]
	for i := copy(room, targets); i < n.U; i++ {
		room[i] = -7
	}
}

func (n *ctcNet[F]) z() []F { return data[F](n.values["z"]) }

// enumerate is the definition: the probability of all paths of an utterance
// that stand for the targets, and of those of them with class k at frame t.
func enumerate(p [][]float64, targets []int, blank int) (total float64, through [][]float64) {
	T, K := len(p), len(p[0])
	through = make([][]float64, T)
	for t := range through {
		through[t] = make([]float64, K)
	}
	path := make([]int, T)
	for {
		var said []int
		product := 1.0
		for t, k := range path {
			product *= p[t][k]
			if k != blank && (t == 0 || path[t-1] != k) {
				said = append(said, k)
			}
		}
		if slices.Equal(said, targets) {
			total += product
			for t, k := range path {
				through[t][k] += product
			}
		}
		t := 0
		for ; t < T && path[t] == K-1; t++ {
			path[t] = 0
		}
		if t == T {
			return total, through
		}
		path[t]++
	}
}

// All targets of up to 4 labels, of 1 to 5 frames, with either blank.
func TestCTCByEnumeration(t *testing.T) {
	const K = 3
	for _, blankFirst := range []bool{false, true} {
		n := newCTCNet[float64](t, 6, 1, K, 4)
		n.state.BlankFirst = blankFirst
		blank := n.state.Blank(K)
		finite, infinite := 0, 0
		for T := 1; T <= 5; T++ {
			p := make([][]float64, T)
			for f := range p {
				p[f] = make([]float64, K)
				softmaxRow(p[f], n.z()[f*K:][:K])
			}
			for code := range 1 + 2 + 4 + 8 + 16 {
				var targets []int
				for c := code + 1; c > 1; c /= 2 { // the digits behind the first 1
					targets = append(targets, c%2+blankOffset(blankFirst))
				}
				n.set(0, T, targets...)
				loss := n.run()
				total, through := enumerate(p, targets, blank)
				if total == 0 {
					infinite++
					if loss != 0 || n.state.Count != 0 || n.state.Infinite != 1 || n.state.PerUtterance[0].Fits() || slices.Max(n.grad("z")) != 0 || slices.Min(n.grad("z")) != 0 {
						t.Fatalf("%v in %d frames: loss %v, %+v", targets, T, loss, n.state)
					}
					continue
				}
				finite++
				if want := -math.Log(total); math.Abs(loss-want) > 1e-12 || n.state.PerUtterance[0].Loss != loss {
					t.Fatalf("%v in %d frames: loss %v, want %v", targets, T, loss, want)
				}
				for i, g := range n.grad("z") {
					want := 0.0
					if f := i / K; f < T {
						want = p[f][i%K] - through[f][i%K]/total
					}
					if math.Abs(g-want) > 1e-12 {
						t.Fatalf("%v in %d frames: gradient %v at frame %d, class %d, want %v", targets, T, g, i/K, i%K, want)
					}
				}
			}
		}
		if finite < 50 || infinite < 50 {
			t.Errorf("%d targets fit, %d do not", finite, infinite)
		}
	}
}

// blankOffset is the first class that is not the blank.
func blankOffset(blankFirst bool) int {
	if blankFirst {
		return 1
	}
	return 0
}

// ragged fills a net of at least 4 utterances, of 6 to 9 frames.
func (n *ctcNet[F]) ragged() (lens []int) {
	lens = []int{6, 0, 9, 7}
	for b, targets := range [][]int{{0, 0, 2}, {}, {1, 2, 1, 1, 0}, {}} {
		n.set(b, lens[b], targets...)
	}
	spoil(n.z(), lens, n.T, 1e3)
	return lens
}

func TestCTCGradient(t *testing.T) {
	for _, perLabel := range []bool{false, true} {
		n := newCTCNet[float64](t, 10, 4, 4, 6)
		n.state.PerLabel = perLabel
		lens := n.ragged()
		n.check("z")
		n.run()
		zeroPadding(t, "gradient", n.grad("z"), lens, 10)
		if n.state.Count != 3 || n.state.Infinite != 0 {
			t.Errorf("%d utterances, %d infinite", n.state.Count, n.state.Infinite)
		}
		if u := n.state.PerUtterance[2]; u.Frames != 9 || u.Labels != 5 {
			t.Errorf("%+v", u)
		}
	}
}

// A path through a class of probability 0 does not fit; a logit that is no
// number makes the loss none.
func TestCTCOfNonFiniteLogits(t *testing.T) {
	n := newCTCNet[float32](t, 3, 2, 4, 1)
	n.set(0, 3, 1)
	n.set(1, 3, 2)
	for f := range 3 {
		n.z()[(f*2+1)*4+2] = float32(math.Inf(-1))
	}
	if loss := n.run(); n.state.Infinite != 1 || n.state.PerUtterance[1].Fits() || loss != n.state.PerUtterance[0].Loss && math.Abs(loss-n.state.PerUtterance[0].Loss) > 1e-6 {
		t.Errorf("loss %v, %+v", loss, n.state)
	}
	for i, g := range n.grad("z") {
		if i/4%2 == 1 && g != 0 || g != g {
			t.Errorf("gradient %d is %v", i, g)
		}
	}
	n.z()[1] = float32(math.NaN())
	if loss := n.run(); loss == loss {
		t.Errorf("the loss with a NaN is %v", loss)
	}
}

func TestCTCRefuses(t *testing.T) {
	build := func(targets *tensor.Dense, sizes []int, state *CTCState) error {
		n := newNet[float32](t)
		_, err := CTC(n.floats("z", 5, 2, 4), n.ints("lens", 5, 5), n.input("targets", targets), n.ints("sizes", sizes...), state)
		return err
	}
	for want, err := range map[string]error{
		"CTC: targets are (3, 2) of int, want [2, U] of int": build(tensorOf(make([]int, 6), 3, 2), []int{1, 1}, &CTCState{}),
		"CTC: targets are (4) of int":                        build(tensorOf(make([]int, 4), 4), []int{1, 1}, &CTCState{}),
		"CTC: targets are (2, 1) of float32":                 build(tensorOf(make([]float32, 2), 2, 1), []int{1, 1}, &CTCState{}),
		"CTC: lengths of targets are (3) of int, want [2]":   build(tensorOf(make([]int, 6), 2, 3), []int{1, 1, 1}, &CTCState{}),
		"CTC: no state": build(tensorOf(make([]int, 6), 2, 3), []int{1, 1}, nil),
	} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v, want one about %q", err, want)
		}
	}
	for want, c := range map[string]struct {
		frames     int
		size       int
		label      int
		blankFirst bool
	}{
		"target 0 of utterance 1 is 3, want 0 to 3 without the blank, 3":        {5, 1, 3, false},
		"target 0 of utterance 1 is 0, want 0 to 3 without the blank, 0":        {5, 1, 0, true},
		"target 0 of utterance 1 is -1":                                         {5, 1, -1, false},
		"target 0 of utterance 1 is 4":                                          {5, 1, 4, true},
		"utterance 1 of the batch has 3 targets, the graph has room for 0 to 2": {5, 3, 1, false},
		"utterance 1 of the batch has -1 targets":                               {5, -1, 1, false},
		"utterance 1 of the batch has length 6":                                 {6, 1, 1, false},
	} {
		n := newCTCNet[float32](t, 5, 2, 4, 2)
		n.set(0, 5, 1, 2)
		n.set(1, c.frames, c.label)
		n.state.BlankFirst = c.blankFirst
		n.values["sizes"].Data().([]int)[1] = c.size
		if err := n.vm.RunAll(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v, want one about %q", err, want)
		}
	}
}
