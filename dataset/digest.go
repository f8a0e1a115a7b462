package dataset

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"hash"

	"framewise/corpus"
)

// FormatVersion is the version of the shard format, of dataset.json and of the
// shard results.
const FormatVersion = 1

// DigestConfig is what the digest of a shard covers beside its rows.
type DigestConfig struct {
	AlgorithmVersion int    // of the code that computes features and augmentations
	Split            string // with Shard and Shards: which shard it is
	Shard            int
	Shards           int
	Layout           string
	Compression      string
	DType            string // of the features
	SampleRate       int    // Hz, of the build
	Seed             uint64 // 0 for a split in which nothing is drawn, so that a new seed leaves its shards alone
	LabelSet         any    // and the rest: hashed as JSON
	Features         any
	Augment          any // nil for a split that is not augmented, for the same reason
}

// Digest hashes everything that determines a shard's bytes: SHA-256 over
// fields that each begin with their length, so that no two inputs run together.
// What it does not cover on purpose: URIs, times, host, runner, workers.
type Digest struct{ h hash.Hash }

// NewDigest starts the digest of a shard.
func NewDigest(c DigestConfig) (*Digest, error) {
	d := &Digest{sha256.New()}
	d.text("framewise shard")
	d.number(FormatVersion)
	d.number(int64(c.AlgorithmVersion))
	d.text(c.Split)
	d.number(int64(c.Shard))
	d.number(int64(c.Shards))
	d.text(c.Layout)
	d.text(c.Compression)
	if c.DType == DTypeFloat16 { // the other is that of shards that were made before there were two
		d.text(c.DType)
	}
	d.number(int64(c.SampleRate))
	d.number(int64(c.Seed))
	for _, part := range []struct {
		name  string
		value any
	}{{"label set", c.LabelSet}, {"feature config", c.Features}, {"augment config", c.Augment}} {
		b, err := json.Marshal(part.value)
		if err != nil {
			return nil, fmt.Errorf("digest: %s: %w", part.name, err)
		}
		d.text(string(b))
	}
	return d, nil
}

// Example adds a planned row, in row order: its id, what is done to it in
// words of the planner's choice, and how many parts follow.
func (d *Digest) Example(id, recipe string, parts int) {
	d.text("example")
	d.text(id)
	d.text(recipe)
	d.number(int64(parts))
}

// Part adds a part of the last example: the utterance, with all of it that
// reaches a row (bounds, audio checksum, speaker, text, alignment, phones), and
// the gap before it in samples at the build's rate.
func (d *Digest) Part(u *corpus.Utterance, gap int64) {
	d.text("part")
	d.text(u.ID)
	d.number(gap)
	d.text(u.SHA256)
	d.number(int64(u.Rate))
	d.number(int64(u.Channel))
	d.number(u.Samples)
	d.number(u.Begin)
	d.number(u.End)
	d.text(u.Speaker)
	d.text(u.Text)
	d.number(lenOrNil(len(u.Alignment), u.Alignment == nil))
	for _, s := range u.Alignment {
		d.number(s.Begin)
		d.number(s.End)
		d.text(s.Label)
	}
	d.number(lenOrNil(len(u.Phones), u.Phones == nil))
	for _, p := range u.Phones {
		d.text(p)
	}
}

// lenOrNil tells an empty list from none at all.
func lenOrNil(n int, isNil bool) int64 {
	if isNil {
		return -1
	}
	return int64(n)
}

func (d *Digest) number(v int64) {
	var b [8]byte
	binary.LittleEndian.PutUint64(b[:], uint64(v))
	d.h.Write(b[:])
}

func (d *Digest) text(s string) {
	d.number(int64(len(s)))
	d.h.Write([]byte(s))
}

// Sum is the digest so far, hexadecimal.
func (d *Digest) Sum() string { return hex.EncodeToString(d.h.Sum(nil)) }
