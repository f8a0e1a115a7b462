package augment_test

import (
	"fmt"

	"framewise/augment"
	"framewise/corpus"
	"framewise/transforms"
)

// Three utterances are three examples, and the two for training a fourth one,
// joined. Each line shows an example's alignment in samples and the frames, from
// the first and how many, that its parts have.
func Example() {
	c := augment.DefaultConfig()
	c.Narrowband.Mode = augment.NarrowbandOff
	c.Concat.GapMs = []int{50, 50}
	members := []augment.Member{
		{ID: "one", Split: corpus.Train, Speaker: "FAKS0", Rate: 8000, Samples: 4000},
		{ID: "two", Split: corpus.Train, Speaker: "MDAB0", Rate: 8000, Samples: 2400},
		{ID: "six", Split: corpus.Test, Speaker: "FELC0", Rate: 8000, Samples: 3200},
	}
	load := func(p augment.Part) (*augment.Source, error) {
		for _, m := range members {
			if m.ID == p.Utterance {
				return &augment.Source{
					Samples:   make([]float32, m.Samples),
					Rate:      m.Rate,
					Alignment: corpus.Alignment{{Begin: 0, End: m.Samples, Label: m.ID}},
					Speaker:   m.Speaker,
				}, nil
			}
		}
		return nil, fmt.Errorf("no utterance %q", p.Utterance)
	}
	framing, _ := transforms.NewFraming(transforms.FramingPSF, 8000, 25, 10)
	renderer := augment.NewRenderer(8000, c, 1, "")
	for _, recipe := range augment.Plan(members, c, 1, 8000) {
		example, err := renderer.Render(recipe, load)
		if err != nil {
			fmt.Println(err)
			return
		}
		fmt.Println(recipe.ID, recipe.Split, len(example.Samples), example.Alignment, augment.FrameSpans(example.Parts, framing))
	}
	// Output:
	// concat/0/2baab78e150d59f5 train 6800 [{0 4000 one} {4400 6800 two}] [{0 54} {54 30}]
	// one train 4000 [{0 4000 one}] [{0 49}]
	// six test 3200 [{0 3200 six}] [{0 39}]
	// two train 2400 [{0 2400 two}] [{0 29}]
}
