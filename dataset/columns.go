package dataset

import (
	"math"
	"strings"
	"unsafe"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
)

// columns are the columns of one record batch, checked so far that the offsets
// of every list lie within what they point to.
type columns struct {
	rows                  int
	f                     int // width of the features, 0 if not known
	id, speaker, text     *array.String
	sampleRate, numFrames []int32
	numSamples            []int64
	featureEnds           []int32   // in values
	featureUnit           int       // values an offset counts: F (nested) or 1 (flat)
	features              []float32 // dtype float32
	half                  []uint16  // dtype float16
	labels, phones        int16Lists
	partEnds              []int32
	parts                 partArrays
}

type int16Lists struct {
	list *array.List
	ends []int32
	data []int16
}

type partArrays struct {
	utterance, speaker, variant, effects *array.String
	rate, beginFrame, numFrames          []int32
	beginSample, numSamples, gap         []int64
}

// newColumns takes a record batch apart whose schema is that of a shard.
func newColumns(rec arrow.RecordBatch, f int, layout, dtype string) (*columns, error) {
	for i := range int(rec.NumCols()) {
		if i != colLabels && i != colPhones && rec.Column(i).NullN() != 0 {
			return nil, corrupt("column %s has nulls", rec.ColumnName(i))
		}
	}
	c := &columns{rows: int(rec.NumRows()), f: f, featureUnit: 1,
		id: rec.Column(colID).(*array.String), speaker: rec.Column(colSpeaker).(*array.String), text: rec.Column(colText).(*array.String),
		sampleRate: rec.Column(colSampleRate).(*array.Int32).Int32Values(),
		numSamples: rec.Column(colNumSamples).(*array.Int64).Int64Values(),
		numFrames:  rec.Column(colNumFrames).(*array.Int32).Int32Values()}
	features := rec.Column(colFeatures).(*array.List)
	items := features.ListValues()
	if layout == LayoutNested {
		c.featureUnit = f
		frames := items.(*array.FixedSizeList)
		if items = frames.ListValues(); frames.NullN() != 0 || items.Len() != frames.Len()*f {
			return nil, corrupt("%d feature values for %d frames of %d", items.Len(), frames.Len(), f)
		}
	}
	var err error
	if items.NullN() != 0 {
		return nil, corrupt("null feature values")
	}
	if dtype == DTypeFloat16 {
		c.half = halfValues(items.(*array.Float16))
	} else {
		c.features = items.(*array.Float32).Float32Values()
	}
	if c.featureEnds, err = listEnds("features", features, items.Len()/c.featureUnit); err != nil {
		return nil, err
	}
	if c.labels, err = newInt16Lists("labels", rec.Column(colLabels)); err != nil {
		return nil, err
	}
	if c.phones, err = newInt16Lists("phones", rec.Column(colPhones)); err != nil {
		return nil, err
	}
	return c, c.setParts(rec.Column(colParts).(*array.List))
}

func (c *columns) setParts(list *array.List) (err error) {
	s := list.ListValues().(*array.Struct)
	if c.partEnds, err = listEnds("parts", list, s.Len()); err != nil {
		return err
	}
	for i := range s.NumField() {
		if s.NullN() != 0 || s.Field(i).NullN() != 0 || s.Field(i).Len() < s.Len() {
			return corrupt("parts.%s has nulls, or %d values for %d parts", partFields[i].Name, s.Field(i).Len(), s.Len())
		}
	}
	str := func(i int) *array.String { return s.Field(i).(*array.String) }
	i32 := func(i int) []int32 { return s.Field(i).(*array.Int32).Int32Values() }
	i64 := func(i int) []int64 { return s.Field(i).(*array.Int64).Int64Values() }
	c.parts = partArrays{utterance: str(0), speaker: str(1), variant: str(2), rate: i32(3), beginSample: i64(4),
		numSamples: i64(5), gap: i64(6), beginFrame: i32(7), numFrames: i32(8), effects: str(9)}
	return nil
}

func newInt16Lists(name string, col arrow.Array) (int16Lists, error) {
	list := col.(*array.List)
	items := list.ListValues().(*array.Int16)
	if items.NullN() != 0 {
		return int16Lists{}, corrupt("column %s has null values in its lists", name)
	}
	ends, err := listEnds(name, list, items.Len())
	return int16Lists{list: list, ends: ends, data: items.Int16Values()}, err
}

// row is the list of a row, nil if it is null, and empty but not nil if it has
// no elements.
func (l *int16Lists) row(i int) []int16 {
	if l.list.IsNull(i) {
		return nil
	}
	begin, end := l.ends[i], l.ends[i+1]
	if begin == end { // data is nil where no list of the batch has elements
		return []int16{}
	}
	return l.data[begin:end:end]
}

