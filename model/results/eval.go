package results

import "framewise/model/decode"

// Eval is the result of `framewise eval`, and what `eval --json` prints. The
// scores are defined in docs/scoring.md.
type Eval struct {
	Split            string                `json:"split"`
	LabelSet         string                `json:"label_set"`
	Folding          string                `json:"folding"`
	Loss             string                `json:"loss"` // that the run was trained with; with ctc a frame's class is the likeliest besides the blank
	Examples         int                   `json:"examples"`
	Frames           int64                 `json:"frames"` // scored
	FramesIgnored    int64                 `json:"frames_ignored"`
	FrameAccuracy    float64               `json:"frame_accuracy"`
	MajorityAccuracy float64               `json:"majority_accuracy"` // always the commonest class of train
	LinearAccuracy   *float64              `json:"linear_accuracy"`   // linear softmax on single frames
	PER              *float64              `json:"per"`               // 39 classes for timit61; null without phones
	PERFolding       string                `json:"per_folding"`
	Edits            *EditCounts           `json:"edits"` // what PER is made of
	Decode           decode.Config         `json:"decode"`
	Intervals        *Intervals            `json:"intervals"`  // null with fewer than two speakers
	FrameMs          float64               `json:"frame_ms"`   // hop of a frame: what boundaries are measured in
	Boundaries       []BoundaryScore       `json:"boundaries"` // by tolerance; null with ctc
	PerSpeaker       map[string]ScoreCount `json:"per_speaker"`
	PerLabel         map[string]LabelScore `json:"per_label"`
	ByUtterance      []DurationScore       `json:"by_utterance_seconds"`
	BySegment        []DurationScore       `json:"by_segment_ms"`    // segments of the reference
	Groups           map[string]ScoreCount `json:"groups,omitempty"` // e.g. "si": sentences read by one speaker only
	Labels           []string              `json:"labels"`
	Confusion        [][]int64             `json:"confusion"` // [reference][hypothesis], frames
	Skipped          []string              `json:"skipped"`
	BatchInvariance  *BatchInvariance      `json:"batch_invariance,omitempty"`
}

// EditCounts are the operations that turn references into what was heard.
type EditCounts struct {
	Reference     int `json:"reference"` // phones
	Substitutions int `json:"substitutions"`
	Deletions     int `json:"deletions"`
	Insertions    int `json:"insertions"`
}

// Intervals are bootstrap intervals, lower and upper bound.
type Intervals struct {
	Over          string      `json:"over"`  // what is resampled: speakers
	Units         int         `json:"units"` // how many there are
	Level         float64     `json:"level"`
	Resamples     int         `json:"resamples"`
	Seed          uint64      `json:"seed"`
	FrameAccuracy *[2]float64 `json:"frame_accuracy"`
	PER           *[2]float64 `json:"per"`
}

// BoundaryScore is how boundaries between segments meet the reference's, at
// the resolution of frames.
type BoundaryScore struct {
	WithinMs   float64  `json:"within_ms"`
	Reference  int      `json:"reference"`
	Hypothesis int      `json:"hypothesis"`
	Hits       int      `json:"hits"`
	Precision  float64  `json:"precision"`
	Recall     float64  `json:"recall"`
	F1         float64  `json:"f1"`
	RValue     *float64 `json:"r_value"`
	ErrorMs    float64  `json:"mean_error_ms"` // of the hits, absolute
	BiasMs     float64  `json:"bias_ms"`       // of the hits, above 0 is late
}

// ScoreCount is an accuracy and what it was taken over.
type ScoreCount struct {
	Frames        int64    `json:"frames"`
	FrameAccuracy float64  `json:"frame_accuracy"`
	Examples      int      `json:"examples"`
	Phones        int      `json:"phones"`
	PER           *float64 `json:"per"`
}

// DurationScore is a row of a table by duration: From <= duration < To.
type DurationScore struct {
	From          float64  `json:"from"`
	To            *float64 `json:"to"` // null: no end
	Examples      int      `json:"examples,omitempty"`
	Segments      int      `json:"segments,omitempty"`
	Frames        int64    `json:"frames"`
	FrameAccuracy float64  `json:"frame_accuracy"`
	PER           *float64 `json:"per,omitempty"`
	Found         *float64 `json:"found,omitempty"` // share of segments most of whose frames are right
}

// LabelScore is one class's recall, precision and F1.
type LabelScore struct {
	Frames    int64   `json:"frames"` // in the reference
	Recall    float64 `json:"recall"`
	Precision float64 `json:"precision"`
	F1        float64 `json:"f1"`
}

// BatchInvariance is the outcome of `eval --check-batch-invariance`.
type BatchInvariance struct {
	Examples      int              `json:"examples"`
	Rounds        int              `json:"rounds"`         // ways to put them into batches
	Batches       int              `json:"batches"`        // over all rounds
	MaxDifference float64          `json:"max_difference"` // of a posterior, batched against alone
	Tolerance     float64          `json:"tolerance"`
	BitEqual      bool             `json:"bit_equal"`
	Holds         bool             `json:"holds"`
	Worst         *BatchDifference `json:"worst"` // null if bit-equal
}

// BatchDifference is the largest difference that was found.
type BatchDifference struct {
	Example    string   `json:"example"`
	Frame      int      `json:"frame"`
	Class      int      `json:"class"`
	Batch      []string `json:"batch"` // ids of the batch
	Difference float64  `json:"difference"`
}
