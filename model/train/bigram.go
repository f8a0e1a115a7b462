package train

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"

	"framewise/corpus/files"
	"framewise/model/decode"
	"framewise/model/results"
)

// writeBigram counts which phones follow which in the unaugmented examples of
// the training split, as the network's classes, and writes the counts to the run
// folder, once: what decoding takes a bigram from. Copies and concatenations
// would count the same sentences again, and joints that no one has spoken. There
// is no file if there are no such examples with phones.
func (t *trainer) writeBigram(ctx context.Context) error {
	path := filepath.Join(t.out, results.BigramFile)
	if _, err := os.Stat(path); !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	b := results.Bigram{Labels: t.fold.Labels}
	var err error
	b.Counts, err = decode.CountBigrams(len(b.Labels), func(add func([]int) error) error {
		for _, it := range t.items {
			if !unaugmented(t.reader.src.Meta(it.index)) {
				continue
			}
			if err := ctx.Err(); err != nil {
				return err
			}
			ex, err := t.reader.src.Example(it.index)
			if err != nil {
				return fmt.Errorf("read example %d: %w", it.index, err)
			}
			if ex.Phones == nil {
				continue
			}
			b.Sequences++
			if err := add(phonesOf(ex, t.fold)); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil || b.Sequences == 0 {
		return err
	}
	return writeJSON(path, b)
}

// bigram reads the bigram of a run.
func (t *trained) bigram() (*decode.Bigram, error) {
	path := filepath.Join(t.dir, results.BigramFile)
	text, err := files.ReadRegular(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("the run has no %s: no unaugmented example of its training split has phones, or it was trained before bigrams were counted; decode.bigram_weight must be 0", results.BigramFile)
	}
	if err != nil {
		return nil, fmt.Errorf("bigram: %w", err)
	}
	var b results.Bigram
	if err := json.Unmarshal(text, &b); err != nil {
		return nil, fmt.Errorf("bigram %q: %w", path, err)
	}
	if !slices.Equal(b.Labels, t.run.Labels) {
		return nil, fmt.Errorf("bigram %q: its labels are not the run's", path)
	}
	gram, err := decode.NewBigram(b.Counts)
	if err != nil {
		return nil, fmt.Errorf("bigram %q: %w", path, err)
	}
	if gram.Labels() != len(b.Labels) {
		return nil, fmt.Errorf("bigram %q: counts of %d labels, want %d", path, gram.Labels(), len(b.Labels))
	}
	return gram, nil
}
