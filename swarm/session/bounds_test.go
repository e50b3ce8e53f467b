package session

import (
	"net/netip"
	"testing"

	"swarmtop/swarm"
)

// TestBansOfTheLibraryAreBounded has a stranger with very many addresses sent away.
func TestBansOfTheLibraryAreBounded(t *testing.T) {
	var b bans
	for i := range 2 * bansKept {
		a := netip.AddrFrom16([16]byte{0x20, 1, 13: byte(i >> 16), 14: byte(i >> 8), 15: byte(i)})
		if added := b.add(a, swarm.SentBadPieces); added != (i < bansKept) {
			t.Fatalf("ban %d: %v", i, added)
		}
	}
	mine := netip.MustParseAddr("192.0.2.1")
	if !b.add(mine, swarm.Banned) || len(b.banned) != bansKept+1 {
		t.Errorf("the user's own ban is not kept: %d are", len(b.banned))
	}
	if why, banned := b.why(mine); !banned || why != swarm.Banned {
		t.Errorf("the user's own ban is %v, %v", why, banned)
	}
}

// TestConnectionsThatNobodyHasSeenAreBounded has peers come and go while the collector is held up.
func TestConnectionsThatNobodyHasSeenAreBounded(t *testing.T) {
	open := &conn{}
	all := unseen(nil, open)
	for range 10 * unseenConns {
		c := &conn{}
		all = unseen(all, c)
		c.closed.Store(true)
		if len(all) > unseenConns {
			t.Fatalf("%d connections wait", len(all))
		}
	}
	if all[0] != open {
		t.Error("one that is still open is forgotten")
	}
}
