package pipelines

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"slices"

	"framewise/augment"
	"framewise/corpus"
	"framewise/corpus/audio"
	"framewise/dataset"
)

// soundLists are the recordings that effects draw from, by effect, sorted by
// id: lines of their manifests as far as sounds need them, with the paths of
// their files as URIs.
type soundLists map[string][]corpus.Utterance

// readSounds reads the manifests of sounds that the configuration names and
// the headers of the recordings. With sums it takes their SHA-256 too, and
// holds it against the manifest's where that has one. Whatever is wrong is a
// *ConfigError that names the file, but for a store that cannot be reached.
func readSounds(ctx context.Context, c augment.Config, sums bool) (soundLists, error) {
	lists := soundLists{}
	if len(c.Splits) == 0 {
		return lists, nil
	}
	manifests := c.Manifests()
	for _, effect := range slices.Sorted(maps.Keys(manifests)) {
		list, err := listSounds(ctx, manifests[effect])
		if err == nil {
			err = inspectSounds(ctx, list, effect, sums)
		}
		if err != nil {
			err = fmt.Errorf("augment.%s.manifest: %w", effect, err)
		}
		switch {
		case ctx.Err() != nil, unreachable(err):
			return nil, err
		case err != nil:
			return nil, &ConfigError{"augment", err}
		}
		lists[effect] = list
	}
	return lists, nil
}

// unreachable says whether an error is one of a store, and not of what is, or
// is not, in it.
func unreachable(err error) bool {
	local := errors.As(err, new(*fs.PathError)) // of a file that the configuration names
	return errors.Is(err, dataset.ErrUnavailable) || errors.Is(err, fs.ErrPermission) && !local
}

// sounds are the lists as a renderer draws from them. Remote ones are fetched
// with the context.
func (l soundLists) sounds(ctx context.Context) map[string]*augment.Sounds {
	by := map[string]*augment.Sounds{}
	for effect, list := range l {
		by[effect] = augment.NewSounds(list, func(s *corpus.Utterance, dst []float32, begin int64) error {
			return readSound(ctx, s, dst, begin)
		})
	}
	return by
}

// readSound reads a range of a sound. The file has to be what it was at the
// survey. Its errors are faults of the build and no *corpus.Problem: nothing is
// wrong with the utterance.
func readSound(ctx context.Context, s *corpus.Utterance, dst []float32, begin int64) error {
	path, err := soundFile(ctx, s)
	if err != nil {
		return err
	}
	if s.SHA256 != "" {
		sum, err := sums.of(path)
		if err != nil {
			return err
		}
		if sum.sum != s.SHA256 {
			return fmt.Errorf("%q has changed: its SHA-256 was %s and is %s", s.URI, s.SHA256, sum.sum)
		}
	}
	f, err := audio.Open(path)
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

// atHome is a configuration with absolute paths, or URIs.
func atHome(c augment.Config) (augment.Config, error) {
	m := c.Manifests()
	for effect, path := range m {
		abs, err := absolute(path)
		if err != nil {
			return c, fmt.Errorf("augment.%s.manifest: %w", effect, err)
		}
		m[effect] = abs
	}
	return c.WithManifests(m), nil
}
