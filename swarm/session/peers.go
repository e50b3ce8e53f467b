package session

import (
	"fmt"
	"net"
	"net/netip"
	"sync"

	"github.com/anacrolix/torrent"
	"github.com/anacrolix/torrent/iplist"

	"swarmtop/swarm"
)

// bansKept bounds the addresses that the library has banned, at some 100 bytes each:
// who has an IPv6 network has more of them than there is memory. What goes beyond is
// still refused by the library. The user's own bans are always kept.
const bansKept = 1 << 14

// bans are the networks that are always refused, and the addresses that the user or
// the library has refused since the session began. They are not kept longer: an
// address may be somebody else's tomorrow. The library looks into them under its
// lock, and from many goroutines.
type bans struct {
	nets blocklist

	mu     sync.RWMutex
	banned map[netip.Addr]swarm.Failure // why
}

// NumRanges implements [iplist.Ranger].
func (b *bans) NumRanges() int {
	b.mu.RLock()
	defer b.mu.RUnlock()
	return len(b.nets) + len(b.banned)
}

// Lookup implements [iplist.Ranger].
func (b *bans) Lookup(ip net.IP) (iplist.Range, bool) {
	if a, ok := netip.AddrFromSlice(ip); ok {
		if _, banned := b.why(a); banned {
			return iplist.Range{Description: "banned"}, true
		}
	}
	return b.nets.Lookup(ip)
}

// why tells whether an address is banned: [swarm.Banned] or [swarm.SentBadPieces].
func (b *bans) why(a netip.Addr) (why swarm.Failure, banned bool) {
	b.mu.RLock()
	defer b.mu.RUnlock()
	why, banned = b.banned[a.Unmap().WithZone("")]
	return why, banned
}

// refuses tells whether an address is banned or blocked, and by which network.
func (b *bans) refuses(a netip.Addr) (why swarm.Failure, text string, refused bool) {
	if why, banned := b.why(a); banned {
		return why, "a tracker named it again, it was not dialled", true
	}
	r, blocked := b.nets.Lookup(a.AsSlice())
	return swarm.Blocked, "--deny-net " + r.Description, blocked
}

// add bans an address and tells whether it was not banned before.
func (b *bans) add(a netip.Addr, why swarm.Failure) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.banned == nil {
		b.banned = map[netip.Addr]swarm.Failure{}
	}
	a = a.Unmap().WithZone("")
	_, banned := b.banned[a]
	if !banned && why != swarm.Banned && len(b.banned) >= bansKept {
		return false
	}
	b.banned[a] = why
	return !banned
}

// Disconnect ends one connection of a swarm. The peer may come back.
func (s *Session) Disconnect(h swarm.InfoHash, key swarm.PeerKey) error {
	e := s.entry(h)
	if e == nil {
		return fmt.Errorf("disconnect a peer of %s: no such swarm", h.Short())
	}
	n := s.disconnect(func(c *conn) bool {
		meant := c.key == key && c.of() == h
		if meant {
			c.byUser.Store(true)
		}
		return meant
	})
	if n == 0 {
		return fmt.Errorf("disconnect a peer of %s: it is gone already", e.name())
	}
	return nil
}

// Ban ends every connection with the host of an address, host:port or host, and
// refuses it as long as the session runs, in every swarm.
func (s *Session) Ban(address string) error {
	host, _, err := net.SplitHostPort(address)
	if err != nil {
		host = address
	}
	ip, err := netip.ParseAddr(host)
	if err != nil {
		return fmt.Errorf("ban %s: not an IP address", address)
	}
	ip = ip.Unmap().WithZone("")
	s.bans.add(ip, swarm.Banned)
	s.disconnect(func(c *conn) bool { return addressOf(c) == ip })
	return nil
}

// disconnect ends the connections that are meant and returns how many they were.
func (s *Session) disconnect(meant func(*conn) bool) int {
	var all []*torrent.PeerConn
	s.conns.mu.Lock()
	for _, c := range s.conns.byPeer {
		if meant(c) {
			all = append(all, c.peer)
		}
	}
	s.conns.mu.Unlock()
	for _, p := range all { // its callbacks want the registry's lock
		p.Close()
	}
	return len(all)
}
