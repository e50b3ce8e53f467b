package journal

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"hash/crc32"
	"io"
	"slices"

	"github.com/google/renameio/v2"

	"swarmtop/swarm"
)

// An entry is a head and a value. The head is the mark, the info hash, the length of the
// value in four bytes, the highest first, and the CRC-32C of all this. Of the entries
// under a hash the last counts; one of the length gone has no value and says that there
// is none.
const (
	mark     = "\nsw\x01"
	hashAt   = len(mark)
	lengthAt = hashAt + len(swarm.InfoHash{})
	sumAt    = lengthAt + 4
	headSize = sumAt + 4

	gone = -1

	// Most is the length in bytes of the largest value.
	Most = 1 << 26
)

func sum(head []byte) uint32 { return crc32.Checksum(head, crc32.MakeTable(crc32.Castagnoli)) }

func head(h swarm.InfoHash, length int64) []byte {
	b := append([]byte(mark), h[:]...)
	b = binary.BigEndian.AppendUint32(b, uint32(int32(length)))
	return binary.BigEndian.AppendUint32(b, sum(b))
}

// parse reads the head that b begins with, if it does.
func parse(b []byte) (h swarm.InfoHash, length int64, ok bool) {
	if len(b) < headSize || string(b[:hashAt]) != mark || binary.BigEndian.Uint32(b[sumAt:]) != sum(b[:sumAt]) {
		return h, 0, false
	}
	length = int64(int32(binary.BigEndian.Uint32(b[lengthAt:])))
	return swarm.InfoHash(b[hashAt:]), length, gone <= length && length <= Most
}

// read finds the entries of the file, and tells whether something is there that does not
// count.
func (j *Journal) read() (dead bool, err error) {
	st, err := j.file.Stat()
	if err != nil {
		return false, err
	}
	r := bufio.NewReaderSize(j.file, 256<<10)
	for j.end < st.Size() {
		b, err := r.Peek(headSize)
		if err != nil && err != io.EOF {
			return false, err
		}
		h, length, ok := parse(b)
		size := int64(headSize) + max(length, 0)
		if !ok || j.end+size > st.Size() { // damaged or cut off: on to where the next may begin
			size = int64(1 + max(0, bytes.IndexByte(b[min(1, len(b)):], mark[0])))
			dead = true
		} else {
			_, before := j.at[h]
			dead = dead || before || length == gone
			j.at[h] = span{j.end + int64(headSize), length}
			if length == gone {
				delete(j.at, h)
			}
		}
		if _, err := r.Discard(int(size)); err != nil {
			return false, err
		}
		j.end += size
	}
	return dead, nil
}

// rewrite puts a journal of the entries that count in the place of the one at path.
func (j *Journal) rewrite(path string) error {
	f, err := renameio.NewPendingFile(path, renameio.WithStaticPermissions(0o600))
	if err != nil {
		return err
	}
	defer f.Cleanup()
	w := bufio.NewWriterSize(f, 256<<10)
	for _, e := range j.entries() {
		w.Write(head(e.hash, e.length)) // Flush has the error
		if _, err := io.Copy(w, io.NewSectionReader(j.file, e.off, e.length)); err != nil {
			return err
		}
	}
	if err := w.Flush(); err != nil {
		return err
	}
	return f.CloseAtomicallyReplace()
}

type entry struct {
	hash swarm.InfoHash
	span
}

// entries returns those that count, in the order of the file.
func (j *Journal) entries() []entry {
	all := make([]entry, 0, len(j.at))
	for h, at := range j.at {
		all = append(all, entry{h, at})
	}
	slices.SortFunc(all, func(a, b entry) int { return int(a.off - b.off) })
	return all
}
