package corpus

import (
	"encoding/json"
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"strings"
)

// lhotseRecording is a line of recordings.jsonl.
type lhotseRecording struct {
	ID      string `json:"id"`
	Sources []struct {
		Type     string `json:"type"`
		Channels []int  `json:"channels"`
		Source   string `json:"source"`
	} `json:"sources"`
	SamplingRate int               `json:"sampling_rate"`
	NumSamples   int64             `json:"num_samples"`
	Transforms   []json.RawMessage `json:"transforms"`
}

// lhotseSupervision is a line of supervisions.jsonl, or a cut's supervision.
type lhotseSupervision struct {
	ID          string                  `json:"id"`
	RecordingID string                  `json:"recording_id"`
	Start       float64                 `json:"start"`
	Duration    float64                 `json:"duration"`
	Channel     lhotseChannel           `json:"channel"`
	Text        string                  `json:"text"`
	Speaker     string                  `json:"speaker"`
	Alignment   map[string][]lhotseItem `json:"alignment"`
}

// lhotseCut is a line of cuts.jsonl.
type lhotseCut struct {
	ID           string              `json:"id"`
	Type         string              `json:"type"`
	Start        float64             `json:"start"`
	Duration     float64             `json:"duration"`
	Channel      lhotseChannel       `json:"channel"`
	Supervisions []lhotseSupervision `json:"supervisions"`
	Recording    *lhotseRecording    `json:"recording"`
}

// lhotseChannel is a channel, or a list of them.
type lhotseChannel []int

func (c *lhotseChannel) UnmarshalJSON(b []byte) error {
	var one int
	if json.Unmarshal(b, &one) == nil {
		*c = lhotseChannel{one}
		return nil
	}
	return json.Unmarshal(b, (*[]int)(c))
}

// lhotseItem is an item of an alignment: [symbol, start, duration, score], the
// score perhaps missing.
type lhotseItem struct {
	symbol          string
	start, duration float64
}

func (it *lhotseItem) UnmarshalJSON(b []byte) error {
	var parts []json.RawMessage
	if err := json.Unmarshal(b, &parts); err != nil {
		return err
	}
	if len(parts) < 3 || len(parts) > 4 {
		return fmt.Errorf("an alignment item has %d parts, want [symbol, start, duration] and perhaps a score", len(parts))
	}
	for i, dst := range []any{&it.symbol, &it.start, &it.duration} {
		if err := json.Unmarshal(parts[i], dst); err != nil {
			return err
		}
	}
	return nil
}

// record finds the file and the channel of an utterance's recording.
func (l *lhotse) record(e *entry, r *lhotseRecording, f corpusFile, channels lhotseChannel) {
	if r == nil {
		e.fail(MissingAudio, e.at, "the cut has no recording")
		return
	}
	if len(channels) > 1 {
		e.fail(BadManifest, e.at, "it has the channels %v, want one", []int(channels))
		return
	}
	if len(r.Transforms) > 0 {
		e.fail(UnreadableAudio, e.at, "the recording %.40q has transforms, such as %.60s, which are not applied: save the audio first", r.ID, r.Transforms[0])
		return
	}
	channel := 0
	if len(channels) == 1 {
		channel = channels[0]
	}
	for _, s := range r.Sources {
		// A source's channels are those of the recording that its file holds, in order.
		i := slices.Index(s.Channels, channel)
		if i < 0 {
			continue
		}
		if s.Type != "file" || IsRemote(s.Source) {
			e.fail(UnreadableAudio, e.at, "the recording %.40q is a %.20s (%.60q), want a file", r.ID, s.Type, s.Source)
			return
		}
		e.audio, e.channel = locateAudio(s.Source, filepath.Dir(f.path), l.dir), i
		e.claims = r.differs
		return
	}
	e.fail(MissingAudio, e.at, "no source of the recording %.40q has the channel %d", r.ID, channel)
}

// differs is the note for a recording that is not as the manifest says.
func (r *lhotseRecording) differs(u *Utterance) string {
	switch {
	case r.SamplingRate != 0 && r.SamplingRate != u.Rate:
		return "other-rate"
	case r.NumSamples != 0 && r.NumSamples != u.Samples:
		return "other-length"
	}
	return ""
}

// supervise gives an utterance what a supervision tells of it, in a cut that
// begins at cutStart seconds of the recording.
func (l *lhotse) supervise(e *entry, s *lhotseSupervision, cutStart float64) {
	e.u.Text = strings.Join(strings.Fields(s.Text), " ")
	if e.u.Speaker = s.Speaker; s.Speaker == "" {
		e.u.Speaker = e.u.ID
		if e.audio != "" {
			e.u.Speaker = l.opt.speakerOf(l.dir, e.audio)
		}
	}
	names := slices.Sorted(maps.Keys(s.Alignment))
	i := chooseTier(names, l.opt.Tier)
	if i < 0 {
		for _, name := range names {
			l.tiers.add("other-alignment", fmt.Sprintf("%s in %s (choose it with --tier)", name, e.at))
		}
		return
	}
	e.aligned, e.unit = true, lhotseUnit
	offset := s.alignmentOffset(s.Alignment[names[i]], cutStart)
	for _, it := range s.Alignment[names[i]] {
		label := strings.TrimSpace(it.symbol)
		if label == "" {
			label = l.opt.EmptyLabel
		}
		if label != "" {
			e.spans = append(e.spans, span{offset + it.start, offset + it.start + it.duration, label})
		}
	}
}

// alignmentOffset is where in the recording the times of an alignment are
// counted from. In a cut that is the recording's begin or the cut's: Lhotse's
// versions differ in whether moving a supervision moves its alignment. The
// supervision decides, whose times are the cut's: the alignment is where it
// shares more seconds with it.
func (s *lhotseSupervision) alignmentOffset(items []lhotseItem, cutStart float64) float64 {
	if len(items) == 0 {
		return 0
	}
	begin, end := items[0].start, items[0].start+items[0].duration
	for _, it := range items {
		begin, end = min(begin, it.start), max(end, it.start+it.duration)
	}
	shared := func(offset float64) float64 {
		from := cutStart + s.Start
		return min(end+offset, from+s.Duration) - max(begin+offset, from)
	}
	if shared(cutStart) > shared(0)+lhotseUnit {
		return cutStart
	}
	return 0
}
