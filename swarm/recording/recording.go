// Package recording keeps snapshots in a file and plays them again.
//
// A recording begins with a line that names it and its version. Behind it stand
// segments, one for each snapshot: a head of 20 bytes and a payload. Segments
// form blocks, each a Zstandard frame (RFC 8878) of its own that is flushed
// after every segment, so that a file that ends anywhere plays to its last whole
// segment, and a block can be read without those before it. A block's first
// segment begins with the [shape] of what follows: fields are found by name, so
// that a recording of an older or newer program can be played as far as both
// know a field.
//
// The head, in little-endian order: what is kept of the payload (4 bytes, the
// highest bit set where a block begins), what it is unpacked (4), the snapshot's
// time in nanoseconds since 1970 (8), and the CRC-32C of head and payload (4).
//
// A recording may come from a stranger. Reading one takes bounded memory, every
// text in it goes through [swarm.Clean], and figures that contradict each other
// make the snapshot that holds them unreadable.
package recording

import (
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"strings"
	"time"
)

// Version is that of the format. Fields that come to snapshots or go do not change it.
const Version = 1

const (
	mark   = "swarmtop recording "
	header = mark + "1\n"
)

// Bounds of what is written, and of what is read.
const (
	blockSnapshots = 60       // in a block
	blockBytes     = 16 << 20 // unpacked, after which a writer begins another block
	maxSnapshot    = 32 << 20 // unpacked
	maxBlock       = blockBytes + maxSnapshot
	maxBlocks      = 1 << 20
	maxShape       = 64 << 10
	maxMemory      = 256 << 20 // that a snapshot may take when it is decoded
	window         = 4 << 20   // in which repetitions are found
)

// Errors of opening a recording.
var (
	ErrForeign = errors.New("not a recording of swarmtop")
	ErrVersion = errors.New("a recording of another version")
	ErrDamaged = errors.New("the recording is damaged")
	ErrEmpty   = errors.New("the recording holds no whole snapshot")
)

// checkHeader tells whether a file with this beginning is a recording of this version.
func checkHeader(begin string) error {
	rest, ok := strings.CutPrefix(begin, mark)
	if !ok {
		return ErrForeign
	}
	if version, _, _ := strings.Cut(rest, "\n"); begin != header {
		return fmt.Errorf("%w: it has %.8q, this program reads %d", ErrVersion, version, Version)
	}
	return nil
}

// head stands before each segment.
type head struct {
	begins   bool // a block
	size     int  // of the payload
	unpacked int
	at       time.Time
	sum      uint32
}

const (
	headSize   = 20
	beginsFlag = 1 << 31
)

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// bytes writes a head and its check sum over both.
func (h head) bytes(payload []byte) []byte {
	size := uint32(h.size)
	if h.begins {
		size |= beginsFlag
	}
	b := binary.LittleEndian.AppendUint32(nil, size)
	b = binary.LittleEndian.AppendUint32(b, uint32(h.unpacked))
	b = binary.LittleEndian.AppendUint64(b, uint64(h.at.UnixNano()))
	return binary.LittleEndian.AppendUint32(b, crc32.Update(crc32.Checksum(b, castagnoli), castagnoli, payload))
}

func readHead(b []byte) head {
	size := binary.LittleEndian.Uint32(b)
	return head{
		begins:   size&beginsFlag != 0,
		size:     int(size &^ beginsFlag),
		unpacked: int(binary.LittleEndian.Uint32(b[4:])),
		at:       time.Unix(0, int64(binary.LittleEndian.Uint64(b[8:]))),
		sum:      binary.LittleEndian.Uint32(b[16:]),
	}
}
