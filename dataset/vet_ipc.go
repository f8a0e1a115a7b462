package dataset

import (
	"encoding/binary"
	"errors"
	"fmt"

	flatbuffers "github.com/google/flatbuffers/go"
)

// Arrow's reader allocates what the vectors in a file's flatbuffers claim to
// hold, and running out of memory is the one failure that cannot be recovered
// from. vetIPC therefore walks the footer and the head of every record batch
// first and compares each claim with the bytes that are there. It knows the few
// types that a shard is made of and refuses all others.

// Positions of fields in Arrow's flatbuffer tables (format/File.fbs, Schema.fbs
// and Message.fbs of the Arrow project), as vtable offsets: 4 + 2*field.
const (
	footerSchema       = 6
	footerDictionaries = 8
	footerBatches      = 10
	footerMetadata     = 12
	schemaFields       = 6
	schemaMetadata     = 8
	fieldTypeType      = 8
	fieldDictionary    = 12
	fieldChildren      = 14
	fieldMetadata      = 16
	messageHeaderType  = 6
	messageHeader      = 8
	messageMetadata    = 12
	batchNodes         = 6
	batchBuffers       = 8
	batchCompression   = 10

	headerRecordBatch = 3

	blockSize  = 24 // struct Block{offset int64; metaDataLength int32; bodyLength int64}
	nodeSize   = 16 // struct FieldNode{length, null_count int64}
	bufferSize = 16 // struct Buffer{offset, length int64}
)

// arrowBuffers is how many buffers of a record batch hold a field of a type,
// without its children, by the values of the flatbuffer union Type that a shard
// uses: validity and, as need be, offsets and data (Arrow's columnar format).
var arrowBuffers = map[byte]int{
	2:  2, // Int
	3:  2, // FloatingPoint
	5:  3, // Utf8
	12: 2, // List
	13: 1, // Struct
	16: 1, // FixedSizeList
}

const (
	arrowMagic = "ARROW1"
	maxFields  = 64 // of a schema, with nested ones; a shard has 30
	maxPairs   = 64 // of metadata
	maxDepth   = 6
	// maxInflated bounds what the compressed buffers of a record batch may
	// claim to become.
	maxInflated = 2 << 30
	// maxRatio is how much more than its bytes a compressed buffer can hold: of
	// Zstandard, a block of 4 bytes stands for at most 128 KiB (RFC 8878, 3.1.1.2).
	maxRatio = 128 << 10 / 4
)

// vetted is what vetIPC learns on its way.
type vetted struct {
	batches    int
	compressed bool
}

// demand is how many field nodes and buffers the schema asks of every record
// batch. Arrow's reader looks them up without asking how many there are.
type demand struct{ nodes, buffers int }

// vetIPC checks the structure of an Arrow IPC file. It may panic on offsets
// that point outside of data: call it under guard.
func vetIPC(data []byte) (vetted, error) {
	const tail = 4 + len(arrowMagic)
	if len(data) < 8+tail || string(data[:len(arrowMagic)]) != arrowMagic || string(data[len(data)-len(arrowMagic):]) != arrowMagic {
		return vetted{}, corrupt("%d bytes without the marks of an Arrow file at both ends", len(data))
	}
	size := int(binary.LittleEndian.Uint32(data[len(data)-tail:]))
	if size < 8 || size > len(data)-8-tail {
		return vetted{}, corrupt("a footer of %d bytes in a file of %d", size, len(data))
	}
	footer := data[len(data)-tail-size : len(data)-tail]
	root := rootTable(footer)
	if n, err := vectorLen(root, footerDictionaries, blockSize); err != nil || n > 0 {
		return vetted{}, corrupt("%d dictionaries, want none", n)
	}
	if _, err := boundedLen(root, footerMetadata, maxPairs); err != nil {
		return vetted{}, err
	}
	want, err := vetSchema(root)
	if err != nil {
		return vetted{}, err
	}
	n, err := vectorLen(root, footerBatches, blockSize)
	if err != nil {
		return vetted{}, err
	}
	v := vetted{batches: n}
	for i := range n {
		pos := root.Vector(flatbuffers.UOffsetT(root.Offset(footerBatches))) + flatbuffers.UOffsetT(i*blockSize)
		compressed, err := vetBatch(data, root.GetInt64(pos), int64(root.GetInt32(pos+8)), root.GetInt64(pos+16), want)
		if err != nil {
			return vetted{}, fmt.Errorf("record batch %d: %w", i, err)
		}
		v.compressed = v.compressed || compressed
	}
	return v, nil
}

func rootTable(b []byte) *flatbuffers.Table {
	return &flatbuffers.Table{Bytes: b, Pos: flatbuffers.GetUOffsetT(b)}
}

// child is the table that a field points to, or nil.
func child(t *flatbuffers.Table, field flatbuffers.VOffsetT) *flatbuffers.Table {
	o := t.Offset(field)
	if o == 0 {
		return nil
	}
	return &flatbuffers.Table{Bytes: t.Bytes, Pos: t.Indirect(flatbuffers.UOffsetT(o) + t.Pos)}
}

