package nn

// blockRows is about how many rows of a batch, a frame of an utterance each, a
// recurrent layer takes through all that it does with them while they are in
// the second-level cache: gates of 4H numbers a row beside what they are
// multiplied by. It is a multiple of the matrix kernels' height.
const blockRows = 240

// leastRows is the smallest number of rows worth a goroutine of their own.
const leastRows = 48

// block is some consecutive steps of a recurrence: from, up to but not
// including to; rows lo to hi of the batch.
type block struct {
	from, to, lo, hi int
	reverse          bool
}

func (k block) rows() int { return k.hi - k.lo }

// withState is the block's rows but for those of the first step of all, whose
// state before is zero.
func (k block) withState(B int) (lo, hi int) {
	switch {
	case k.from > 0:
		return k.lo, k.hi
	case k.reverse:
		return k.lo, k.hi - B
	}
	return k.lo + B, k.hi
}

// blocks cuts T steps of B utterances.
func blocks(reverse bool, T, B int) []block {
	steps := max(1, blockRows/B)
	var all []block
	for from := 0; from < T; from += steps {
		k := block{from: from, to: min(T, from+steps), reverse: reverse}
		if k.lo, k.hi = k.from*B, k.to*B; reverse {
			k.lo, k.hi = (T-k.to)*B, (T-k.from)*B
		}
		all = append(all, k)
	}
	return all
}

// inputGradient is where one direction of a layer leaves the gradient of its
// input, block by block.
type inputGradient[F float] struct {
	dst     []F // [T*B, width]; nil if it is not wanted
	width   int
	scratch []F // room for a block, if the gradient is to be added to dst; otherwise nil
}

func (g inputGradient[F]) wanted() bool { return g.dst != nil }

// put has mul compute the gradients of the rows lo to hi of a block.
func (g inputGradient[F]) put(threads int, k block, mul func(lo, hi int, dst []F)) {
	if !g.wanted() {
		return
	}
	parallel(threads, k.rows(), leastRows, func(lo, hi int) {
		dst := g.dst[(k.lo+lo)*g.width : (k.lo+hi)*g.width]
		if g.scratch == nil {
			mul(k.lo+lo, k.lo+hi, dst)
			return
		}
		part := g.scratch[lo*g.width : hi*g.width]
		mul(k.lo+lo, k.lo+hi, part)
		addTo(dst, part)
	})
}
