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
	BigramFile   = "bigram.json"                   // Bigram: which phones follow which in train
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
	Loss            string   `json:"loss"`                 // frames | ctc
	PhoneRule       int      `json:"phone_rule,omitempty"` // score.PhoneRule, where the loss or the choice of the epoch goes by phone sequences
	Labels          []string `json:"labels"`               // classes after folding, in order
	Silence         string   `json:"silence"`              // the class that is silence after folding, or ""
	Majority        string   `json:"majority"`             // the commonest class of the training split
	Parameters      int      `json:"parameters"`
	MACsPerFrame    int      `json:"macs_per_frame"` // multiply-adds of one frame forward
	Layers          []Layer  `json:"layers"`         // the weight matrices that these are the sums over
	GEMM            string   `json:"gemm"`           // the matrix kernel in use
	VectorUnit      string   `json:"vector_unit"`    // what the other kernels use of the CPU
	Threads         int      `json:"threads"`
	TrainExamples   int      `json:"train_examples"`
	TrainFrames     int64    `json:"train_frames"`
	Skipped         []string `json:"skipped"`   // ids too short for the network
	Selection       string   `json:"selection"` // how the epoch that is kept is chosen: dev-accuracy | dev-loss | dev-per | last-epoch | imported
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

// Layer is the size of one weight matrix, its biases in the last rows.
type Layer struct {
	Name         string `json:"name"`
	Rows         int    `json:"rows"`
	Cols         int    `json:"cols"`
	Parameters   int    `json:"parameters"`
	MACsPerFrame int    `json:"macs_per_frame"`
}

// FLOPsPerFrame is the number of floating-point operations by matrix products of
// one frame forward: two for each multiply-add. Training takes about three times
// as many.
func (r *Run) FLOPsPerFrame() int { return 2 * r.MACsPerFrame }

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
	TrainAccuracy  float64  `json:"train_accuracy"` // of frames, padded ones too if they count; with CTC by the likeliest class besides the blank
	DevLoss        *float64 `json:"dev_loss"`       // null if there is no dev split
	DevAccuracy    *float64 `json:"dev_accuracy"`
	DevPER         *float64 `json:"dev_per,omitempty"` // greedy, without a minimum duration; null unless with CTC or early_stopping.by: per
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

// Bigram is bigram.json: counts of neighboring phones in the unaugmented
// examples of the training split.
type Bigram struct {
	Labels    []string  `json:"labels"` // classes after folding, in order
	Sequences int       `json:"sequences"`
	Counts    [][]int64 `json:"counts"` // [before][after]; the last row is the beginning, the last column the end
}