// listEnds returns the offsets of a list column, one more than there are rows,
// that never fall and stay within n elements.
func listEnds(name string, list *array.List, n int) ([]int32, error) {
	if list.Len() == 0 {
		return []int32{0}, nil
	}
	ends := list.Offsets()
	if len(ends) < list.Len()+1 {
		return nil, corrupt("column %s has %d offsets for %d rows", name, len(ends), list.Len())
	}
	ends = ends[:list.Len()+1]
	last := int32(0)
	for i, e := range ends {
		if e < last || int(e) > n {
			return nil, corrupt("column %s: offset %d at row %d, want %d to %d", name, e, i, last, n)
		}
		last = e
	}
	return ends, nil
}

// width is the width of the features as the first row has it.
func (c *columns) width() (int, error) {
	t, have := int(c.numFrames[0]), int(c.featureEnds[1])*c.featureUnit
	if t < 1 || have%t != 0 || have/t < 1 || have/t > maxWidth {
		return 0, corrupt("row 0: %d frames with %d feature values", t, have)
	}
	return have / t, nil
}

// meta is what can be known of a row without touching its features. Strings
// are copied, so that they live longer than the file's bytes.
func (c *columns) meta(i int, names map[string]string) (Meta, error) {
	t := c.numFrames[i]
	have := int64(c.featureEnds[i+1]-c.featureEnds[i]) * int64(c.featureUnit)
	if t < 1 || have != int64(t)*int64(c.f) {
		return Meta{}, corrupt("num_frames %d with %d feature values of width %d", t, have, c.f)
	}
	begin, end := c.partEnds[i], c.partEnds[i+1]
	if begin == end {
		return Meta{}, corrupt("no parts, want at least one")
	}
	id, speaker, variant := c.id.Value(i), c.speaker.Value(i), c.parts.variant.Value(int(begin))
	if id == "" {
		return Meta{}, corrupt("empty id")
	}
	for _, v := range []struct{ name, s string }{{"id", id}, {"speaker", speaker}, {"variant", variant}} {
		if err := checkUTF8(v.name, v.s); err != nil {
			return Meta{}, err
		}
	}
	return Meta{ID: strings.Clone(id), Speaker: intern(names, speaker), NumFrames: t,
		Parts: int(end - begin), Variant: intern(names, variant)}, nil
}

// intern returns the one copy of s that names holds.
func intern(names map[string]string, s string) string {
	if v, ok := names[s]; ok {
		return v
	}
	s = strings.Clone(s)
	names[s] = s
	return s
}

// halfValues is the memory of an array of half precision.
func halfValues(a *array.Float16) []uint16 {
	values := a.Values()
	return unsafe.Slice((*uint16)(unsafe.Pointer(unsafe.SliceData(values))), len(values))
}

// matrix is the values [begin, end) of the features.
func (c *columns) matrix(begin, end int64) []float32 {
	if c.half != nil {
		return widen(make([]float32, 0, end-begin), c.half[begin:end])
	}
	return c.features[begin:end:end]
}

// example is row i. Its slices alias the batch, but for features of half
// precision; its strings do not.
func (c *columns) example(i int, m *Meta) (*Example, error) {
	begin, end := int64(c.featureEnds[i])*int64(c.featureUnit), int64(c.featureEnds[i+1])*int64(c.featureUnit)
	if end > math.MaxInt {
		return nil, corrupt("%d feature values", end)
	}
	ex := &Example{ID: m.ID, Speaker: m.Speaker, Text: strings.Clone(c.text.Value(i)),
		SampleRate: c.sampleRate[i], NumSamples: c.numSamples[i], NumFrames: m.NumFrames,
		Features: c.matrix(begin, end), Labels: c.labels.row(i), Phones: c.phones.row(i)}
	p := &c.parts
	ex.Parts = make([]Part, 0, m.Parts)
	for k := int(c.partEnds[i]); k < int(c.partEnds[i+1]); k++ {
		ex.Parts = append(ex.Parts, Part{Utterance: strings.Clone(p.utterance.Value(k)), Speaker: strings.Clone(p.speaker.Value(k)),
			Variant: strings.Clone(p.variant.Value(k)), Rate: p.rate[k], BeginSample: p.beginSample[k], NumSamples: p.numSamples[k],
			GapBefore: p.gap[k], BeginFrame: p.beginFrame[k], NumFrames: p.numFrames[k], Effects: strings.Clone(p.effects.Value(k))})
	}
	return ex, nil
}
