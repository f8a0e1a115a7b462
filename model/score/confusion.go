package score

// Confusion counts frames by reference and hypothesis.
type Confusion struct {
	Counts  [][]int64 // [reference][hypothesis]
	Ignored int64     // frames without a reference label
}

// NewConfusion makes an empty count over n classes.
func NewConfusion(n int) *Confusion {
	c := &Confusion{Counts: make([][]int64, n)}
	cells := make([]int64, n*n)
	for i := range c.Counts {
		c.Counts[i] = cells[i*n : (i+1)*n : (i+1)*n]
	}
	return c
}

// Add counts one frame.
func (c *Confusion) Add(ref, hyp int) {
	if ref < 0 {
		c.Ignored++
		return
	}
	c.Counts[ref][hyp]++
}

// Frames is the number of frames with a reference label.
func (c *Confusion) Frames() int64 {
	var n int64
	for _, row := range c.Counts {
		n += sum(row)
	}
	return n
}

// Correct is the number of frames whose hypothesis is the reference.
func (c *Confusion) Correct() int64 {
	var n int64
	for i, row := range c.Counts {
		n += row[i]
	}
	return n
}

// Accuracy is the share of frames that are correct, 0 if there are none.
func (c *Confusion) Accuracy() float64 { return ratio(c.Correct(), c.Frames()) }

// ClassAccuracy is the share of frames whose reference is class k: what a
// guesser scores who always says k.
func (c *Confusion) ClassAccuracy(k int) float64 { return ratio(sum(c.Counts[k]), c.Frames()) }

// Class is what a confusion matrix says of one class.
type Class struct {
	Frames                int64   // in the reference
	Recall, Precision, F1 float64 // 0 where they are not defined
}

// Class scores class k.
func (c *Confusion) Class(k int) Class {
	var said int64
	for _, row := range c.Counts {
		said += row[k]
	}
	s := Class{Frames: sum(c.Counts[k])}
	hit := c.Counts[k][k]
	s.Recall, s.Precision = ratio(hit, s.Frames), ratio(hit, said)
	s.F1 = ratio(2*hit, s.Frames+said) // = 2PR/(P+R)
	return s
}

func sum(row []int64) (n int64) {
	for _, v := range row {
		n += v
	}
	return n
}

func ratio(a, b int64) float64 {
	if b == 0 {
		return 0
	}
	return float64(a) / float64(b)
}
