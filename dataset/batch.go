package dataset

import (
	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"
)

// batch collects the rows of a record batch in the shape in which they are
// written. Its slices are used again for the next batch, and become Arrow
// arrays without a copy: a feature matrix is copied once, from the example
// into features. Arrow's builders would copy the same data and grow anew for
// every batch.
type batch struct {
	layout, dtype         string
	f                     int
	rows                  int
	id, speaker, text     stringColumn
	sampleRate, numFrames []int32
	numSamples            []int64
	featureEnds           []int32   // list offsets: frames (nested) or values (flat)
	features              []float32 // dtype float32
	half                  []uint16  // dtype float16
	labels, phones        int16ListColumn
	partEnds              []int32
	parts                 partColumns
}

// partColumns are the fields of the parts of all rows, in the order of
// partFields.
type partColumns struct {
	n                            int
	utterance, speaker, variant  stringColumn
	rate, beginFrame, numFrames  []int32
	beginSample, numSamples, gap []int64
	effects                      stringColumn
}

// stringColumn is a utf8 column.
type stringColumn struct {
	ends []int32 // one more than there are strings; the first is 0
	data []byte
}

func (s *stringColumn) add(v string) {
	s.data = append(s.data, v...)
	s.ends = append(s.ends, int32(len(s.data)))
}

func (s *stringColumn) reset() { s.ends, s.data = append(s.ends[:0], 0), s.data[:0] }

func (s *stringColumn) array() arrow.ArrayData {
	return newData(arrow.BinaryTypes.String, len(s.ends)-1, nil,
		memory.NewBufferBytes(arrow.Int32Traits.CastToBytes(s.ends)), memory.NewBufferBytes(s.data))
}

// int16ListColumn is a list<int16> column whose rows may be null.
type int16ListColumn struct {
	ends  []int32
	data  []int16
	valid []byte // one bit a row, the lowest first
	nulls int
}

func (l *int16ListColumn) add(v []int16) {
	i := len(l.ends) - 1
	if i%8 == 0 {
		l.valid = append(l.valid, 0)
	}
	if v == nil {
		l.nulls++
	} else {
		l.valid[i/8] |= 1 << (i % 8)
	}
	l.data = append(l.data, v...)
	l.ends = append(l.ends, int32(len(l.data)))
}

func (l *int16ListColumn) reset() {
	l.ends, l.data, l.valid, l.nulls = append(l.ends[:0], 0), l.data[:0], l.valid[:0], 0
}

func (l *int16ListColumn) array() arrow.ArrayData {
	items := newData(arrow.PrimitiveTypes.Int16, len(l.data), nil, memory.NewBufferBytes(arrow.Int16Traits.CastToBytes(l.data)))
	var valid *memory.Buffer
	if l.nulls > 0 {
		valid = memory.NewBufferBytes(l.valid)
	}
	return array.NewData(arrow.ListOf(arrow.PrimitiveTypes.Int16), len(l.ends)-1,
		[]*memory.Buffer{valid, memory.NewBufferBytes(arrow.Int32Traits.CastToBytes(l.ends))}, []arrow.ArrayData{items}, l.nulls, 0)
}

// newData is an array without nulls.
func newData(t arrow.DataType, n int, children []arrow.ArrayData, buffers ...*memory.Buffer) arrow.ArrayData {
	return array.NewData(t, n, append([]*memory.Buffer{nil}, buffers...), children, 0, 0)
}

func int32Data(v []int32) arrow.ArrayData {
	return newData(arrow.PrimitiveTypes.Int32, len(v), nil, memory.NewBufferBytes(arrow.Int32Traits.CastToBytes(v)))
}

func int64Data(v []int64) arrow.ArrayData {
	return newData(arrow.PrimitiveTypes.Int64, len(v), nil, memory.NewBufferBytes(arrow.Int64Traits.CastToBytes(v)))
}

func newBatch(layout, dtype string, f int) *batch {
	b := &batch{layout: layout, dtype: dtype, f: f}
	b.reset()
	return b
}

