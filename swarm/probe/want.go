package probe

import (
	"crypto/sha256"
	"io"
	"time"

	"swarmtop/swarm/contenttype"
)

// headBytes is how much of a body's beginning is looked at.
const headBytes = contenttype.HeadBytes

// Content is the verified bytes of one asset.
type Content = interface {
	io.ReaderAt
	io.Closer
}

// Want is what a URL ought to answer.
type Want struct {
	Type   string   // media type; empty where none is known, then only metainfo is wrong
	Bytes  *Bytes   // nil while they are not known: then the type alone is judged
	Former []Former // what the URL answered before
}

// Bytes are the measures of an asset's bytes.
type Bytes struct {
	Size   int64
	SHA256 [sha256.Size]byte
	Head   []byte // the first bytes, 3072 at most

	// Verify, if not nil, knows the bytes when it sees them: SHA256 and Head are not
	// known then. It is for assets that fit into memory.
	Verify func(body []byte) bool
}

// Former is a release whose place another one took.
type Former struct {
	Bytes
	Until time.Time
}

// Measure reads size bytes and returns their measures.
func Measure(r io.ReaderAt, size int64) (Bytes, error) {
	b := Bytes{Size: size, Head: make([]byte, min(size, headBytes))}
	if _, err := io.ReadFull(io.NewSectionReader(r, 0, size), b.Head); err != nil {
		return Bytes{}, err
	}
	sum := sha256.New()
	n, err := io.Copy(sum, io.NewSectionReader(r, 0, size))
	if err == nil && n < size {
		err = io.ErrUnexpectedEOF
	}
	if err != nil {
		return Bytes{}, err
	}
	sum.Sum(b.SHA256[:0])
	return b, nil
}