// vectorLen is the length of a vector field, 0 if there is none, of which all
// elements lie in the buffer.
func vectorLen(t *flatbuffers.Table, field flatbuffers.VOffsetT, elem int) (int, error) {
	o := flatbuffers.UOffsetT(t.Offset(field))
	if o == 0 {
		return 0, nil
	}
	n, begin := t.VectorLen(o), int(t.Vector(o))
	if n < 0 || begin > len(t.Bytes) || n > (len(t.Bytes)-begin)/elem {
		return n, corrupt("a vector of %d elements of %d bytes at byte %d of %d", n, elem, begin, len(t.Bytes))
	}
	return n, nil
}

// boundedLen is vectorLen for a vector of tables that holds few of them.
func boundedLen(t *flatbuffers.Table, field flatbuffers.VOffsetT, most int) (int, error) {
	n, err := vectorLen(t, field, flatbuffers.SizeUOffsetT)
	if err == nil && n > most {
		err = corrupt("a vector of %d tables, want at most %d", n, most)
	}
	return n, err
}

func vetSchema(footer *flatbuffers.Table) (want demand, err error) {
	schema := child(footer, footerSchema)
	if schema == nil {
		return demand{}, corrupt("no schema")
	}
	if _, err := boundedLen(schema, schemaMetadata, maxPairs); err != nil {
		return demand{}, err
	}
	err = vetFields(schema, schemaFields, &want, maxDepth)
	return want, err
}

// vetFields checks the fields that a vector of a table holds, and theirs, and
// adds up what they demand.
func vetFields(t *flatbuffers.Table, vector flatbuffers.VOffsetT, want *demand, depth int) error {
	n, err := boundedLen(t, vector, maxFields-want.nodes)
	if err != nil || n == 0 {
		return err
	}
	if depth == 0 {
		return corrupt("fields nested deeper than %d", maxDepth)
	}
	want.nodes += n
	begin := t.Vector(flatbuffers.UOffsetT(t.Offset(vector)))
	for i := range n {
		f := &flatbuffers.Table{Bytes: t.Bytes, Pos: t.Indirect(begin + flatbuffers.UOffsetT(i*flatbuffers.SizeUOffsetT))}
		typ := f.GetByteSlot(fieldTypeType, 0)
		if arrowBuffers[typ] == 0 {
			return corrupt("a field of Arrow type %d, which no shard has", typ)
		}
		want.buffers += arrowBuffers[typ]
		if f.Offset(fieldDictionary) != 0 {
			return corrupt("a dictionary-encoded field, which no shard has")
		}
		if _, err := boundedLen(f, fieldMetadata, maxPairs); err != nil {
			return err
		}
		if err := vetFields(f, fieldChildren, want, depth-1); err != nil {
			return err
		}
	}
	return nil
}

// vetBatch checks the message of a record batch, whose metadata lie in meta
// bytes from offset on and are followed by body bytes.
func vetBatch(data []byte, offset, meta, body int64, want demand) (compressed bool, err error) {
	size := int64(len(data))
	if offset < 8 || meta < 16 || body < 0 || offset > size || meta > size-offset || body > size-offset-meta {
		return false, corrupt("%d+%d bytes at byte %d of %d", meta, body, offset, size)
	}
	head := data[offset : offset+meta]
	if binary.LittleEndian.Uint32(head) != 0xffffffff || int64(binary.LittleEndian.Uint32(head[4:])) > meta-8 {
		return false, corrupt("no message at byte %d", offset)
	}
	msg := rootTable(head[8:])
	if _, err := boundedLen(msg, messageMetadata, maxPairs); err != nil {
		return false, err
	}
	batch := child(msg, messageHeader)
	if msg.GetByteSlot(messageHeaderType, 0) != headerRecordBatch || batch == nil {
		return false, corrupt("the message at byte %d is no record batch", offset)
	}
	if n, err := vectorLen(batch, batchNodes, nodeSize); err != nil || n != want.nodes {
		return false, errors.Join(corrupt("%d field nodes, want %d", n, want.nodes), err)
	}
	compressed = batch.Offset(batchCompression) != 0
	return compressed, vetBuffers(batch, data[offset+meta:offset+meta+body], compressed, want.buffers)
}

// vetBuffers checks that the buffers of a record batch lie in its body, and
// that compressed ones claim a size that can be.
func vetBuffers(batch *flatbuffers.Table, body []byte, compressed bool, want int) error {
	n, err := vectorLen(batch, batchBuffers, bufferSize)
	if err != nil || n != want {
		return errors.Join(corrupt("%d buffers, want %d", n, want), err)
	}
	begin := batch.Vector(flatbuffers.UOffsetT(batch.Offset(batchBuffers)))
	inflated := int64(0)
	for i := range n {
		pos := begin + flatbuffers.UOffsetT(i*bufferSize)
		off, length := batch.GetInt64(pos), batch.GetInt64(pos+8)
		if off < 0 || off%8 != 0 || length < 0 || off > int64(len(body)) || length > int64(len(body))-off {
			return corrupt("buffer %d: %d bytes at byte %d of a body of %d", i, length, off, len(body))
		}
		if !compressed || length == 0 {
			continue
		}
		if length < 8 {
			return corrupt("buffer %d: %d bytes, want at least the 8 of its size", i, length)
		}
		claim := int64(binary.LittleEndian.Uint64(body[off:]))
		if claim < -1 || claim > maxInflated-inflated || claim > maxRatio*length {
			return corrupt("buffer %d: claims to hold %d bytes", i, claim)
		}
		inflated += max(claim, 0)
	}
	return nil
}
