package pipelines

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"maps"
	"path/filepath"
	"slices"

	"framewise/augment"
	"framewise/corpus"
	"framewise/corpus/audio"
)

// soundLists are the recordings that effects draw from, by effect, sorted by
// id: lines of their manifests as far as sounds need them, with the paths of
// their files as URIs.
type soundLists map[string][]corpus.Utterance

// readSounds reads the manifests of sounds that the configuration names and
// the headers of the recordings. With sums it takes their SHA-256 too, and
// holds it against the manifest's where that has one. Whatever is wrong is a *ConfigError that names the file.
func readSounds(c augment.Config, sums bool) (soundLists, error) {
	lists := soundLists{}
	if len(c.Splits) == 0 {
		return lists, nil
	}
	manifests := c.Manifests()
	for _, effect := range slices.Sorted(maps.Keys(manifests)) {
		list, err := listSounds(manifests[effect])
		if err == nil {
			err = inspectSounds(list, effect, sums)
		}
		if err != nil {
			return nil, &ConfigError{"augment", fmt.Errorf("augment.%s.manifest: %w", effect, err)}
		}
		lists[effect] = list
	}
	return lists, nil
}

// sounds are the lists as a renderer draws from them.
func (l soundLists) sounds() map[string]*augment.Sounds {
	by := map[string]*augment.Sounds{}
	for effect, list := range l {
		by[effect] = augment.NewSounds(list, readSound)
	}
	return by
}

// readSound reads a range of a sound. The file has to be what it was at the
// survey. Its errors are faults of the build and no *corpus.Problem: nothing is
// wrong with the utterance.
func readSound(s *corpus.Utterance, dst []float32, begin int64) error {
	if s.SHA256 != "" {
		sum, err := sums.of(s.URI)
		if err != nil {
			return err
		}
		if sum.sum != s.SHA256 {
			return fmt.Errorf("%q has changed: its SHA-256 was %s and is %s", s.URI, s.SHA256, sum.sum)
		}
	}
	f, err := audio.Open(s.URI)
	if err != nil {
		return err
	}
	defer f.Close()
	if f.Info.Rate != s.Rate {
		return fmt.Errorf("%q has changed: its rate was %d Hz and is %d", s.URI, s.Rate, f.Info.Rate)
	}
	_, err = f.ReadF32(dst, s.Channel, s.Begin+begin, s.Begin+begin+int64(len(dst)))
	return err
}

// contents names the lists by their content, whatever the paths: what
// dataset.json says in the place of a manifest.
func (l soundLists) contents() map[string]string {
	by := map[string]string{}
	for effect, list := range l {
		h := sha256.New()
		for _, s := range list {
			fmt.Fprintf(h, "%q %s %d %d %d %d\n", s.ID, s.SHA256, s.Rate, s.Channel, s.Begin, s.End)
		}
		by[effect] = "sha256:" + hex.EncodeToString(h.Sum(nil))
	}
	return by
}

// byPart is a configuration for the digest of a shard, which covers the sounds
// that its parts draw and no others.
func byPart(c augment.Config) augment.Config {
	m := c.Manifests()
	for effect := range m {
		m[effect] = "by part"
	}
	return c.WithManifests(m)
}

// atHome is a configuration with absolute paths.
func atHome(c augment.Config) (augment.Config, error) {
	m := c.Manifests()
	for effect, path := range m {
		abs, err := filepath.Abs(path)
		if err != nil {
			return c, fmt.Errorf("augment.%s.manifest: %w", effect, err)
		}
		m[effect] = abs
	}
	return c.WithManifests(m), nil
}
