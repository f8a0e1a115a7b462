package dataset

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"strings"

	"framewise/corpus"
	"framewise/transforms"
)

// Manifest is the content of dataset.json. Its fields come in the order in
// which they are written.
type Manifest struct {
	FormatVersion    int                      `json:"format_version"`
	AlgorithmVersion int                      `json:"algorithm_version"`
	Seed             uint64                   `json:"seed"`
	SampleRate       int                      `json:"sample_rate"` // Hz, of the build: the timeline of labels and gaps
	FeatureDim       int                      `json:"feature_dim"` // F
	LabelSet         *corpus.LabelSet         `json:"-"`           // nil if the corpus has no labels
	Features         transforms.FeatureConfig `json:"features"`
	Augment          json.RawMessage          `json:"augment"`
	Shard            ShardConfig              `json:"shard"`
	Counts           Counts                   `json:"counts"`
	Splits           []SplitInfo              `json:"splits"`
	CMVN             []CMVN                   `json:"cmvn"` // by split in the order of Splits, speaker, variant

	// SHA256 is the checksum of the document with the digits of this field,
	// its last, left out.
	SHA256 string `json:"-"`

	// Compact JSON of the label set and the feature config as the document has
	// them, which may know keys that this program does not.
	rawLabelSet, rawFeatures string
}

// Counts are what a build was asked for and what became of it. Utterances =
// Used + Rejected, and Planned = Examples + Dropped.
type Counts struct {
	Utterances int64 `json:"utterances"` // lines of the corpus manifest
	Used       int64 `json:"used"`
	Rejected   int64 `json:"rejected"`
	Planned    int64 `json:"planned"` // recipes
	Examples   int64 `json:"examples"`
	Dropped    int64 `json:"dropped"`
}

// SplitInfo describes one split of a dataset.
type SplitInfo struct {
	Name         string         `json:"name"`
	Examples     int64          `json:"examples"`
	Frames       int64          `json:"frames"`
	AudioSamples int64          `json:"audio_samples"`
	Rates        []RateCount    `json:"rates"`
	Variants     []VariantCount `json:"variants"`
	Shards       []ShardInfo    `json:"shards"`
	Labels       []int64        `json:"labels"`    // frames by label index
	Unlabeled    int64          `json:"unlabeled"` // frames without a label
	Lengths      Histogram      `json:"lengths"`   // examples by frames
	Padding      Padding        `json:"padding"`
}

// ShardInfo describes one shard.
type ShardInfo struct {
	Path         string `json:"path"` // relative to dataset.json, with forward slashes
	Bytes        int64  `json:"bytes"`
	SHA256       string `json:"sha256"`
	Digest       string `json:"digest"`
	Examples     int64  `json:"examples"`
	Frames       int64  `json:"frames"`
	AudioSamples int64  `json:"audio_samples"`
}

// Histogram counts values: Counts[i] of them lie in [Edges[i], Edges[i+1]),
// the last bin having no upper edge.
type Histogram struct {
	Edges  []int32 `json:"edges"`
	Counts []int64 `json:"counts"`
}

// Padding says which share of the frames of padded batches is padding.
type Padding struct {
	Batch    int     `json:"batch"`     // examples a batch
	InOrder  float64 `json:"in_order"`  // batches of neighbours in the shards
	ByLength float64 `json:"by_length"` // batches of neighbours after sorting the split by length
}

// Split finds a split by its name, nil if there is none.
func (m *Manifest) Split(name string) *SplitInfo {
	for i := range m.Splits {
		if m.Splits[i].Name == name {
			return &m.Splits[i]
		}
	}
	return nil
}

// AudioSeconds is how much audio the split's features were computed from.
func (s *SplitInfo) AudioSeconds() float64 {
	sec := 0.0
	for _, r := range s.Rates {
		sec += float64(r.Samples) / float64(r.Rate)
	}
	return sec
}

// manifestDoc is the document as it is encoded: Manifest with its label set,
// and the checksum last.
type manifestDoc struct {
	*Manifest
	LabelSet *labelSetJSON `json:"label_set"`
	SHA256   string        `json:"sha256"`
}

// sumOpen and sumClose stand around the digits of the checksum at the end of
// the document.
const (
	sumOpen  = "  \"sha256\": \""
	sumClose = "\"\n}\n"
)

// Marshal is the content of dataset.json, and sets m.SHA256. It is the same
// for the same manifest.
func (m *Manifest) Marshal() ([]byte, error) {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	if err := enc.Encode(manifestDoc{Manifest: m, LabelSet: newLabelSetJSON(m.LabelSet)}); err != nil {
		return nil, fmt.Errorf("write %s: %w", ManifestName, err)
	}
	doc := bytes.TrimSuffix(b.Bytes(), []byte(sumClose))
	sum := sha256.Sum256(b.Bytes())
	m.SHA256 = hex.EncodeToString(sum[:])
	return append(doc[:len(doc):len(doc)], m.SHA256+sumClose...), nil
}

