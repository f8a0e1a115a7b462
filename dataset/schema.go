package dataset

import (
	"encoding/json"
	"fmt"

	"framewise/corpus"
	"framewise/transforms"

	"github.com/apache/arrow-go/v18/arrow"
)

// BatchRows is the number of rows of a record batch; the last of a shard may
// have fewer.
const BatchRows = 64

// maxBatchBytes is the other end of a record batch: it is closed before the
// row that would take its features past this size. Readers of Arrow files
// refuse larger ones (arrow-go: 256 MiB unless told otherwise), and a writer
// should not hold 64 hour-long recordings.
const maxBatchBytes = 128 << 20

// maxWidth is how wide features may be.
const maxWidth = 1 << 20

// The keys of a shard's schema metadata, in their order.
const (
	keyVersion  = "framewise.format_version"
	keyLabelSet = "framewise.label_set"
	keyFeatures = "framewise.features"
	keyDigest   = "framewise.digest"
	keySplit    = "framewise.split"
)

var metadataKeys = []string{keyVersion, keyLabelSet, keyFeatures, keyDigest, keySplit}

// Header is what the rows of a shard have in common.
type Header struct {
	Split    string
	Shard    int                      // its number, from 0
	Shards   int                      // of the split; 0 = whatever there is: membership is not asserted
	LabelSet *corpus.LabelSet         // nil if the corpus has no labels
	Features transforms.FeatureConfig // of the originals
	F        int                      // width of the features
	Digest   string                   // hexadecimal, see Digest
}

// numLabels is the size of a label set that may be missing.
func numLabels(l *corpus.LabelSet) int {
	if l == nil {
		return 0
	}
	return len(l.Labels)
}

func (h Header) validate() error {
	switch {
	case h.Split == "":
		return fmt.Errorf("shard header: no split")
	case h.F < 1 || h.F > maxWidth:
		return fmt.Errorf("shard header: feature width %d, want 1 to %d", h.F, maxWidth)
	case h.Shards < 0 || h.Shards > maxShards || h.Shard < 0 || h.Shards > 0 && h.Shard >= h.Shards:
		return fmt.Errorf("shard header: shard %d of %d", h.Shard, h.Shards)
	case h.LabelSet != nil && len(h.LabelSet.Labels) > 1<<15:
		return fmt.Errorf("shard header: %d labels, want at most %d: labels are int16", len(h.LabelSet.Labels), 1<<15)
	}
	return nil
}

// metadata is the schema metadata of the shard, in the order of metadataKeys.
func (h Header) metadata() (arrow.Metadata, error) {
	labels, err := json.Marshal(newLabelSetJSON(h.LabelSet))
	if err != nil {
		return arrow.Metadata{}, fmt.Errorf("shard header: label set: %w", err)
	}
	features, err := json.Marshal(h.Features)
	if err != nil {
		return arrow.Metadata{}, fmt.Errorf("shard header: feature config: %w", err)
	}
	return arrow.NewMetadata(metadataKeys, []string{
		fmt.Sprint(FormatVersion), string(labels), string(features), h.Digest, h.Split}), nil
}

// labelSetJSON is how a label set is written in shards and dataset.json.
type labelSetJSON struct {
	Name    string   `json:"name"`
	Labels  []string `json:"labels"`
	Silence string   `json:"silence"` // "" if there is none
}

func newLabelSetJSON(l *corpus.LabelSet) *labelSetJSON {
	if l == nil {
		return nil
	}
	return &labelSetJSON{Name: l.Name, Labels: l.Labels, Silence: l.Silence}
}

func (l *labelSetJSON) labelSet() *corpus.LabelSet {
	if l == nil {
		return nil
	}
	return &corpus.LabelSet{Name: l.Name, Labels: l.Labels, Silence: l.Silence}
}

// featuresType is the type of the features column.
func featuresType(layout, dtype string, f int) arrow.DataType {
	if layout == LayoutFlat {
		return arrow.ListOf(valueType(dtype))
	}
	return arrow.ListOf(arrow.FixedSizeListOf(int32(f), valueType(dtype)))
}

// valueType is the type of one feature.
func valueType(dtype string) arrow.DataType {
	if dtype == DTypeFloat16 {
		return arrow.FixedWidthTypes.Float16
	}
	return arrow.PrimitiveTypes.Float32
}

// partFields are the fields of a part, in order. Like all nested fields they
// are declared nullable, which is what other Arrow writers default to; no
// value is ever null.
var partFields = []arrow.Field{
	{Name: "utterance", Type: arrow.BinaryTypes.String, Nullable: true},
	{Name: "speaker", Type: arrow.BinaryTypes.String, Nullable: true},
	{Name: "variant", Type: arrow.BinaryTypes.String, Nullable: true},
	{Name: "rate", Type: arrow.PrimitiveTypes.Int32, Nullable: true},
	{Name: "begin_sample", Type: arrow.PrimitiveTypes.Int64, Nullable: true},
	{Name: "num_samples", Type: arrow.PrimitiveTypes.Int64, Nullable: true},
	{Name: "gap_before", Type: arrow.PrimitiveTypes.Int64, Nullable: true},
	{Name: "begin_frame", Type: arrow.PrimitiveTypes.Int32, Nullable: true},
	{Name: "num_frames", Type: arrow.PrimitiveTypes.Int32, Nullable: true},
	{Name: "effects", Type: arrow.BinaryTypes.String, Nullable: true},
}

// The numbers of the columns.
const (
	colID = iota
	colSpeaker
	colText
	colSampleRate
	colNumSamples
	colNumFrames
	colFeatures
	colLabels
	colPhones
	colParts
	numColumns
)

// arrowSchema is the schema of a shard.
func arrowSchema(layout, dtype string, f int, md *arrow.Metadata) *arrow.Schema {
	labels := arrow.ListOf(arrow.PrimitiveTypes.Int16)
	return arrow.NewSchema([]arrow.Field{
		colID:         {Name: "id", Type: arrow.BinaryTypes.String},
		colSpeaker:    {Name: "speaker", Type: arrow.BinaryTypes.String},
		colText:       {Name: "text", Type: arrow.BinaryTypes.String},
		colSampleRate: {Name: "sample_rate", Type: arrow.PrimitiveTypes.Int32},
		colNumSamples: {Name: "num_samples", Type: arrow.PrimitiveTypes.Int64},
		colNumFrames:  {Name: "num_frames", Type: arrow.PrimitiveTypes.Int32},
		colFeatures:   {Name: "features", Type: featuresType(layout, dtype, f)},
		colLabels:     {Name: "labels", Type: labels, Nullable: true},
		colPhones:     {Name: "phones", Type: labels, Nullable: true},
		colParts:      {Name: "parts", Type: arrow.ListOf(arrow.StructOf(partFields...))},
	}, md)
}
