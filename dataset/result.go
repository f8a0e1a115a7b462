package dataset

import (
	"bufio"
	"bytes"
	"cmp"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"io"
	"slices"

	"framewise/corpus"
)

// ShardResult is what making a shard came to: the content of its sidecar in
// .build, from which dataset.json is put together and by which a rerun knows
// that the shard stands.
type ShardResult struct {
	FormatVersion int        `json:"format_version"`
	Split         string     `json:"split"`
	Shard         int        `json:"shard"`  // its number, from 0
	Shards        int        `json:"shards"` // of the split
	Path          string     `json:"path"`   // ShardName
	Bytes         int64      `json:"bytes"`
	SHA256        string     `json:"sha256"` // of the file, hexadecimal
	Digest        string     `json:"digest"` // of what determines the file
	Stats         ShardStats `json:"stats"`
	Rejects       []Reject   `json:"rejects"` // what was planned for the shard and not made
}

// MarshalShardResult is the content of a sidecar: a line of JSON, and a line
// with its SHA-256, so that no damage to it reaches dataset.json.
func MarshalShardResult(r *ShardResult) ([]byte, error) {
	b, err := json.Marshal(r)
	if err != nil {
		return nil, fmt.Errorf("result of shard %s: %w", r.Path, err)
	}
	return fmt.Appendf(nil, "%s\n%x\n", b, sha256.Sum256(b)), nil
}

// ParseShardResult reads a sidecar. One that is damaged, of another format
// version or for another path than its numbers say is an error: the shard has
// to be made again.
func ParseShardResult(b []byte) (*ShardResult, error) {
	b, sum, _ := bytes.Cut(b, []byte("\n"))
	if want := fmt.Sprintf("%x\n", sha256.Sum256(b)); string(sum) != want {
		return nil, corrupt("shard result: its SHA-256 is not the one that it says")
	}
	var r ShardResult
	dec := json.NewDecoder(bytes.NewReader(b))
	dec.DisallowUnknownFields()
	if err := dec.Decode(&r); err != nil {
		return nil, corrupt("shard result: %w", err)
	}
	if r.FormatVersion != FormatVersion {
		return nil, fmt.Errorf("shard result: format version %d, want %d: %w", r.FormatVersion, FormatVersion, ErrVersion)
	}
	if r.Shards < 1 || r.Shard < 0 || r.Shard >= r.Shards || r.Path != ShardName(r.Split, r.Shard, r.Shards) {
		return nil, corrupt("shard result: path %q for shard %d of %d of split %q", r.Path, r.Shard, r.Shards, r.Split)
	}
	return &r, nil
}

// The kinds of rejects.
const (
	RejectUtterance = "utterance" // a line of the manifest that could not be used
	RejectExample   = "example"   // a planned example that was not made
)

// Reject is one line of rejects.jsonl.
type Reject struct {
	Kind   string        `json:"kind"`   // RejectUtterance | RejectExample
	ID     string        `json:"id"`     // of the utterance or example; "line 3" where the manifest's line has none
	Stage  string        `json:"stage"`  // where it was found: manifest, read, render, features
	Reason corpus.Reason `json:"reason"` // from corpus.Reasons
	URI    string        `json:"uri"`
	At     string        `json:"at"` // the place in the file: "line 3", "byte 44"
	Detail string        `json:"detail"`
}

func compareRejects(a, b Reject) int {
	return cmp.Or(-cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.ID, b.ID), cmp.Compare(a.Stage, b.Stage),
		cmp.Compare(a.Reason, b.Reason), cmp.Compare(a.URI, b.URI), cmp.Compare(a.At, b.At), cmp.Compare(a.Detail, b.Detail))
}

// MergeRejects joins lists of rejects in the order of rejects.jsonl:
// utterances before examples, then by id. Each (kind, id) is kept once, so an
// utterance that several shards stumbled over counts once.
func MergeRejects(lists ...[]Reject) []Reject {
	all := slices.Concat(lists...)
	slices.SortFunc(all, compareRejects)
	return slices.CompactFunc(all, func(a, b Reject) bool { return a.Kind == b.Kind && a.ID == b.ID })
}

// WriteRejects writes rejects.jsonl.
func WriteRejects(w io.Writer, rejects []Reject) error {
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	for i := range rejects {
		if err := enc.Encode(&rejects[i]); err != nil {
			return fmt.Errorf("write %s: %w", RejectsName, err)
		}
	}
	return nil
}

// ReadRejects reads rejects.jsonl.
func ReadRejects(r io.Reader) ([]Reject, error) {
	var out []Reject
	sc := bufio.NewScanner(r)
	sc.Buffer(nil, 16<<20)
	for line := 1; sc.Scan(); line++ {
		var rej Reject
		if err := json.Unmarshal(sc.Bytes(), &rej); err != nil {
			return out, corrupt("%s: line %d: %w", RejectsName, line, err)
		}
		if rej.Kind != RejectUtterance && rej.Kind != RejectExample {
			return out, corrupt("%s: line %d: kind %q, want %s or %s", RejectsName, line, rej.Kind, RejectUtterance, RejectExample)
		}
		out = append(out, rej)
	}
	if err := sc.Err(); err != nil {
		return out, fmt.Errorf("read %s: %w", RejectsName, err)
	}
	return out, nil
}
