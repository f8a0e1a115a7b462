package train

import (
	"fmt"

	"framewise/model/decode"
)

// decoder makes label sequences of posteriors, as a decode block says. It is
// not safe for concurrent use.
type decoder struct {
	cfg     decode.Config
	blank   int             // with CTC, otherwise -1
	beam    *decode.Beam    // or
	viterbi *decode.Viterbi // or neither: greedy
}

// decoder prepares decoding by the run's own configuration or another one.
func (t *trained) decoder(other *decode.Config) (*decoder, error) {
	d := &decoder{cfg: t.cfg.Decode, blank: -1}
	if other != nil {
		d.cfg = *other
	}
	if err := d.cfg.Validate(t.cfg.Loss.CTC()); err != nil {
		return nil, err
	}
	if t.cfg.Loss.CTC() {
		d.blank = t.net.Classes() - 1
	}
	if d.cfg.Name == decode.Greedy {
		return d, nil
	}
	var gram *decode.Bigram
	var err error
	if d.cfg.BigramWeight > 0 {
		if gram, err = t.bigram(); err != nil {
			return nil, err
		}
	}
	k, weight, insertion := t.net.Classes(), d.cfg.BigramWeight, d.cfg.Insertion
	if d.cfg.Name == decode.ByBeam {
		d.beam, err = decode.NewBeam(decode.BeamOptions{Classes: k, Blank: d.blank, Width: d.cfg.Beam, Bigram: gram, BigramWeight: weight, Insertion: insertion})
	} else {
		d.viterbi, err = decode.NewViterbi(decode.ViterbiOptions{Classes: k, MinFrames: d.cfg.MinFrames, Bigram: gram, BigramWeight: weight, Insertion: insertion})
	}
	return d, err
}

// greedy says whether there is no search: the likeliest class of each frame
// decides.
func (d *decoder) greedy() bool { return d == nil || d.beam == nil && d.viterbi == nil }

// search finds the classes that an utterance says: with a beam their sequence,
// with Viterbi the class of each frame.
func (d *decoder) search(id string, frames int, row func(t int) []float32) ([]int, error) {
	if d.viterbi != nil {
		path, _, err := d.viterbi.Decode(frames, row)
		if err != nil {
			return nil, fmt.Errorf("decode %q: %w", id, err)
		}
		return path, nil
	}
	best, err := d.beam.Decode(frames, row, 1)
	if err != nil {
		return nil, fmt.Errorf("decode %q: %w", id, err)
	}
	return best[0].Classes, nil
}

// path is the class of every frame on the path that was found, CTC's blank
// among them; nil if there is no search.
func (d *decoder) path(id string, frames int, row func(t int) []float32) ([]int, error) {
	if d.greedy() {
		return nil, nil
	}
	found, err := d.search(id, frames, row)
	if err != nil || d.viterbi != nil {
		return found, err
	}
	path, ok, err := decode.Align(found, d.blank, frames, row)
	if err != nil {
		return nil, fmt.Errorf("decode %q: %w", id, err)
	}
	if !ok { // paths sum up to what no single one has in floating point
		return nil, fmt.Errorf("decode %q: no path says what its sum found", id)
	}
	return path, nil
}
