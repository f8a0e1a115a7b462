// Package tfrecord frames records as TensorFlow's files do: exported datasets,
// and the event files that TensorBoard reads.
package tfrecord

import (
	"encoding/binary"
	"hash/crc32"
)

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// MaskedCRC is the checksum of TensorFlow's record format: CRC-32C, rotated and
// moved, so that checksums of data that holds checksums are sound.
func MaskedCRC(b []byte) uint32 {
	c := crc32.Checksum(b, castagnoli)
	return (c>>15 | c<<17) + 0xa282ead8
}

// Append frames data: its length as uint64, the length's checksum, the data,
// the data's checksum, all little-endian.
func Append(dst, data []byte) []byte {
	at := len(dst)
	dst = binary.LittleEndian.AppendUint64(dst, uint64(len(data)))
	dst = binary.LittleEndian.AppendUint32(dst, MaskedCRC(dst[at:]))
	dst = append(dst, data...)
	return binary.LittleEndian.AppendUint32(dst, MaskedCRC(data))
}
