package tracker_test

import (
	"encoding/binary"
	"os"
	"slices"
	"strings"
	"testing"

	"swarmtop/swarm"
	"swarmtop/swarm/tracker"
)

// contract is what a client may expect of any tracker. The info hash of clause
// n, from 1, is 20 bytes of n, so that trackers with a list of hashes can be
// held to it as well.
var contract = []struct {
	clause string
	check  func(t *testing.T, c client, hash string)
}{
	{"the first peer is told of nobody", func(t *testing.T, c client, hash string) {
		r := c.announce("127.0.0.2", "1001", hash, "left=1&compact=1&event=started")
		if others(r.addrs(), "127.0.0.2:1001") != "" || r.Interval <= 0 || r.Incomplete != 1 || r.Complete != 0 {
			t.Errorf("%+v", r)
		}
	}},
	{"a later peer is told of an earlier one", func(t *testing.T, c client, hash string) {
		c.announce("127.0.0.2", "1001", hash, "left=0&compact=1&event=started")
		r := c.announce("127.0.0.3", "1002", hash, "left=1&compact=1&event=started")
		if others(r.addrs(), "127.0.0.3:1002") != "127.0.0.2:1001" || r.Complete != 1 || r.Incomplete != 1 {
			t.Errorf("%+v", r)
		}
	}},
	{"a peer is not counted twice", func(t *testing.T, c client, hash string) {
		c.announce("127.0.0.2", "1001", hash, "left=9&compact=1&event=started")
		if r := c.announce("127.0.0.2", "1001", hash, "left=5&compact=1"); r.Incomplete != 1 {
			t.Errorf("%+v", r)
		}
	}},
	{"numwant bounds the answer", func(t *testing.T, c client, hash string) {
		for _, from := range []string{"127.0.0.2", "127.0.0.3", "127.0.0.4", "127.0.0.5"} {
			c.announce(from, "1001", hash, "left=0&compact=1&event=started")
		}
		if r := c.announce("127.0.0.6", "1001", hash, "left=1&compact=1&numwant=2"); len(strings.Fields(r.addrs())) != 2 {
			t.Errorf("%s", r.addrs())
		}
	}},
	{"stopped takes a peer out", func(t *testing.T, c client, hash string) {
		c.announce("127.0.0.2", "1001", hash, "left=0&compact=1&event=started")
		c.announce("127.0.0.2", "1001", hash, "left=0&compact=1&event=stopped")
		if r := c.announce("127.0.0.3", "1002", hash, "left=1&compact=1"); others(r.addrs(), "127.0.0.3:1002") != "" || r.Complete != 0 {
			t.Errorf("%+v", r)
		}
	}},
	{"completed makes a seeder and is counted by scrape", func(t *testing.T, c client, hash string) {
		c.announce("127.0.0.2", "1001", hash, "left=7&compact=1&event=started")
		c.announce("127.0.0.2", "1001", hash, "left=0&compact=1&event=completed")
		if f := c.scrape(hash).Files[hash]; f.Complete != 1 || f.Incomplete != 0 || f.Downloaded != 1 {
			t.Errorf("%+v", f)
		}
	}},
	{"UDP and HTTP share their swarms", func(t *testing.T, c client, hash string) {
		c.announce("127.0.0.2", "1001", hash, "left=0&compact=1&event=started")
		conn, id := c.dial()
		a := c.datagram(conn, announcePacket(id, hash, 1002, 5, 2, -1))
		if len(a) < 26 || binary.BigEndian.Uint32(a) != 1 || binary.BigEndian.Uint32(a[12:]) != 1 || binary.BigEndian.Uint32(a[16:]) != 1 ||
			others(strings.Join(unpack(string(a[20:]), 4), " "), "127.0.0.1:1002") != "127.0.0.2:1001" {
			t.Errorf("announce: % x", a)
		}
		if r := c.announce("127.0.0.3", "1003", hash, "left=1&compact=1"); others(r.addrs(), "127.0.0.3:1003") != "127.0.0.1:1002 127.0.0.2:1001" {
			t.Errorf("over HTTP: %s", r.addrs())
		}
		a = c.datagram(conn, append(packet(id, 2), hash...))
		if len(a) != 20 || binary.BigEndian.Uint32(a[8:]) != 1 || binary.BigEndian.Uint32(a[16:]) != 2 {
			t.Errorf("scrape: % x", a)
		}
	}},
	{"a hash that is not served gets a failure reason", func(t *testing.T, c client, _ string) {
		if r := c.announce("127.0.0.2", "1001", notServed, "left=1&compact=1"); r.Failure == "" {
			t.Errorf("%+v", r)
		}
	}},
	{"a client is told how often to come", func(t *testing.T, c client, hash string) {
		r := c.announce("127.0.0.2", "1001", hash, "left=1&compact=1&event=started")
		conn, id := c.dial()
		a := c.datagram(conn, announcePacket(id, hash, 1002, 5, 2, -1))
		if over := binary.BigEndian.Uint32(a[8:]); r.Interval < 60 || over < 60 || r.MinInterval > r.Interval {
			t.Errorf("%d s over UDP, %+v", over, r)
		}
	}},
	{"many hashes are scraped at once", func(t *testing.T, c client, hash string) {
		c.announce("127.0.0.2", "1001", hash, "left=0&compact=1&event=started")
		other := strings.Repeat("\x01", 20) // that of the first clause
		c.announce("127.0.0.2", "1001", other, "left=1&compact=1&event=started")
		if r := c.scrape(other, hash); len(r.Files) != 2 || r.Files[hash].Complete != 1 || r.Files[other].Incomplete != 1 {
			t.Errorf("%+v", r)
		}
	}},
}

// notServed is an info hash that the tracker under test must not have been told of.
var notServed = strings.Repeat("\xee", 20)

// others are the addresses but the asker's own, which some trackers tell it.
func others(addrs, own string) string {
	return strings.Join(slices.DeleteFunc(strings.Fields(addrs), func(a string) bool { return a == own }), " ")
}

// The tracker at the announce URL in SWARMTOP_CONTRACT_TRACKER is held to the
// contract, the embedded one without it.
func TestContract(t *testing.T) {
	url := os.Getenv("SWARMTOP_CONTRACT_TRACKER")
	if url == "" {
		refused := swarm.InfoHash([]byte(notServed))
		tr, _ := run(t, tracker.Config{Allowed: func(h swarm.InfoHash) bool { return h != refused }})
		url = tr.URL()
	}
	for i, c := range contract {
		t.Run(c.clause, func(t *testing.T) {
			c.check(t, client{t, url}, strings.Repeat(string(rune(i+1)), 20))
		})
	}
}
