package session_test

import (
	"encoding/binary"
	"io"
	"net"
	"net/netip"
	"testing"

	"github.com/anacrolix/dht/v2"
	"github.com/anacrolix/dht/v2/krpc"
	"github.com/anacrolix/torrent"
	"github.com/anacrolix/torrent/bencode"
	"github.com/anacrolix/torrent/metainfo"

	"swarmtop/swarm"
	"swarmtop/swarm/admit"
	"swarmtop/swarm/session"
)

// private returns the torrent with the flag of BEP 27.
func private(t *testing.T, meta admit.Torrent) admit.Torrent {
	t.Helper()
	var info metainfo.Info
	if err := bencode.Unmarshal(meta.InfoBytes, &info); err != nil {
		t.Fatal(err)
	}
	yes := true
	info.Private = &yes
	b, err := bencode.Marshal(info)
	if err != nil {
		t.Fatal(err)
	}
	meta, err = admit.Info(b)
	if err != nil {
		t.Fatal(err)
	}
	return meta
}

// fakeDHT keeps which swarms were looked for in it.
type fakeDHT struct{ asked chan swarm.InfoHash }

func (d fakeDHT) Stats() any                  { return nil }
func (d fakeDHT) ID() (id [20]byte)           { return id }
func (d fakeDHT) Addr() net.Addr              { return &net.UDPAddr{} }
func (d fakeDHT) AddNode(krpc.NodeInfo) error { return nil }
func (d fakeDHT) Ping(*net.UDPAddr)           {}
func (d fakeDHT) WriteStatus(io.Writer)       {}
func (d fakeDHT) Close()                      {}
func (d fakeDHT) Peers() <-chan dht.PeersValues {
	none := make(chan dht.PeersValues)
	close(none)
	return none
}

func (d fakeDHT) Announce(h [20]byte, _ int, _ bool) (torrent.DhtAnnounce, error) {
	d.asked <- h
	return d, nil
}

func TestPrivateSwarmIsNeverLookedForInTheDHT(t *testing.T) {
	_, _, open := asset(t, "open.js", 40<<10, 16<<10)
	_, _, other := asset(t, "secret.js", 50<<10, 16<<10)
	secret := private(t, other)
	f := start(t, t.TempDir(), func(c *session.Config) { c.LSD = false })
	d := fakeDHT{make(chan swarm.InfoHash, 16)}
	f.UseDHT(d)
	for _, meta := range []*admit.Torrent{&secret, &open} {
		if _, err := f.Add(session.Spec{Torrent: meta, InfoHash: meta.InfoHash}); err != nil {
			t.Fatal(err)
		}
	}
	f.FoundPeers(secret.InfoHash, []netip.AddrPort{netip.MustParseAddrPort("127.0.0.1:1")}, swarm.Opt[int]{})
	// A peer that comes wakes every search of the client.
	conn, err := net.Dial("tcp", netip.AddrPortFrom(netip.MustParseAddr("127.0.0.1"), f.Port()).String())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if h := <-d.asked; h != open.InfoHash {
		t.Errorf("looked for %v, want %v", h, open.InfoHash)
	}
	f.sampled(t, secret.InfoHash, "private", func(s *swarm.Swarm) bool {
		return s.Private && s.Discovery[0].Off == "private torrent (BEP 27)" && s.Discovery[1].Off == s.Discovery[0].Off
	})
	select {
	case h := <-d.asked:
		t.Errorf("looked for %v too", h)
	default:
	}
}

