package pipelines

import (
	"encoding/binary"
	"errors"
	"reflect"

	"github.com/apache/beam/sdks/v2/go/pkg/beam"

	"framewise/augment"
)

// Members and recipes pass through shuffles by the million, so they have
// coders of their own: varints and strings with their lengths. Beam's row coder
// takes twice the time.
func init() {
	beam.RegisterCoder(reflect.TypeFor[augment.Member](), encodeMember, decodeMember)
	beam.RegisterCoder(reflect.TypeFor[augment.Recipe](), encodeRecipe, decodeRecipe)
}

var errShort = errors.New("element ends too early")

func encodeMember(m augment.Member) []byte {
	b := make([]byte, 0, 32+len(m.ID)+len(m.Split)+len(m.Speaker))
	b = appendString(b, m.ID)
	b = appendRef(b, m.Ref)
	b = appendString(b, m.Split)
	b = appendString(b, m.Speaker)
	b = binary.AppendVarint(b, int64(m.Rate))
	return binary.AppendVarint(b, m.Samples)
}

func decodeMember(b []byte) (augment.Member, error) {
	d := decoder{b: b}
	m := augment.Member{ID: d.string(), Ref: d.ref(), Split: d.string(), Speaker: d.string(), Rate: int(d.int()), Samples: d.int()}
	return m, d.err
}

func encodeRecipe(r augment.Recipe) []byte {
	b := make([]byte, 0, 64*(1+len(r.Parts)))
	b = appendString(b, r.ID)
	b = appendString(b, r.Split)
	b = appendString(b, string(r.Variant))
	b = binary.AppendVarint(b, int64(len(r.Parts)))
	for _, p := range r.Parts {
		b = appendString(b, p.Utterance)
		b = appendRef(b, p.Ref)
		b = binary.AppendVarint(b, p.Gap)
	}
	return b
}

func decodeRecipe(b []byte) (augment.Recipe, error) {
	d := decoder{b: b}
	r := augment.Recipe{ID: d.string(), Split: d.string(), Variant: augment.Variant(d.string())}
	n := d.int()
	if n < 0 || n > int64(len(b)) {
		return r, errShort
	}
	r.Parts = make([]augment.Part, n)
	for i := range r.Parts {
		r.Parts[i] = augment.Part{Utterance: d.string(), Ref: d.ref(), Gap: d.int()}
	}
	return r, d.err
}

func appendString(b []byte, s string) []byte {
	return append(binary.AppendUvarint(b, uint64(len(s))), s...)
}

func appendRef(b []byte, r augment.Ref) []byte {
	return binary.AppendVarint(binary.AppendVarint(b, r.Offset), int64(r.Length))
}

// decoder takes values off the front of b.
type decoder struct {
	b   []byte
	err error
}

func (d *decoder) int() int64 {
	v, n := binary.Varint(d.b)
	d.skip(n)
	return v
}

func (d *decoder) string() string {
	v, n := binary.Uvarint(d.b)
	d.skip(n)
	if v > uint64(len(d.b)) {
		d.b, d.err = nil, errShort
		return ""
	}
	s := string(d.b[:v])
	d.b = d.b[v:]
	return s
}

func (d *decoder) ref() augment.Ref { return augment.Ref{Offset: d.int(), Length: int32(d.int())} }

func (d *decoder) skip(n int) {
	if n <= 0 {
		d.b, d.err = nil, errShort
		return
	}
	d.b = d.b[n:]
}
