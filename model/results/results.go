// Package results holds the types of the files in a run folder: what training
// writes while it runs and what evaluation writes once it has. They are plain
// JSON, so that reports and other programs can read them without the model.
package results

// File names in a run folder.
const (
	ConfigFile   = "config.yaml"                   // the resolved training configuration
	RunFile      = "run.json"                      // Run
	MetricsFile  = "metrics.jsonl"                 // one Epoch a line
	WeightsFile  = "model.safetensors"             // the best epoch's weights
	LastFile     = "last.safetensors"              // weights, optimizer state and position: what --resume needs
	LinearFile   = "linear.safetensors"            // the linear baseline's weights
	FrontendFile = "frontend.json"                 // what predict needs to make features as the dataset's were made
	EventsFile   = "events.out.tfevents.framewise" // what MetricsFile says, for TensorBoard
	EvalFileName = "eval-%s.json"                  // Eval, by split
	FailedFolder = "failed"                        // of a run that diverged: FailureFile, and as LastFile the state before the step
	FailureFile  = "failure.json"                  // Failure
)

// Run says what was trained on what.
type Run struct {
	Created         string   `json:"created"`   // RFC 3339
	Framewise       string   `json:"framewise"` // version of the program
	Go              string   `json:"go"`        // version that built it
	Platform        string   `json:"platform"`  // operating system and architecture
	Seed            uint64   `json:"seed"`
	Dataset         string   `json:"dataset"` // folder as given
	DatasetSHA256   string   `json:"dataset_sha256"`
	LabelSet        string   `json:"label_set"`
	Folding         string   `json:"folding"` // none | 48 | 39
	FoldingDigest   string   `json:"folding_digest"`
	Loss            string   `json:"loss"`     // frames | ctc
	Labels          []string `json:"labels"`   // classes after folding, in order
	Silence         string   `json:"silence"`  // the class that is silence after folding, or ""
	Majority        string   `json:"majority"` // the commonest class of the training split
	Parameters      int      `json:"parameters"`
	MACsPerFrame    int      `json:"macs_per_frame"` // multiply-adds of one frame forward
	GEMM            string   `json:"gemm"`           // the matrix kernel in use
	VectorUnit      string   `json:"vector_unit"`    // what the other kernels use of the CPU
	Threads         int      `json:"threads"`
	TrainExamples   int      `json:"train_examples"`
	TrainFrames     int64    `json:"train_frames"`
	Skipped         []string `json:"skipped"`   // ids too short for the network
	Selection       string   `json:"selection"` // how the epoch that is kept is chosen: dev-accuracy | dev-loss | dev-per | last-epoch
	Best            int      `json:"best_epoch"`
	Finished        bool     `json:"finished"`
	SecondsTraining float64  `json:"seconds_training"`
}

// Failure says at which step training could not go on.
type Failure struct {
	Reason       string   `json:"reason"`
	Epoch        int      `json:"epoch"`
	Step         int      `json:"step"`          // batches before this one, over all epochs
	Batch        int      `json:"batch"`         // of the epoch's plan, from 0
	Loss         any      `json:"loss"`          // mean over the batch; a number, or "NaN", "+Inf"
	GradientNorm any      `json:"gradient_norm"` // of all weights, before clipping; as Loss
	LearningRate float64  `json:"learning_rate"`
	Examples     []string `json:"examples"`          // ids of the batch
	Pending      []string `json:"pending,omitempty"` // ids of the batches that were accumulated before it
}

// LossUnit is what losses are the mean over.
func (r *Run) LossUnit() string {
	if r.Loss == "ctc" {
		return "nats an utterance"
	}
	return "nats a frame"
}

// Epoch is one line of metrics.jsonl.
type Epoch struct {
	Epoch          int      `json:"epoch"`   // from 1
	Step           int      `json:"step"`    // batches so far, over all epochs
	Time           string   `json:"time"`    // RFC 3339, when the epoch was scored
	Updates        int      `json:"updates"` // of the weights, in this epoch
	LearningRate   float64  `json:"learning_rate"`
	TrainLoss      float64  `json:"train_loss"`     // mean over the epoch's frames, or with CTC its utterances, nats
	TrainAccuracy  float64  `json:"train_accuracy"` // of frames; with CTC by the likeliest class besides the blank
	DevLoss        *float64 `json:"dev_loss"`       // null if there is no dev split
	DevAccuracy    *float64 `json:"dev_accuracy"`
	DevPER         *float64 `json:"dev_per,omitempty"` // with CTC
	LinearTrain    *float64 `json:"linear_train_accuracy"`
	Frames         int64    `json:"frames"`         // frames seen in this epoch
	PaddingShare   float64  `json:"padding_share"`  // padded cells / all cells
	IdleShare      float64  `json:"idle_share"`     // time waiting for batches
	Seconds        float64  `json:"seconds"`        // of training, without the dev pass
	FramesPerSec   float64  `json:"frames_per_sec"` // of training
	GradientNorm   float64  `json:"gradient_norm"`  // mean over updates, before clipping
	SkippedBatches int      `json:"skipped_batches"`
	InfiniteLosses int      `json:"infinite_losses,omitempty"` // with CTC, utterances with too few frames for their phones: they trained nothing
}

// Eval is the result of `framewise eval`, and what `eval --json` prints.
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
	PerSpeaker       map[string]ScoreCount `json:"per_speaker"`
	PerLabel         map[string]LabelScore `json:"per_label"`
	Groups           map[string]ScoreCount `json:"groups,omitempty"` // e.g. "si": sentences read by one speaker only
	Labels           []string              `json:"labels"`
	Confusion        [][]int64             `json:"confusion"` // [reference][hypothesis], frames
	Skipped          []string              `json:"skipped"`
	BatchInvariance  *BatchInvariance      `json:"batch_invariance,omitempty"`
}

// ScoreCount is an accuracy and what it was taken over.
type ScoreCount struct {
	Frames        int64   `json:"frames"`
	FrameAccuracy float64 `json:"frame_accuracy"`
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
	Examples      int     `json:"examples"`
	MaxDifference float64 `json:"max_difference"` // of a posterior, batched against alone
	Tolerance     float64 `json:"tolerance"`
	Holds         bool    `json:"holds"`
}