// exchanging connects to f as a peer that speaks BEP 10 and sends two addresses by
// peer exchange (BEP 11). It returns when f has answered a request that came after it.
func exchanging(t *testing.T, f *fixture, h swarm.InfoHash, addrs [2]netip.AddrPort) (sentPEX bool) {
	t.Helper()
	conn, err := net.Dial("tcp", netip.AddrPortFrom(netip.MustParseAddr("127.0.0.1"), f.Port()).String())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	write := func(b []byte) {
		if _, err := conn.Write(b); err != nil {
			t.Fatal(err)
		}
	}
	extended := func(id byte, body string) {
		b := binary.BigEndian.AppendUint32(nil, uint32(2+len(body)))
		write(append(append(b, 20, id), body...))
	}
	hello := append([]byte("\x13BitTorrent protocol\x00\x00\x00\x00\x00\x10\x00\x00"), h[:]...)
	write(append(hello, "-XX1230-exchanging00"...))
	if _, err := io.CopyN(io.Discard, conn, 68); err != nil {
		t.Fatal(err)
	}
	extended(0, "d1:md11:ut_metadatai2e6:ut_pexi1eee")
	for asked := false; ; {
		id, body := message(t, conn)
		switch {
		case id == 20 && body[0] == 0: // its handshake
			var hs struct {
				M map[string]int `bencode:"m"`
			}
			if err := bencode.Unmarshal(body[1:], &hs); err != nil {
				t.Fatal(err)
			}
			var added []byte
			for _, a := range addrs {
				added = binary.BigEndian.AppendUint16(append(added, a.Addr().AsSlice()...), a.Port())
			}
			if id := hs.M["ut_pex"]; id != 0 {
				extended(byte(id), "d5:added12:"+string(added)+"7:added.f2:\x00\x00e")
			}
			extended(byte(hs.M["ut_metadata"]), "d8:msg_typei0e5:piecei0ee")
			asked = true
		case id == 20 && body[0] == 1:
			sentPEX = true
		case id == 20 && body[0] == 2 && asked: // the metadata
			return sentPEX
		}
	}
}

func message(t *testing.T, r io.Reader) (id byte, body []byte) {
	t.Helper()
	for {
		var n uint32
		if err := binary.Read(r, binary.BigEndian, &n); err != nil {
			t.Fatal(err)
		}
		b := make([]byte, n)
		if _, err := io.ReadFull(r, b); err != nil {
			t.Fatal(err)
		}
		if n > 0 {
			return b[0], b[1:]
		}
	}
}

func TestPeersOfAnExchangeCountWhereItIsAllowed(t *testing.T) {
	path, _, open := asset(t, "open.js", 40<<10, 16<<10)
	secret := private(t, open)
	off := open
	f := start(t, t.TempDir(), nil)
	without := start(t, t.TempDir(), func(c *session.Config) { c.NoPEX = true })
	silent, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer silent.Close()
	addrs := [2]netip.AddrPort{seeder(t, path, open), netip.MustParseAddrPort(silent.Addr().String())}
	for _, c := range []struct {
		f    *fixture
		meta *admit.Torrent
	}{{f, &open}, {f, &secret}, {without, &off}} {
		if _, err := c.f.Add(session.Spec{Torrent: c.meta, InfoHash: c.meta.InfoHash}); err != nil {
			t.Fatal(err)
		}
	}
	if exchanging(t, f, secret.InfoHash, addrs) {
		t.Error("a private swarm sent addresses of peers")
	}
	exchanging(t, without, off.InfoHash, addrs)
	exchanging(t, f, open.InfoHash, addrs)
	s := f.sampled(t, open.InfoHash, "the exchanged peer", func(s *swarm.Swarm) bool { return s.Discovery[1].Peers == 1 && complete(s) })
	if d := s.Discovery[1]; d.Source != swarm.FromPEX || d.Off != "" {
		t.Errorf("%+v", d)
	}
	if n := f.Heard(open.InfoHash); n == 0 {
		t.Error("the silent peer is not being tried")
	}
	if n := f.Heard(secret.InfoHash); n != 0 {
		t.Errorf("a private swarm took %d addresses", n)
	}
	if n := without.Heard(off.InfoHash); n != 0 {
		t.Errorf("a session without peer exchange took %d addresses", n)
	}
}