// ParseManifest reads dataset.json. It checks the version, the checksum and
// whatever a reader relies on.
func ParseManifest(b []byte) (*Manifest, error) {
	var version struct {
		V int `json:"format_version"`
	}
	if err := json.Unmarshal(b, &version); err != nil {
		return nil, corrupt("%s: %w", ManifestName, err)
	}
	if version.V != FormatVersion {
		return nil, fmt.Errorf("%s: format version %d, want %d: %w", ManifestName, version.V, FormatVersion, ErrVersion)
	}
	sum, err := manifestSum(b)
	if err != nil {
		return nil, err
	}
	m := &Manifest{SHA256: sum}
	doc := manifestDoc{Manifest: m}
	var raw struct {
		LabelSet json.RawMessage `json:"label_set"`
		Features json.RawMessage `json:"features"`
	}
	if err := json.Unmarshal(b, &doc); err != nil {
		return nil, corrupt("%s: %w", ManifestName, err)
	}
	if err := json.Unmarshal(b, &raw); err != nil {
		return nil, corrupt("%s: %w", ManifestName, err)
	}
	m.LabelSet = doc.LabelSet.labelSet()
	if m.rawLabelSet, err = compactJSON(string(raw.LabelSet)); err != nil {
		return nil, corrupt("%s: label_set: %w", ManifestName, err)
	}
	if m.rawFeatures, err = compactJSON(string(raw.Features)); err != nil {
		return nil, corrupt("%s: features: %w", ManifestName, err)
	}
	if err := m.check(); err != nil {
		return nil, fmt.Errorf("%s: %w", ManifestName, err)
	}
	return m, nil
}

// manifestSum checks a document's own checksum.
func manifestSum(b []byte) (string, error) {
	at := len(b) - len(sumClose) - 2*sha256.Size
	if at < len(sumOpen) || string(b[at-len(sumOpen):at]) != sumOpen || string(b[at+2*sha256.Size:]) != sumClose {
		return "", corrupt("%s: does not end with its checksum", ManifestName)
	}
	h := sha256.New()
	h.Write(b[:at])
	h.Write(b[at+2*sha256.Size:])
	if got, want := string(b[at:at+2*sha256.Size]), hex.EncodeToString(h.Sum(nil)); got != want {
		return "", corrupt("%s: says its SHA-256 is %s, but it is %s: the file was changed", ManifestName, got, want)
	}
	return hex.EncodeToString(h.Sum(nil)), nil
}

// isSHA256 says whether s is a SHA-256 in lower-case hexadecimal. Copies of
// shards are kept under such names.
func isSHA256(s string) bool {
	b, err := hex.DecodeString(s)
	return err == nil && len(b) == sha256.Size && s == strings.ToLower(s)
}

// check holds the parts of the manifest against each other.
func (m *Manifest) check() error {
	if m.FeatureDim < 1 || m.FeatureDim > maxWidth {
		return corrupt("feature_dim %d, want 1 to %d", m.FeatureDim, maxWidth)
	}
	if m.SampleRate < 1 {
		return corrupt("sample_rate %d, want > 0", m.SampleRate)
	}
	if len(m.Splits) == 0 {
		return corrupt("no splits, want at least one")
	}
	for i := range m.Splits {
		s := &m.Splits[i]
		if s.Name == "" || s.Name[0] == '.' || strings.ContainsAny(s.Name, `/\`) || m.Split(s.Name) != s {
			return corrupt("split %d is called %q, want the name of a folder, each once", i, s.Name)
		}
		var sum ShardInfo
		for k, sh := range s.Shards {
			if want := ShardName(s.Name, k, len(s.Shards)); sh.Path != want {
				return corrupt("split %s: shard %d is %q, want %q", s.Name, k, sh.Path, want)
			}
			if sh.Bytes < 0 || sh.Examples < 0 || sh.Examples > sh.Frames || sh.AudioSamples < 0 {
				return corrupt("shard %s: %d bytes, %d examples, %d frames, %d audio samples", sh.Path, sh.Bytes, sh.Examples, sh.Frames, sh.AudioSamples)
			}
			for _, f := range [][2]string{{"sha256", sh.SHA256}, {"digest", sh.Digest}} {
				if !isSHA256(f[1]) {
					return corrupt("shard %s: %s %.100q, want %d lower-case hexadecimal digits", sh.Path, f[0], f[1], 2*sha256.Size)
				}
			}
			sum.Examples += sh.Examples
			sum.Frames += sh.Frames
			sum.AudioSamples += sh.AudioSamples
		}
		if sum.Examples != s.Examples || sum.Frames != s.Frames || sum.AudioSamples != s.AudioSamples {
			return corrupt("split %s: %d examples, %d frames, %d audio samples, but its shards have %d, %d, %d", s.Name,
				s.Examples, s.Frames, s.AudioSamples, sum.Examples, sum.Frames, sum.AudioSamples)
		}
		if len(s.Lengths.Edges) != len(s.Lengths.Counts) {
			return corrupt("split %s: lengths have %d edges and %d counts, want as many", s.Name, len(s.Lengths.Edges), len(s.Lengths.Counts))
		}
		if len(s.Labels) != numLabels(m.LabelSet) {
			return corrupt("split %s: %d label counts, want %d", s.Name, len(s.Labels), numLabels(m.LabelSet))
		}
	}
	for i := range m.CMVN {
		c := &m.CMVN[i]
		if m.Split(c.Split) == nil || c.Frames < 1 || len(c.Sum) != m.FeatureDim || len(c.SumSq) != m.FeatureDim {
			return corrupt("cmvn %d (%s, %s, %s): %d frames, %d and %d sums, want %d", i, c.Split, c.Speaker, c.Variant,
				c.Frames, len(c.Sum), len(c.SumSq), m.FeatureDim)
		}
	}
	return nil
}
