package dataset

import (
	"encoding/json"
	"fmt"
	"unicode/utf8"
)

// checkExample says what is wrong with a row of a shard whose features are F
// wide and whose label set has so many labels. It is asserted at every write
// and at every read.
func checkExample(ex *Example, f, labels int) error {
	t := int64(ex.NumFrames)
	switch {
	case ex.ID == "":
		return fmt.Errorf("empty id")
	case !utf8.ValidString(ex.ID) || !utf8.ValidString(ex.Speaker) || !utf8.ValidString(ex.Text):
		return fmt.Errorf("id, speaker or text is not UTF-8")
	case ex.SampleRate < 1:
		return fmt.Errorf("sample_rate %d, want > 0", ex.SampleRate)
	case ex.NumSamples < 1:
		return fmt.Errorf("num_samples %d, want > 0", ex.NumSamples)
	case t < 1:
		return fmt.Errorf("num_frames %d, want > 0", t)
	case int64(len(ex.Features)) != t*int64(f):
		return fmt.Errorf("%d feature values, want %d frames * %d = %d", len(ex.Features), t, f, t*int64(f))
	case ex.Labels != nil && int64(len(ex.Labels)) != t:
		return fmt.Errorf("%d labels, want %d, one a frame", len(ex.Labels), t)
	}
	for i, l := range ex.Labels {
		if l < -1 || int(l) >= labels {
			return fmt.Errorf("label %d at frame %d, want -1 to %d", l, i, labels-1)
		}
	}
	for i, p := range ex.Phones {
		if p < 0 || int(p) >= labels {
			return fmt.Errorf("phone %d at position %d, want 0 to %d", p, i, labels-1)
		}
	}
	return checkParts(ex)
}

// checkParts says what is wrong with the provenance of a row: the parts must
// cover the frames from the first to the last, without a gap.
func checkParts(ex *Example) error {
	if len(ex.Parts) == 0 {
		return fmt.Errorf("no parts, want at least one")
	}
	speaker, frame := ex.Parts[0].Speaker, int64(0)
	for i := range ex.Parts {
		p := &ex.Parts[i]
		switch {
		case !utf8.ValidString(p.Utterance) || !utf8.ValidString(p.Speaker) || !utf8.ValidString(p.Variant):
			return fmt.Errorf("part %d: utterance, speaker or variant is not UTF-8", i)
		case p.Rate < 1 || p.BeginSample < 0 || p.NumSamples < 1 || p.GapBefore < 0:
			return fmt.Errorf("part %d: rate %d, begin_sample %d, num_samples %d, gap_before %d: out of range",
				i, p.Rate, p.BeginSample, p.NumSamples, p.GapBefore)
		case p.NumFrames < 0 || int64(p.BeginFrame) != frame:
			return fmt.Errorf("part %d: frames %d+%d, want them to begin at %d", i, p.BeginFrame, p.NumFrames, frame)
		case !json.Valid([]byte(p.Effects)):
			return fmt.Errorf("part %d: effects %q are not JSON", i, p.Effects)
		}
		frame += int64(p.NumFrames)
		if p.Speaker != speaker {
			speaker = ManySpeakers
		}
	}
	if frame != int64(ex.NumFrames) {
		return fmt.Errorf("the parts cover %d frames, want %d", frame, ex.NumFrames)
	}
	if ex.Speaker != speaker {
		return fmt.Errorf("speaker %q, want %q as the parts have it", ex.Speaker, speaker)
	}
	return nil
}

// checkFinite says which feature is no number. Such a value would spoil the
// CMVN sums of its speaker, and every training that meets it.
func checkFinite(x []float32, f int) error {
	for i, v := range x {
		if v-v != 0 {
			return fmt.Errorf("feature %d of frame %d is %g, want a finite number", i%f, i/f, v)
		}
	}
	return nil
}
