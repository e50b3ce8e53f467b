package session_test

import (
	"net"
	"net/netip"
	"slices"
	"sync"
	"testing"

	"github.com/anacrolix/dht/v2"
	"github.com/anacrolix/dht/v2/krpc"
	peer_store "github.com/anacrolix/dht/v2/peer-store"

	"swarmtop/swarm"
	"swarmtop/swarm/admit"
	"swarmtop/swarm/session"
)

// told is what a node of the DHT keeps of announces. heard gets the info hash of each.
type told struct {
	mu    sync.Mutex
	peers map[peer_store.InfoHash][]krpc.NodeAddr
	heard chan swarm.InfoHash
}

func (k *told) AddPeer(h peer_store.InfoHash, at krpc.NodeAddr) {
	k.mu.Lock()
	k.peers[h] = append(k.peers[h], at)
	k.mu.Unlock()
	k.heard <- swarm.InfoHash(h)
}

func (k *told) GetPeers(h peer_store.InfoHash) []krpc.NodeAddr {
	k.mu.Lock()
	defer k.mu.Unlock()
	return slices.Clone(k.peers[h])
}

// dhtNode is a node of the DHT that knows no other yet.
func dhtNode(t *testing.T) (netip.AddrPort, *told) {
	t.Helper()
	conn, err := net.ListenPacket("udp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	keeps := &told{peers: map[peer_store.InfoHash][]krpc.NodeAddr{}, heard: make(chan swarm.InfoHash, 64)}
	node, err := dht.NewServer(&dht.ServerConfig{
		Conn:          conn,
		PeerStore:     keeps,
		StartingNodes: func() ([]dht.Addr, error) { return nil, nil },
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(node.Close)
	return conn.LocalAddr().(*net.UDPAddr).AddrPort(), keeps
}

// way is the row of a way to find peers.
func way(s *swarm.Swarm, source swarm.Source) swarm.Discovery {
	for _, d := range s.Discovery {
		if d.Source == source {
			return d
		}
	}
	return swarm.Discovery{}
}

func TestSwarmsFindEachOtherInTheDHT(t *testing.T) {
	at, node := dhtNode(t)
	path, data, meta := asset(t, "widget.js", 40<<10, 16<<10)
	_, _, other := asset(t, "secret.js", 50<<10, 16<<10)
	secret := private(t, other)
	with := func(c *session.Config) { c.DHT, c.DHTNodes, c.NoPEX = true, []netip.AddrPort{at}, true }
	seeder := start(t, t.TempDir(), with)
	if _, err := seeder.Add(session.Spec{Torrent: &secret, InfoHash: secret.InfoHash}); err != nil {
		t.Fatal(err)
	}
	if _, err := seeder.Add(session.Spec{Torrent: &meta, InfoHash: meta.InfoHash, Publish: path}); err != nil {
		t.Fatal(err)
	}
	if h := <-node.heard; h != meta.InfoHash {
		t.Errorf("%v was announced, want %v", h, meta.InfoHash)
	}
	f := start(t, t.TempDir(), with)
	for _, m := range []*admit.Torrent{&secret, &meta} {
		if _, err := f.Add(session.Spec{Torrent: m, InfoHash: m.InfoHash}); err != nil {
			t.Fatal(err)
		}
	}
	s := f.sampled(t, meta.InfoHash, "what the DHT found", func(s *swarm.Swarm) bool { return complete(s) && way(s, swarm.FromDHT).Peers == 1 })
	if d := way(&s, swarm.FromDHT); d.Off != "" {
		t.Errorf("%+v", d)
	}
	if string(read(t, f, meta.InfoHash, "widget.js")) != string(data) {
		t.Error("the bytes differ")
	}
	hidden := f.sampled(t, secret.InfoHash, "the private one", func(*swarm.Swarm) bool { return true })
	if d := way(&hidden, swarm.FromDHT); d.Off == "" || d.Peers != 0 || f.Heard(secret.InfoHash) != 0 {
		t.Errorf("private: %+v", d)
	}
	for len(node.heard) > 0 {
		if h := <-node.heard; h != meta.InfoHash {
			t.Errorf("%v was announced too", h)
		}
	}
}
