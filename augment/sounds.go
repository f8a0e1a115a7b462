package augment

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"framewise/corpus"
	"framewise/corpus/draw"
)

// Sounds are the recordings that an effect draws from: noises, or impulse
// responses. They are read-only and may be shared by goroutines.
type Sounds struct {
	list []corpus.Utterance // sorted by id
	keys []draw.Key         // of each
	read ReadSound
}

// ReadSound fills dst with the samples from begin of a sound, in int16 scale;
// begin counts from the sound's own Begin. Goroutines may call it at once.
type ReadSound func(sound *corpus.Utterance, dst []float32, begin int64) error

// NewSounds makes Sounds of recordings with different ids, in any order. Of
// each, the id, the SHA-256, the rate, the channel and the bounds matter.
func NewSounds(list []corpus.Utterance, read ReadSound) *Sounds {
	s := &Sounds{list: slices.Clone(list), read: read}
	slices.SortFunc(s.list, func(a, b corpus.Utterance) int { return strings.Compare(a.ID, b.ID) })
	for i := range s.list {
		s.keys = append(s.keys, draw.New(0, "sound", s.list[i].ID, 0))
	}
	return s
}

// draw is the sound of highest weight, the weight being the first number of
// the stream of both keys' exclusive or (rendezvous hashing, Thaler and
// Ravishankar 1998): each sound is as likely, and one sound more or less
// changes the draws that it wins or won, and no others.
func (s *Sounds) draw(k draw.Key) *corpus.Utterance {
	var best *corpus.Utterance
	var most uint64
	for i, sound := range s.keys {
		if w := (k ^ sound).At(0); best == nil || w > most {
			best, most = &s.list[i], w
		}
	}
	return best
}

// loop fills dst with a sound from an offset on, beginning again at its end,
// and reads no sample twice.
func (s *Sounds) loop(sound *corpus.Utterance, dst []float32, offset int64) error {
	once := dst[:min(int64(len(dst)), sound.NumSamples())]
	head := once[:min(int64(len(once)), sound.NumSamples()-offset)]
	err := s.read(sound, head, offset)
	if tail := once[len(head):]; err == nil && len(tail) > 0 {
		err = s.read(sound, tail, 0)
	}
	for n := len(once); n < len(dst); {
		n += copy(dst[n:], once)
	}
	return err
}

// UseSounds says what the effects that draw recordings draw from, by the name
// of their key in the configuration.
func (x *Renderer) UseSounds(by map[string]*Sounds) { x.sounds = by }

// sound draws a recording for an effect.
func (x *Renderer) sound(effect string, k draw.Key) (*Sounds, *corpus.Utterance, error) {
	s := x.sounds[effect]
	if s == nil || len(s.list) == 0 {
		return nil, nil, errors.New("no recordings are at hand, want at least one")
	}
	drawn := s.draw(k)
	if drawn.NumSamples() < 1 || drawn.Rate < 1 {
		return nil, nil, fmt.Errorf("%q has %d samples at %d Hz, want both above 0", drawn.ID, drawn.NumSamples(), drawn.Rate)
	}
	return s, drawn, nil
}

// DrawnSounds lists the recordings that an utterance's part draws in a
// variant, in the order in which they are applied: what an example depends on
// beside its utterances, the configuration and the seed.
func (c Config) DrawnSounds(seed uint64, utterance string, v Variant, by map[string]*Sounds) []*corpus.Utterance {
	s, err := v.parse()
	if err != nil {
		return nil
	}
	var all []*corpus.Utterance
	for _, e := range c.drawn(seed, utterance, s) {
		if sounds := by[e.name()]; sounds != nil {
			all = append(all, sounds.draw(e.key))
		}
	}
	return all
}

// manifests are the keys that name what effects draw from, by effect.
func (c *Config) manifests() map[string]*string {
	return map[string]*string{"noise": &c.Noise.Manifest, "reverb": &c.Reverb.Manifest}
}

// Manifests are the paths of the recordings that effects draw from, by effect;
// effects that are off have none.
func (c Config) Manifests() map[string]string {
	m := map[string]string{}
	for effect, path := range c.manifests() {
		if *path != "" {
			m[effect] = *path
		}
	}
	return m
}

// WithManifests is the configuration with what the map says, by effect, in the
// place of [Config.Manifests].
func (c Config) WithManifests(by map[string]string) Config {
	for effect, path := range c.manifests() {
		if to, ok := by[effect]; ok && *path != "" {
			*path = to
		}
	}
	return c
}
