package train

import (
	"context"
	"fmt"
	"slices"
	"testing"

	"framewise/dataset"
	"framewise/model"
	"framewise/model/results"
)

// byHand pads examples as a user of pad_sequences would: zeros in front, which
// are frames of class 0.
func byHand(examples memory) memory {
	longest := 0
	for _, ex := range examples {
		longest = max(longest, int(ex.NumFrames))
	}
	var all memory
	for _, ex := range examples {
		p := *ex
		missing := longest - int(ex.NumFrames)
		p.NumFrames, p.Features, p.Labels = int32(longest), make([]float32, longest*toyWidth), make([]int16, longest)
		copy(p.Features[missing*toyWidth:], ex.Features)
		copy(p.Labels[missing:], ex.Labels)
		p.Parts = []dataset.Part{{Speaker: ex.Speaker, Variant: "original", NumFrames: int32(longest)}}
		all = append(all, &p)
	}
	return all
}

// Training with padding that counts is training on examples padded by hand, to
// the bit; scores on dev are of utterances in their own lengths in both.
func TestPaddingToTheLongestIsPaddingByHand(t *testing.T) {
	for _, preset := range []string{"blstm-late", "post"} {
		for _, utterances := range []int{1, 4} {
			c := toyConfig(t, preset)
			c.CMVN, c.InputNoise, c.Epochs, c.Seed = "none", 0, 2, 5
			c.Batch = BatchConfig{Utterances: utterances, Padding: PaddingLongest}
			train, dev := toy(12, 40, 1), toy(4, 40, 2)
			var weights [2][]float32
			var lines [2]results.Epoch
			for i, src := range []memory{train, byHand(train)} {
				dir := t.TempDir()
				if _, err := runToy(t, context.Background(), c, src, dev, dir, nil); err != nil {
					t.Fatal(err)
				}
				for _, w := range readWeights(t, dir, results.LastFile) {
					weights[i] = append(weights[i], w.Data...)
				}
				lines[i] = lastEpoch(t, dir)
			}
			a, b := lines[0], lines[1]
			if !slices.Equal(weights[0], weights[1]) || a.TrainLoss != b.TrainLoss || a.TrainAccuracy != b.TrainAccuracy || *a.DevLoss != *b.DevLoss {
				t.Errorf("%s, %d at a time: padding that counts gives %+v, padding by hand %+v", preset, utterances, a, b)
			}
			if b.PaddingShare != 0 || a.PaddingShare != 1-float64(a.Frames)/float64(b.Frames) || a.PaddingShare < 0.1 {
				t.Errorf("%s: share of padding %v of %d frames, by hand %v of %d", preset, a.PaddingShare, a.Frames, b.PaddingShare, b.Frames)
			}
		}
	}
}

// Padding counts in the batches that there are too: their labelled frames are
// their cells.
func TestPaddingCounts(t *testing.T) {
	for padding, want := range map[string]bool{PaddingMasked: false, PaddingCounted: true} {
		c := toyConfig(t, "blstm-late")
		c.Batch, c.Epochs = BatchConfig{Utterances: 6, Padding: padding}, 1
		train := toy(12, 40, 1)
		m := toyMaterial(t, train, nil, c)
		tr, err := newTrainer(m, Options{Config: c, Out: t.TempDir()})
		if err != nil {
			t.Fatal(err)
		}
		var batch model.Batch
		for n, indices := range planEpoch(tr.items, tr.reader.id, c.Batch, c.Seed, 1) {
			l := loaded{number: n, of: 2}
			if l.examples, err = tr.reader.load(&batch, indices, 1); err != nil {
				t.Fatal(err)
			}
			s, err := tr.main.net.Gradients(&batch, 0)
			if err != nil {
				t.Fatal(err)
			}
			cells := batch.T * batch.B
			if frames := l.frames(); frames == cells || (s.Frames == cells) != want || (s.Frames == frames) == want {
				t.Errorf("%s: %d frames count, of %d in %d cells", padding, s.Frames, frames, cells)
			}
		}
	}
}

func TestBatchesPaddedToTheLongest(t *testing.T) {
	var items []item
	for i := range 100 {
		items = append(items, item{index: i, frames: 100 + 3*i})
	}
	c := BatchConfig{Frames: 4800, Padding: PaddingLongest}
	seen, mixed := map[int]bool{}, false
	for _, batch := range planEpoch(items, func(i int) string { return fmt.Sprint(i) }, c, 1, 1) {
		if len(batch) > 8 { // 8 x 397 are in the budget, 16 x 397 are not
			t.Errorf("a batch of %d examples, want 8 at most", len(batch))
		}
		for _, i := range batch {
			mixed = mixed || max(i, batch[0])-min(i, batch[0]) > 50
			seen[i] = true
		}
	}
	if len(seen) != 100 || !mixed {
		t.Errorf("%d of 100 examples in batches, of mixed lengths: %v", len(seen), mixed)
	}
}
