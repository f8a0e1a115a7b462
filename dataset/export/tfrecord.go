package export

import (
	"compress/gzip"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"

	"google.golang.org/protobuf/encoding/protowire"

	"framewise/dataset"
	"framewise/dataset/tfrecord"
)

// tfRecord writes a file of tf.train.SequenceExample records for each shard.
type tfRecord struct {
	x    *exporter
	dir  *folder
	file *file
	zip  *gzip.Writer // nil without compression
	w    io.Writer
	rec  []byte
	msg  sequenceExample
}

func newTFRecord(x *exporter, dir *folder, _ string) (splitWriter, error) {
	return &tfRecord{x: x, dir: dir}, nil
}

func (t *tfRecord) shard(i, n int) error {
	if err := t.close(); err != nil {
		return err
	}
	name := fmt.Sprintf("shard-%05d-of-%05d.tfrecord", i, n)
	if t.x.opt.Gzip {
		name += ".gz"
	}
	var err error
	if t.file, err = t.dir.create(name); err != nil {
		return err
	}
	if t.w = t.file; t.x.opt.Gzip {
		t.zip = gzip.NewWriter(t.file)
		t.w = t.zip
	}
	return nil
}

func (t *tfRecord) write(ex *dataset.Example) error {
	data, err := t.msg.encode(ex, t.x.f)
	if err != nil {
		return err
	}
	t.rec = tfrecord.Append(t.rec[:0], data)
	_, err = t.w.Write(t.rec)
	return err
}

func (t *tfRecord) close() error {
	if t.file == nil {
		return nil
	}
	var err error
	if t.zip != nil {
		err = t.zip.Close()
	}
	err = errors.Join(err, t.file.close())
	t.file, t.zip = nil, nil
	return err
}

// sequenceExample encodes tf.train.SequenceExample messages
// (tensorflow/core/example/example.proto). protowire is the wire format's own
// package; generated types would hold every value twice and sort no maps.
type sequenceExample struct{ context, lists, value, entry, feature, list, out []byte }

// The numbers of the fields that are used.
const (
	fieldContext, fieldLists           = 1, 2 // SequenceExample
	fieldFeature                       = 1    // Features, FeatureLists, FeatureList
	fieldKey, fieldValue               = 1, 2 // entries of a map
	fieldBytes, fieldFloat, fieldInt64 = 1, 2, 3
	fieldItems                         = 1 // BytesList, FloatList, Int64List
)

// encode is an example as a message. The result is valid until the next call.
func (s *sequenceExample) encode(ex *dataset.Example, f int) ([]byte, error) {
	parts, err := partsJSON(ex)
	if err != nil {
		return nil, err
	}
	s.context, s.lists = s.context[:0], s.lists[:0]
	s.bytes("id", ex.ID)
	s.ints("num_frames", int64(ex.NumFrames))
	s.ints("num_samples", ex.NumSamples)
	s.bytes("parts", string(parts))
	if ex.Phones != nil {
		phones := make([]int64, len(ex.Phones))
		for i, p := range ex.Phones {
			phones[i] = int64(p)
		}
		s.ints("phones", phones...)
	}
	s.ints("sample_rate", int64(ex.SampleRate))
	s.bytes("speaker", ex.Speaker)
	s.bytes("text", ex.Text)

	s.list = s.list[:0]
	for t := range int(ex.NumFrames) {
		s.value = protowire.AppendTag(s.value[:0], fieldItems, protowire.BytesType)
		s.value = protowire.AppendVarint(s.value, uint64(4*f))
		for _, v := range ex.Features[t*f : (t+1)*f] {
			s.value = binary.LittleEndian.AppendUint32(s.value, math.Float32bits(v))
		}
		s.step(fieldFloat)
	}
	s.featureList("features")
	if ex.Labels != nil {
		s.list = s.list[:0]
		for _, label := range ex.Labels {
			s.packed(int64(label))
			s.step(fieldInt64)
		}
		s.featureList("labels")
	}
	s.out = appendField(s.out[:0], fieldContext, s.context)
	s.out = appendField(s.out, fieldLists, s.lists)
	return s.out, nil
}

func appendField(dst []byte, field protowire.Number, b []byte) []byte {
	return protowire.AppendBytes(protowire.AppendTag(dst, field, protowire.BytesType), b)
}

// bytes adds a text to the context.
func (s *sequenceExample) bytes(key, text string) {
	s.value = appendField(s.value[:0], fieldItems, []byte(text))
	s.contextFeature(key, fieldBytes)
}

// ints adds numbers to the context.
func (s *sequenceExample) ints(key string, v ...int64) {
	s.packed(v...)
	s.contextFeature(key, fieldInt64)
}

// packed makes value an Int64List.
func (s *sequenceExample) packed(v ...int64) {
	n := 0
	for _, x := range v {
		n += protowire.SizeVarint(uint64(x))
	}
	s.value = protowire.AppendTag(s.value[:0], fieldItems, protowire.BytesType)
	s.value = protowire.AppendVarint(s.value, uint64(n))
	for _, x := range v {
		s.value = protowire.AppendVarint(s.value, uint64(x))
	}
}

// contextFeature adds value as an entry of the context's map.
func (s *sequenceExample) contextFeature(key string, kind protowire.Number) {
	s.feature = appendField(s.feature[:0], kind, s.value)
	s.entry = appendField(s.entry[:0], fieldKey, []byte(key))
	s.entry = appendField(s.entry, fieldValue, s.feature)
	s.context = appendField(s.context, fieldFeature, s.entry)
}

// step adds value to the list as the feature of a frame.
func (s *sequenceExample) step(kind protowire.Number) {
	s.feature = appendField(s.feature[:0], kind, s.value)
	s.list = appendField(s.list, fieldFeature, s.feature)
}

// featureList adds the list as an entry of the feature lists' map.
func (s *sequenceExample) featureList(key string) {
	s.entry = appendField(s.entry[:0], fieldKey, []byte(key))
	s.entry = appendField(s.entry, fieldValue, s.list)
	s.lists = appendField(s.lists, fieldFeature, s.entry)
}
