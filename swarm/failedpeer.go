package swarm

import "time"

// Failure tells why a peer is not, or no longer, connected.
type Failure uint8

// The ways in which a peer fails; the zero value is DialFailed.
const (
	DialFailed      Failure = iota // it cannot be dialled, and none of the next three is why
	DialRefused                    // nothing listens at its address
	DialTimedOut                   // nothing answered in time
	Unreachable                    // no route leads to its address
	HandshakeFailed                // it ended the connection before it had answered our handshake, or did not answer in time
	WrongSwarm                     // it answered our handshake with another info hash
	ClosedEarly                    // it ended the connection before a byte of a piece moved
	Broken                         // the connection ended by an error, such as a message that breaks the protocol
	Blocked                        // its address is in a network that --deny-net names
	Banned                         // the user banned its address
	SentBadPieces                  // it sent blocks that are not those of the torrent, and its address is banned
	Disconnected                   // the user ended the connection
	Dropped                        // we ended the connection, as one of too many
)

var failureNames = [...]string{
	"dial_failed", "refused", "timed_out", "unreachable", "handshake_failed", "wrong_swarm",
	"closed_early", "broken", "blocked", "banned", "bad_pieces", "disconnected", "dropped",
}

// String returns the word that the JSON snapshot uses.
func (f Failure) String() string { return name(failureNames[:], f) }

// MarshalText writes the word.
func (f Failure) MarshalText() ([]byte, error) { return []byte(f.String()), nil }

// UnmarshalText reads the word.
func (f *Failure) UnmarshalText(b []byte) error { return parseName(failureNames[:], string(b), f) }

// FailedPeer is one way in which a peer of a swarm failed. Text in it has been
// through [Clean].
type FailedPeer struct {
	InfoHash Opt[InfoHash] `json:"info_hash"` // of the swarm; unknown for an address that no tracker named and that could not be dialled
	Address  string        `json:"address"`   // host:port
	Client   Opt[string]   `json:"client"`    // as [Peer.Client]; unknown where it did not come so far
	Source   Source        `json:"source"`

	Kind  Failure   `json:"kind"`
	Error string    `json:"error"` // the last one, in full; empty where there is no more to tell than the kind
	Count int       `json:"count"` // how often; dials are counted by address, whichever swarm they were for
	First time.Time `json:"first_at"`
	Last  time.Time `json:"last_at"`
}
