// Package tensorboard writes the event files that TensorBoard reads: TFRecords
// of tensorflow.Event messages, which hold the scalars of a run.
package tensorboard

import (
	"math"
	"time"

	"google.golang.org/protobuf/encoding/protowire"

	"framewise/dataset/tfrecord"
	"framewise/model/results"
)

// The numbers of the fields that are used (tensorflow/core/util/event.proto,
// tensorflow/core/framework/summary.proto). protowire is the wire format's own
// package; generated types would bring TensorFlow's whole tree of messages.
const (
	eventWallTime    = 1 // double, seconds since 1970
	eventStep        = 2 // int64
	eventFileVersion = 3 // string, of the first record
	eventSummary     = 5
	summaryValue     = 1 // repeated
	valueTag         = 1 // string
	valueSimple      = 2 // float
)

// fileVersion is what the first record of an event file says.
const fileVersion = "brain.Event:2"

// Begin appends the record that an event file starts with.
func Begin(dst []byte, created time.Time) []byte {
	e := wallTime(nil, created)
	e = protowire.AppendTag(e, eventFileVersion, protowire.BytesType)
	return tfrecord.Append(dst, protowire.AppendString(e, fileVersion))
}

// Append appends the scalars of an epoch, at the step that it ended with.
func Append(dst []byte, e *results.Epoch) []byte {
	var summary []byte
	add := func(tag string, v float64) {
		value := protowire.AppendTag(nil, valueTag, protowire.BytesType)
		value = protowire.AppendString(value, tag)
		value = protowire.AppendTag(value, valueSimple, protowire.Fixed32Type)
		value = protowire.AppendFixed32(value, math.Float32bits(float32(v)))
		summary = protowire.AppendTag(summary, summaryValue, protowire.BytesType)
		summary = protowire.AppendBytes(summary, value)
	}
	maybe := func(tag string, v *float64) {
		if v != nil {
			add(tag, *v)
		}
	}
	add("loss/train", e.TrainLoss)
	maybe("loss/dev", e.DevLoss)
	add("accuracy/train", e.TrainAccuracy)
	maybe("accuracy/dev", e.DevAccuracy)
	maybe("accuracy/train_linear", e.LinearTrain)
	maybe("phone_error_rate/dev", e.DevPER)
	add("optimizer/learning_rate", e.LearningRate)
	add("optimizer/gradient_norm", e.GradientNorm)
	add("speed/frames_per_sec", e.FramesPerSec)
	add("speed/idle_share", e.IdleShare)
	add("speed/padding_share", e.PaddingShare)

	when, err := time.Parse(time.RFC3339Nano, e.Time)
	if err != nil { // a line from before times were written
		when = time.Unix(0, 0)
	}
	event := wallTime(nil, when)
	event = protowire.AppendTag(event, eventStep, protowire.VarintType)
	event = protowire.AppendVarint(event, uint64(e.Step))
	event = protowire.AppendTag(event, eventSummary, protowire.BytesType)
	return tfrecord.Append(dst, protowire.AppendBytes(event, summary))
}

func wallTime(dst []byte, t time.Time) []byte {
	dst = protowire.AppendTag(dst, eventWallTime, protowire.Fixed64Type)
	return protowire.AppendFixed64(dst, math.Float64bits(float64(t.UnixMicro())/1e6))
}
