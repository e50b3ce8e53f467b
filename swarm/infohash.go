package swarm

import (
	"encoding/hex"
	"errors"
	"fmt"
)

// InfoHash names a swarm: the SHA-1 of the bencoded info dictionary (BEP 3).
type InfoHash [20]byte

// ParseInfoHash reads the 40 hexadecimal digits that [InfoHash.String] writes,
// in either case. The all-zero hash is refused: it names nothing.
func ParseInfoHash(s string) (InfoHash, error) {
	var h InfoHash
	if len(s) != 2*len(h) {
		return h, fmt.Errorf("info hash has %d characters, want 40", len(s))
	}
	if _, err := hex.Decode(h[:], []byte(s)); err != nil {
		return InfoHash{}, errors.New("info hash has characters that are not hexadecimal digits")
	}
	if h == (InfoHash{}) {
		return h, errors.New("info hash is all zero")
	}
	return h, nil
}

// String returns 40 lower-case hexadecimal digits.
func (h InfoHash) String() string { return hex.EncodeToString(h[:]) }

// Short returns the first eight digits, for messages to people.
func (h InfoHash) Short() string { return hex.EncodeToString(h[:4]) }

// MarshalText writes the 40 digits, so that an InfoHash is a JSON string or key.
func (h InfoHash) MarshalText() ([]byte, error) { return []byte(h.String()), nil }

// UnmarshalText reads what MarshalText writes.
func (h *InfoHash) UnmarshalText(b []byte) error {
	p, err := ParseInfoHash(string(b))
	*h = p
	return err
}