func (b *batch) reset() {
	b.rows = 0
	for _, s := range []*stringColumn{&b.id, &b.speaker, &b.text, &b.parts.utterance, &b.parts.speaker, &b.parts.variant, &b.parts.effects} {
		s.reset()
	}
	b.sampleRate, b.numFrames, b.numSamples = b.sampleRate[:0], b.numFrames[:0], b.numSamples[:0]
	b.featureEnds, b.features, b.half = append(b.featureEnds[:0], 0), b.features[:0], b.half[:0]
	b.labels.reset()
	b.phones.reset()
	b.partEnds = append(b.partEnds[:0], 0)
	p := &b.parts
	p.n = 0
	p.rate, p.beginFrame, p.numFrames = p.rate[:0], p.beginFrame[:0], p.numFrames[:0]
	p.beginSample, p.numSamples, p.gap = p.beginSample[:0], p.numSamples[:0], p.gap[:0]
}

// add appends a row. The example can be changed afterwards.
func (b *batch) add(ex *Example) {
	b.rows++
	b.id.add(ex.ID)
	b.speaker.add(ex.Speaker)
	b.text.add(ex.Text)
	b.sampleRate = append(b.sampleRate, ex.SampleRate)
	b.numSamples = append(b.numSamples, ex.NumSamples)
	b.numFrames = append(b.numFrames, ex.NumFrames)
	if b.dtype == DTypeFloat16 {
		for _, v := range ex.Features {
			b.half = append(b.half, toHalf(v))
		}
	} else {
		b.features = append(b.features, ex.Features...)
	}
	end := b.values()
	if b.layout == LayoutNested {
		end /= b.f
	}
	b.featureEnds = append(b.featureEnds, int32(end))
	b.labels.add(ex.Labels)
	b.phones.add(ex.Phones)
	for i := range ex.Parts {
		b.parts.add(&ex.Parts[i])
	}
	b.partEnds = append(b.partEnds, int32(b.parts.n))
}

// values is the number of features.
func (b *batch) values() int { return len(b.features) + len(b.half) }

func (c *partColumns) add(p *Part) {
	c.n++
	c.utterance.add(p.Utterance)
	c.speaker.add(p.Speaker)
	c.variant.add(p.Variant)
	c.rate = append(c.rate, p.Rate)
	c.beginSample = append(c.beginSample, p.BeginSample)
	c.numSamples = append(c.numSamples, p.NumSamples)
	c.gap = append(c.gap, p.GapBefore)
	c.beginFrame = append(c.beginFrame, p.BeginFrame)
	c.numFrames = append(c.numFrames, p.NumFrames)
	c.effects.add(p.Effects)
}

func (c *partColumns) array() arrow.ArrayData {
	return newData(arrow.StructOf(partFields...), c.n, []arrow.ArrayData{
		c.utterance.array(), c.speaker.array(), c.variant.array(), int32Data(c.rate), int64Data(c.beginSample),
		int64Data(c.numSamples), int64Data(c.gap), int32Data(c.beginFrame), int32Data(c.numFrames), c.effects.array()})
}

// record is the batch as an Arrow record that aliases it.
func (b *batch) record(schema *arrow.Schema) arrow.RecordBatch {
	raw := arrow.Float32Traits.CastToBytes(b.features)
	if b.dtype == DTypeFloat16 {
		raw = arrow.Uint16Traits.CastToBytes(b.half)
	}
	items := newData(valueType(b.dtype), b.values(), nil, memory.NewBufferBytes(raw))
	if b.layout == LayoutNested {
		items = newData(arrow.FixedSizeListOf(int32(b.f), valueType(b.dtype)), b.values()/b.f, []arrow.ArrayData{items})
	}
	cols := []arrow.ArrayData{
		colID: b.id.array(), colSpeaker: b.speaker.array(), colText: b.text.array(),
		colSampleRate: int32Data(b.sampleRate), colNumSamples: int64Data(b.numSamples), colNumFrames: int32Data(b.numFrames),
		colFeatures: newData(featuresType(b.layout, b.dtype, b.f), b.rows, []arrow.ArrayData{items},
			memory.NewBufferBytes(arrow.Int32Traits.CastToBytes(b.featureEnds))),
		colLabels: b.labels.array(), colPhones: b.phones.array(),
		colParts: newData(arrow.ListOf(arrow.StructOf(partFields...)), b.rows, []arrow.ArrayData{b.parts.array()},
			memory.NewBufferBytes(arrow.Int32Traits.CastToBytes(b.partEnds))),
	}
	arrays := make([]arrow.Array, len(cols))
	for i, c := range cols {
		arrays[i] = array.MakeFromData(c)
	}
	return array.NewRecordBatch(schema, arrays, int64(b.rows))
}
