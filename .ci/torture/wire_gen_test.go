package torture

import (
	"encoding/binary"
	"strings"
)

// The messages of the peer protocol (BEP 3, 5, 6, 10, 52).
const (
	mChoke = iota
	mUnchoke
	mInterested
	mNotInterested
	mHave
	mBitfield
	mRequest
	mPiece
	mCancel
	mPort
	mSuggest     = 13
	mHaveAll     = 14
	mHaveNone    = 15
	mReject      = 16
	mAllowedFast = 17
	mExtended    = 20
	mHashRequest = 21
	mHashes      = 22
	mHashReject  = 23
)

// message frames one message.
func message(id byte, body ...byte) []byte {
	b := binary.BigEndian.AppendUint32(nil, uint32(1+len(body)))
	return append(append(b, id), body...)
}

func numbers(n ...int) []byte {
	var b []byte
	for _, v := range n {
		b = binary.BigEndian.AppendUint32(b, uint32(v))
	}
	return b
}

// extended frames an extension message (BEP 10) with a payload after its bencode.
func extended(id byte, v any, payload ...byte) []byte {
	return message(mExtended, append(append([]byte{id}, encode(v)...), payload...)...)
}

// shape is what a hostile peer knows of the swarm that it attacks.
type shape struct {
	pieces, pieceLength, length int

	seeds bool // else a request for a piece ends the connection
}

// tame returns a message that a peer may send, though hardly this one now.
func (g generator) tame(s shape, ids map[string]int) []byte {
	piece := g.IntN(s.pieces)
	kind := g.IntN(13)
	if !s.seeds && (kind == 5 || kind == 6 || kind == 12) {
		kind = 2
	}
	switch kind {
	case 0:
		return numbers(0) // keep-alive
	case 1:
		return message(pick[byte](g, mChoke, mUnchoke, mUnchoke, mInterested, mInterested, mInterested, mNotInterested))
	case 2, 3, 4:
		return message(mHave, numbers(piece)...)
	case 5, 6:
		begin := g.IntN(s.pieceLength / 4)
		return message(mRequest, numbers(piece%max(s.pieces-1, 1), begin, 1+g.IntN(64))...)
	case 7, 8:
		return message(mCancel, numbers(piece, g.IntN(s.pieceLength), g.IntN(1<<15))...)
	case 9:
		return message(mPort, byte(g.Uint32()), byte(g.Uint32()))
	case 10:
		return message(pick[byte](g, mSuggest, mAllowedFast), numbers(piece)...)
	case 11:
		return extended(byte(ids["ut_metadata"]), dict{"msg_type": pick(g, 0, 0, 2), "piece": g.IntN(3)})
	}
	return message(mRequest, numbers(piece, g.IntN(s.pieceLength), 0)...)
}

// declaration tells which pieces a peer has.
func (g generator) declaration(s shape) []byte {
	switch g.IntN(4) {
	case 0:
		return message(mHaveAll)
	case 1:
		return message(mHaveNone)
	case 2:
		return nil
	}
	bits := make([]byte, (s.pieces+7)/8)
	for i := range bits {
		bits[i] = byte(g.Uint32())
	}
	bits[len(bits)-1] &= 0xff << (7 - (s.pieces-1)%8)
	return message(mBitfield, bits...)
}

// wild returns a message that no peer may send.
func (g generator) wild(s shape, ids map[string]int) []byte {
	switch g.IntN(14) {
	case 12: // once more
		return g.declaration(s)
	case 0:
		return message(pick[byte](g, mHave, mSuggest, mAllowedFast), numbers(g.integer())...)
	case 1:
		return message(mBitfield, noise(g.Uint64(), g.IntN(3*s.pieces))...)
	case 2:
		return message(pick[byte](g, mRequest, mCancel, mReject), numbers(g.integer(), g.integer(), g.integer())...)
	case 3:
		return message(mPiece, append(numbers(g.integer(), g.integer()), noise(g.Uint64(), g.IntN(1<<14+2))...)...)
	case 4:
		return message(mExtended, append([]byte{byte(g.IntN(8))}, encode(g.value(4))...)...)
	case 5: // a handshake
		return extended(0, dict{"m": pick[any](g, g.value(3), dict{"ut_metadata": max(1, g.integer()), g.text(): g.IntN(300)}), "metadata_size": g.integer(),
			"reqq": g.integer(), "v": g.text(), "p": g.integer(), "yourip": g.text(), "ipv4": g.text(), "e": g.integer()})
	case 6:
		return extended(byte(ids["ut_metadata"]), dict{"msg_type": g.integer(), "piece": g.integer(), "total_size": g.integer()}, noise(g.Uint64(), g.IntN(20000))...)
	case 7:
		if n := g.IntN(60); g.IntN(2) == 0 { // a right one
			return extended(byte(ids["ut_pex"]), dict{"added": string(noise(g.Uint64(), 6*n)), "added.f": strings.Repeat("\x10", n), "dropped": string(noise(g.Uint64(), 6*g.IntN(9)))})
		}
		return extended(byte(ids["ut_pex"]), dict{"added": g.value(1), "added.f": g.value(1), "added6": g.text(), "dropped": g.value(1)})
	case 8:
		return extended(byte(pick(g, ids["ut_holepunch"], ids["lt_donthave"], 77)), g.value(1), noise(g.Uint64(), g.IntN(40))...)
	case 9:
		return message(pick[byte](g, mHashRequest, mHashes, mHashReject), noise(g.Uint64(), g.IntN(300))...)
	case 10:
		return message(byte(g.Uint32()), noise(g.Uint64(), g.IntN(100))...)
	case 11: // a length that is not its own
		return append(numbers(g.integer()), noise(g.Uint64(), g.IntN(100))...)
	}
	b := g.tame(s, ids) // cut or bent
	if g.IntN(2) == 0 {
		return b[:g.IntN(len(b))]
	}
	b[g.IntN(len(b))] = byte(g.Uint32())
	return b
}
