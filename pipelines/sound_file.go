package pipelines

import (
	"context"
	"os"
	"sync"

	"framewise/corpus"
	"framewise/dataset"
)

// soundCopies are the copies of remote sounds whose checksums were found here
// and not in a manifest: the cache knows them by the version of the object, and
// asking for that again would cost a request a draw.
var soundCopies sync.Map // soundKey -> path

type soundKey struct{ uri, sum string }

// soundFile is where a sound lies on this machine: where it is, or in the
// cache.
func soundFile(ctx context.Context, s *corpus.Utterance) (string, error) {
	if s.SHA256 == "" {
		return dataset.LocalCopy(ctx, s.URI)
	}
	if path, ok := soundCopies.Load(soundKey{s.URI, s.SHA256}); ok {
		if _, err := os.Stat(path.(string)); err == nil {
			return path.(string), nil
		}
	}
	return dataset.LocalCopyOf(ctx, s.URI, s.SHA256, -1)
}

// noteSound remembers where a sound lies whose checksum has been found.
func noteSound(s *corpus.Utterance, path string) {
	if corpus.IsRemote(s.URI) {
		soundCopies.Store(soundKey{s.URI, s.SHA256}, path)
	}
}
