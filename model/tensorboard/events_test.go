package tensorboard

import (
	"encoding/binary"
	"encoding/json"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"google.golang.org/protobuf/encoding/protowire"

	"framewise/dataset/tfrecord"
	"framewise/model/results"
)

func ptr(v float64) *float64 { return &v }

// run is three epochs: without a development split, with one, and with CTC.
func run() []results.Epoch {
	return []results.Epoch{
		{Epoch: 1, Step: 77, Time: "2026-01-02T03:04:05.25Z", LearningRate: 0.008, TrainLoss: 1.5, TrainAccuracy: 0.5, FramesPerSec: 140000, IdleShare: 0.01, GradientNorm: 0.6, PaddingShare: 0.03},
		{Epoch: 2, Step: 154, Time: "2026-01-02T03:05:05Z", LearningRate: 0.004, TrainLoss: 0.75, TrainAccuracy: 0.7, DevLoss: ptr(1.25), DevAccuracy: ptr(0.625), LinearTrain: ptr(0.25)},
		{Epoch: 3, Step: 1 << 40, Time: "2026-01-02T03:06:05Z", TrainLoss: 1e-30, DevLoss: ptr(2), DevAccuracy: ptr(0.5), DevPER: ptr(0.125)},
	}
}

// want lists the scalars of a run by tag: step and value.
func want(epochs []results.Epoch) map[string][][2]float64 {
	m := map[string][][2]float64{}
	for _, e := range epochs {
		for tag, v := range map[string]*float64{"loss/train": &e.TrainLoss, "loss/dev": e.DevLoss, "accuracy/train": &e.TrainAccuracy,
			"accuracy/dev": e.DevAccuracy, "accuracy/train_linear": e.LinearTrain, "phone_error_rate/dev": e.DevPER,
			"optimizer/learning_rate": &e.LearningRate, "optimizer/gradient_norm": &e.GradientNorm,
			"speed/frames_per_sec": &e.FramesPerSec, "speed/idle_share": &e.IdleShare, "speed/padding_share": &e.PaddingShare} {
			if v != nil {
				m[tag] = append(m[tag], [2]float64{float64(e.Step), float64(float32(*v))})
			}
		}
	}
	return m
}

func file(epochs []results.Epoch) []byte {
	b := Begin(nil, time.Date(2026, 1, 2, 3, 4, 0, 0, time.UTC))
	for _, e := range epochs {
		b = Append(b, &e)
	}
	return b
}

// compare reports scalars that are not those of the run.
func compare(t *testing.T, reader string, got, want map[string][][2]float64) {
	t.Helper()
	if len(got) != len(want) {
		t.Errorf("%s: %d tags, want %d", reader, len(got), len(want))
	}
	for tag, points := range want {
		if len(got[tag]) != len(points) {
			t.Errorf("%s: %s has %v, want %v", reader, tag, got[tag], points)
			continue
		}
		for i, p := range points {
			if got[tag][i] != p {
				t.Errorf("%s: %s has %v, want %v", reader, tag, got[tag][i], p)
			}
		}
	}
}

// fields reads a message: fields by number, of bytes or as 64 bits.
func fields(t *testing.T, b []byte, visit func(n protowire.Number, bytes []byte, bits uint64)) {
	t.Helper()
	for len(b) > 0 {
		num, kind, n := protowire.ConsumeTag(b)
		if n < 0 {
			t.Fatal(protowire.ParseError(n))
		}
		b = b[n:]
		switch kind {
		case protowire.BytesType:
			v, m := protowire.ConsumeBytes(b)
			n = m
			visit(num, v, 0)
		case protowire.Fixed64Type:
			v, m := protowire.ConsumeFixed64(b)
			n = m
			visit(num, nil, v)
		case protowire.Fixed32Type:
			v, m := protowire.ConsumeFixed32(b)
			n = m
			visit(num, nil, uint64(v))
		default:
			v, m := protowire.ConsumeVarint(b)
			n = m
			visit(num, nil, v)
		}
		if n < 0 {
			t.Fatal(protowire.ParseError(n))
		}
		b = b[n:]
	}
}

func TestEventsByTheirDefinition(t *testing.T) {
	got := map[string][][2]float64{}
	var versions []string
	for b := file(run()); len(b) > 0; {
		n := binary.LittleEndian.Uint64(b)
		if binary.LittleEndian.Uint32(b[8:]) != tfrecord.MaskedCRC(b[:8]) || binary.LittleEndian.Uint32(b[12+n:]) != tfrecord.MaskedCRC(b[12:12+n]) {
			t.Fatal("a checksum is wrong")
		}
		step := 0.0
		fields(t, b[12:12+n], func(num protowire.Number, text []byte, bits uint64) {
			switch num {
			case 1:
				if s := math.Float64frombits(bits); s < 1767323040 || s > 1767323040+125 {
					t.Errorf("an event at %v", s)
				}
			case 2:
				step = float64(bits)
			case 3:
				versions = append(versions, string(text))
			case 5:
				fields(t, text, func(_ protowire.Number, value []byte, _ uint64) {
					tag := ""
					fields(t, value, func(num protowire.Number, text []byte, bits uint64) {
						if num == 1 {
							tag = string(text)
							return
						}
						got[tag] = append(got[tag], [2]float64{step, float64(math.Float32frombits(uint32(bits)))})
					})
				})
			}
		})
		b = b[16+n:]
	}
	if len(versions) != 1 || versions[0] != "brain.Event:2" {
		t.Errorf("versions %q", versions)
	}
	compare(t, "protowire", got, want(run()))
}

// TestTensorBoardReadsTheSame reads an event file with the readers that its
// users have.
func TestTensorBoardReadsTheSame(t *testing.T) {
	name := os.Getenv("FRAMEWISE_PYTHON")
	if name == "" {
		name = "python3"
	}
	py, err := exec.LookPath(name)
	if err != nil {
		t.Skipf("no %s: set FRAMEWISE_PYTHON to an interpreter with the readers, or run make test-interop", name)
	}
	if out, err := exec.Command(py, "-c", "import tensorboard, tbparse").CombinedOutput(); err != nil {
		t.Skipf("%s has no tensorboard and tbparse (make test-interop installs them): %s", py, out)
	}
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, results.EventsFile), file(run()), 0o644); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(py, filepath.Join("testdata", "read_back.py"), dir)
	cmd.Stderr = os.Stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	var read struct {
		TensorBoard map[string][][3]float64 `json:"tensorboard"`
		TBParse     map[string][][2]float64 `json:"tbparse"`
	}
	if err := json.Unmarshal(out, &read); err != nil {
		t.Fatalf("%v in %s", err, out)
	}
	board := map[string][][2]float64{}
	for tag, points := range read.TensorBoard {
		for i, p := range points {
			board[tag] = append(board[tag], [2]float64{p[0], p[2]})
			if tag == "loss/train" && i == 0 && p[1] != 1767323045.25 {
				t.Errorf("the first epoch is at %v", p[1])
			}
		}
	}
	compare(t, "tensorboard", board, want(run()))
	compare(t, "tbparse", read.TBParse, want(run()))
}
