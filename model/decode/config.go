package decode

import (
	"errors"
	"fmt"
)

// Names of searches.
const (
	Greedy  = "greedy"      // the likeliest class of every frame: runs of them, or CTC's best path
	ByBeam  = "beam"        // prefix beam search, for networks trained with CTC
	ByFrame = "viterbi"     // best segmentation, for framewise networks
	keyName = "decode.name" // as errors call it
)

// Config is the `decode` block of train.yaml: how label sequences are made of
// what a network says of frames, in eval and predict.
type Config struct {
	Name         string  `yaml:"name" json:"name"`                   // greedy | beam | viterbi
	Beam         int     `yaml:"beam" json:"beam"`                   // beam: prefixes that are kept from frame to frame
	MinFrames    int     `yaml:"min_frames" json:"min_frames"`       // greedy and viterbi on frames: the shortest segment
	BigramWeight float64 `yaml:"bigram_weight" json:"bigram_weight"` // beam and viterbi: of the log-probabilities of train's phone bigram
	Insertion    float64 `yaml:"insertion" json:"insertion"`         // beam and viterbi: added for every phone
}

// DefaultConfig is the greedy search. The shortest segment is 30 ms at the
// usual frame shift.
func DefaultConfig() Config { return Config{Name: Greedy, Beam: 16, MinFrames: 3} }

// Validate reports every value that nothing can be decoded with; ctc says what
// the network was trained with.
func (c Config) Validate(ctc bool) error {
	var errs []error
	bad := func(ok bool, format string, args ...any) {
		if !ok {
			errs = append(errs, fmt.Errorf(format, args...))
		}
	}
	switch c.Name {
	case Greedy:
		bad(c.BigramWeight == 0 && c.Insertion == 0, "decode: bigram_weight %g and insertion %g belong to %s and %s, not to %s", c.BigramWeight, c.Insertion, ByBeam, ByFrame, c.Name)
	case ByBeam:
		bad(ctc, "%s: %s searches what the loss ctc has trained; for frames there is %s", keyName, c.Name, ByFrame)
	case ByFrame:
		bad(!ctc, "%s: %s searches what the loss frames has trained; for ctc there is %s", keyName, c.Name, ByBeam)
	default:
		bad(false, "%s: %q, want %s, %s or %s", keyName, c.Name, Greedy, ByBeam, ByFrame)
	}
	bad(c.Beam >= 1 && c.Beam <= 1<<16, "decode.beam: %d prefixes, want 1 to 65536", c.Beam)
	bad(c.MinFrames >= 1 && c.MinFrames <= 1<<16, "decode.min_frames: %d, want 1 to 65536", c.MinFrames)
	bad(finite(c.BigramWeight) && c.BigramWeight >= 0, "decode.bigram_weight: %g, want 0 (none) or more", c.BigramWeight)
	bad(finite(c.Insertion), "decode.insertion: %g, want a number", c.Insertion)
	return errors.Join(errs...)
}
