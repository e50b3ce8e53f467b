// Package admit is the one gate for what strangers send before it can reach
// the torrent client: metainfo, bare info dictionaries, magnets, and the URLs of
// trackers and web seeds inside them. What has passed it is bounded and
// consistent. What has not is refused with one line that names the field, its
// value and the limit. All limits are in limits.go.
//
// The package also guards connections: [Policy.Client] and [Policy.Control]
// hold, at the moment of dialling and at every redirect, which addresses a URL
// may lead to, by where the URL came from (see [Trust]).
//
// Text that it returns (names, comments, URLs in errors) is still a stranger's:
// it passes [swarm.Clean] where it enters a snapshot.
package admit

import (
	"time"

	"swarmtop/swarm"
)

// Torrent is metainfo that has passed the gate. Its slices are not changed by anyone.
type Torrent struct {
	InfoHash    swarm.InfoHash
	InfoBytes   []byte // the bencoded info dictionary, as hashed; never nil
	Name        string // safe as one part of a path
	Length      int64  // bytes, padding files (BEP 47) included
	PieceLength int64  // bytes; a power of two
	Pieces      int
	Files       []File // at least one, in the order of the metainfo
	Private     bool   // BEP 27
	Hybrid      bool   // it is a BitTorrent v2 torrent as well (BEP 52)

	Trackers [][]string // admitted URLs by tier (BEP 12)
	WebSeeds []string   // admitted URLs (BEP 19)
	Refused  []error    // the trackers and web seeds that were left out, a line each

	Comment   string // empty for none, cut at a limit
	CreatedBy string // empty for none, cut at a limit
	Created   swarm.Opt[time.Time]

	S3Bucket string // x-amz-bucket of the info dictionary, as Amazon S3 wrote it; empty for none
	S3Key    string // x-amz-key, likewise

	hashes []byte // 20 bytes a piece, inside InfoBytes
	layers []byte // the bencoded piece layers of a hybrid, passed on unread
}

// File is one file of a torrent.
type File struct {
	Path   string // begins with the torrent's name; parts joined by "/"
	Offset int64  // of its first byte in the torrent
	Length int64  // bytes
	Pad    bool   // padding (BEP 47): zeros that nobody wants
}

// PieceHash returns the SHA-1 that piece i must have. It panics where i is not a piece.
func (t *Torrent) PieceHash(i int) [20]byte {
	return [20]byte(t.hashes[20*i : 20*i+20])
}

// PieceHashes returns the SHA-1 of each piece, 20 bytes a piece, to be read only.
func (t *Torrent) PieceHashes() []byte { return t.hashes }

// Trust tells where a URL came from, and so which addresses it may lead to.
// The zero Trust is Foreign, the least.
type Trust uint8

// The degrees of trust.
const (
	// Foreign URLs stand inside a torrent or magnet that came from a public
	// address: they lead to public addresses only.
	Foreign Trust = iota
	// Given URLs stand inside a torrent or magnet that the user gave or that came
	// from a local address: they lead to public addresses, and to loopback and
	// private ones for a UDP tracker, a tracker at the path /announce, and a web
	// seed without a query.
	Given
	// Typed URLs come from the user, the manifest or this program itself: they
	// lead anywhere but to link-local addresses.
	Typed
)

// String returns where the URL came from, as it is told in errors.
func (t Trust) String() string {
	switch t {
	case Typed:
		return "typed"
	case Given:
		return "in a given torrent"
	}
	return "in a foreign torrent"
}
