package model

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"framewise/model/nn"
)

// BenchmarkGradients is one training batch, forward and backward, of 4800
// frames of 40 log-mel with deltas and 61 classes.
func BenchmarkGradients(b *testing.B) {
	for _, preset := range Presets() {
		for _, threads := range []int{1, 2} {
			b.Run(fmt.Sprintf("%s/threads=%d", preset, threads), func(b *testing.B) {
				nn.SetThreads(threads)
				c, err := Preset(preset)
				if err != nil {
					b.Fatal(err)
				}
				n, err := New(c, 40, 61, 1)
				if err != nil {
					b.Fatal(err)
				}
				const frames, utterances = 300, 16
				n.Reserve(frames * utterances)
				batch := &Batch{}
				batch.Resize(frames, utterances, n.Inputs())
				r := rand.New(rand.NewPCG(1, 1))
				for j := range utterances {
					x, y := utterance(r, frames, n.Inputs(), 61)
					batch.Set(j, fmt.Sprint(j), x, n.Inputs(), y)
				}
				step := 0
				for b.Loop() {
					if _, err := n.Gradients(batch, step); err != nil {
						b.Fatal(err)
					}
					step++
				}
				b.ReportMetric(float64(b.N*frames*utterances)/b.Elapsed().Seconds(), "frames/s")
			})
		}
	}
}
