package pipelines

import (
	"encoding/binary"
	"errors"
	"reflect"
	"strings"

	"github.com/apache/beam/sdks/v2/go/pkg/beam"

	"framewise/augment"
)

// Members and recipes pass through shuffles by the million, so they have
// coders of their own: varints, strings with their lengths, of the ids what is
// not as in the one before, and of the strings that come again and again in a
// batch (splits, speakers, variants) the number.
func init() {
	beam.RegisterCoder(reflect.TypeFor[ManifestRange](), encodeRange, decodeRange)
	beam.RegisterCoder(reflect.TypeFor[MemberBatch](), encodeMembers, decodeMembers)
	beam.RegisterCoder(reflect.TypeFor[RecipeBatch](), encodeRecipes, decodeRecipes)
}

var errShort = errors.New("element ends too early")

func encodeRange(r ManifestRange) []byte {
	e := encoder{}
	e.int(r.Offset)
	e.int(r.Length)
	e.int(int64(r.Line))
	return e.b
}

func decodeRange(b []byte) (ManifestRange, error) {
	d := decoder{b: b}
	return ManifestRange{Offset: d.int(), Length: d.int(), Line: int(d.int())}, d.err
}

func encodeMembers(batch MemberBatch) []byte {
	e := encoder{b: make([]byte, 0, 64*len(batch.Members))}
	e.int(int64(len(batch.Members)))
	for _, m := range batch.Members {
		e.id(m.ID)
		e.ref(m.Ref)
		e.word(m.Split)
		e.word(m.Speaker)
		e.int(int64(m.Rate))
		e.int(m.Samples)
	}
	return e.b
}

func decodeMembers(b []byte) (MemberBatch, error) {
	d := decoder{b: b}
	batch := MemberBatch{make([]augment.Member, 0, d.length(8))}
	for range cap(batch.Members) {
		batch.Members = append(batch.Members, augment.Member{ID: d.id(), Ref: d.ref(), Split: d.word(), Speaker: d.word(),
			Rate: int(d.int()), Samples: d.int()})
	}
	return batch, d.err
}

func encodeRecipes(batch RecipeBatch) []byte {
	e := encoder{b: make([]byte, 0, 96*len(batch.Recipes))}
	e.int(int64(len(batch.Recipes)))
	for _, r := range batch.Recipes {
		e.word(r.Split)
		e.word(string(r.Variant))
		e.int(int64(len(r.Parts)))
		for _, p := range r.Parts {
			e.id(p.Utterance)
			e.ref(p.Ref)
			e.int(p.Gap)
		}
		// The id of a plain example begins with its utterance's.
		rest, own := r.ID, int64(0)
		if len(r.Parts) > 0 && r.Parts[0].Utterance != "" {
			if tail, ok := strings.CutPrefix(r.ID, r.Parts[0].Utterance); ok {
				rest, own = tail, 1
			}
		}
		e.int(own)
		e.string(rest)
	}
	return e.b
}

func decodeRecipes(b []byte) (RecipeBatch, error) {
	d := decoder{b: b}
	batch := RecipeBatch{make([]augment.Recipe, 0, d.length(4))}
	for range cap(batch.Recipes) {
		r := augment.Recipe{Split: d.word(), Variant: augment.Variant(d.word())}
		r.Parts = make([]augment.Part, d.length(5))
		for i := range r.Parts {
			r.Parts[i] = augment.Part{Utterance: d.id(), Ref: d.ref(), Gap: d.int()}
		}
		own := d.int() != 0
		r.ID = d.string()
		if own && len(r.Parts) > 0 {
			r.ID = r.Parts[0].Utterance + r.ID
		}
		batch.Recipes = append(batch.Recipes, r)
	}
	return batch, d.err
}

// encoder appends values to b.
type encoder struct {
	b     []byte
	words map[string]uint64 // those of word, in the order in which they came
	last  string            // the last id
}

func (e *encoder) int(v int64) { e.b = binary.AppendVarint(e.b, v) }

func (e *encoder) string(s string) {
	e.b = append(binary.AppendUvarint(e.b, uint64(len(s))), s...)
}

func (e *encoder) ref(r augment.Ref) {
	e.int(r.Offset)
	e.int(int64(r.Length))
}

// word appends the number of a string among those that came before or, with
// the next number, a new string.
func (e *encoder) word(s string) {
	n, known := e.words[s]
	if known {
		e.b = binary.AppendUvarint(e.b, n)
		return
	}
	if e.words == nil {
		e.words = map[string]uint64{}
	}
	n = uint64(len(e.words))
	e.words[s] = n
	e.b = binary.AppendUvarint(e.b, n)
	e.string(s)
}

// id appends an id: how much of it is as in the last one, and the rest.
func (e *encoder) id(s string) {
	n := 0
	for n < len(s) && n < len(e.last) && s[n] == e.last[n] {
		n++
	}
	e.int(int64(n))
	e.string(s[n:])
	e.last = s
}

// decoder takes values off the front of b.
type decoder struct {
	b     []byte
	words []string
	last  string
	err   error
}

func (d *decoder) int() int64 {
	v, n := binary.Varint(d.b)
	d.skip(n)
	return v
}

func (d *decoder) uint() uint64 {
	v, n := binary.Uvarint(d.b)
	d.skip(n)
	return v
}

// length is the length of a list whose elements have so many bytes at least.
func (d *decoder) length(size int) int {
	n := d.int()
	if n < 0 || n > int64(len(d.b)/size) {
		d.fail()
		return 0
	}
	return int(n)
}

func (d *decoder) string() string { return string(d.bytes()) }

func (d *decoder) bytes() []byte {
	n := d.uint()
	if n > uint64(len(d.b)) {
		d.fail()
		return nil
	}
	s := d.b[:n]
	d.b = d.b[n:]
	return s
}

func (d *decoder) id() string {
	n := d.int()
	if n < 0 || n > int64(len(d.last)) {
		d.fail()
		return ""
	}
	d.last = d.last[:n] + string(d.bytes())
	return d.last
}

func (d *decoder) word() string {
	n := d.uint()
	switch {
	case n < uint64(len(d.words)):
		return d.words[n]
	case n > uint64(len(d.words)):
		d.fail()
		return ""
	}
	s := d.string()
	d.words = append(d.words, s)
	return s
}

func (d *decoder) ref() augment.Ref { return augment.Ref{Offset: d.int(), Length: int32(d.int())} }

func (d *decoder) fail() { d.b, d.err = nil, errShort }

func (d *decoder) skip(n int) {
	if n <= 0 {
		d.fail()
		return
	}
	d.b = d.b[n:]
}
