package pipelines

import (
	"bytes"
	"context"
	"fmt"

	"framewise/augment"
	"framewise/corpus"
	"framewise/dataset"
)

// Rerender renders an example of a dataset again from its provenance: the
// sound that its features were computed from. record is the dataset's
// build.yaml and rate its base rate in Hz. That the effects come out otherwise
// than the dataset has them, because a manifest of sounds or one of its
// recordings is another than it was, is an error.
func Rerender(ctx context.Context, ex *dataset.Example, record *BuildRecord, rate int, labels *corpus.LabelSet) (*augment.Rendered, error) {
	m, err := NewMaker(record.BuildConfig, rate, labels)
	if err != nil {
		return nil, err
	}
	if augment.Variant(ex.Parts[0].Variant).Perturbed() {
		lists, err := readSounds(ctx, record.Augment, false)
		if err != nil {
			return nil, err
		}
		m.UseSounds(lists.sounds(ctx))
	}
	recipe := augment.Recipe{ID: ex.ID, Variant: augment.Variant(ex.Parts[0].Variant)}
	wanted := map[string]*corpus.Utterance{}
	for _, p := range ex.Parts {
		recipe.Parts = append(recipe.Parts, augment.Part{Utterance: p.Utterance, Gap: p.GapBefore})
		wanted[p.Utterance] = nil
	}
	if err := findUtterances(ctx, record.Corpus, labels, wanted); err != nil {
		return nil, err
	}
	x, err := m.Render(recipe, func(p augment.Part) (*augment.Source, error) {
		return LoadSource(ctx, record.Corpus, wanted[p.Utterance])
	})
	if err != nil {
		return nil, err
	}
	for i, p := range x.Parts {
		if want := ex.Parts[i].Effects; p.Effects != want {
			return nil, fmt.Errorf("part %d of %q has the effects %s now and has %s in the dataset: what it was made from has changed", i+1, ex.ID, p.Effects, want)
		}
	}
	return x, nil
}

// findUtterances fills in the utterances that are keys of wanted. Of several
// lines with one id it takes the one that the survey takes: the smallest in
// bytes of those that it does not reject.
func findUtterances(ctx context.Context, manifest string, labels *corpus.LabelSet, wanted map[string]*corpus.Utterance) error {
	f, err := openManifest(ctx, manifest)
	if err != nil {
		return fmt.Errorf("the corpus that the dataset was built from: %w", err)
	}
	defer f.Close()
	lines := map[string][]byte{} // that were taken, by id
	err = corpus.ReadManifest(f, manifest, func(_ int, ref corpus.LineRef, u *corpus.Utterance, err error) error {
		if err != nil || u == nil {
			return nil // a line that the build rejected
		}
		if _, ok := wanted[u.ID]; !ok || inspectLine(u) != nil || u.LabelSet != "" && labels != nil && labels.Unknown(u) != nil {
			return nil
		}
		line := make([]byte, ref.Length)
		if _, err := f.ReadAt(line, ref.Offset); err != nil {
			return fmt.Errorf("read manifest %q at byte %d again: %w", manifest, ref.Offset, err)
		}
		if wanted[u.ID] == nil || bytes.Compare(line, lines[u.ID]) < 0 {
			kept := *u
			wanted[u.ID], lines[u.ID] = &kept, line
		}
		return nil
	})
	if err != nil {
		return err
	}
	for id, u := range wanted {
		if u == nil {
			return fmt.Errorf("manifest %q has no utterance %q any more", manifest, id)
		}
	}
	return nil
}
