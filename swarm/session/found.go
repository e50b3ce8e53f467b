package session

import (
	"net"
	"net/netip"
	"slices"

	"github.com/anacrolix/torrent"

	"swarmtop/swarm"
)

// FoundPeers hands addresses from a tracker, which knows of so many leechers, to the
// swarm and returns how many were new to it.
func (s *Session) FoundPeers(h swarm.InfoHash, peers []netip.AddrPort, leechers swarm.Opt[int]) int {
	e := s.entry(h)
	if e == nil {
		return 0
	}
	peers = slices.DeleteFunc(slices.Clone(peers), func(p netip.AddrPort) bool { return p.Port() == 0 || s.isSelf(p) })
	peers = s.unblocked(h, peers, s.cfg.Now())
	e.mu.Lock()
	e.known.remember(peers, s.cfg.Now())
	if len(peers) > 0 {
		s.redialBy(e.known.due)
	}
	e.mu.Unlock()
	if t := e.torrent(); t != nil {
		return dial(t, peers)
	}
	if len(peers) > 0 && (!s.blobs.Whole(h) || s.wantsCompany(leechers)) {
		s.summon(e)
	}
	return len(peers)
}

// dial hands addresses to the client, which tries each once, and returns how many were new to it.
func dial(t *torrent.Torrent, peers []netip.AddrPort) int {
	infos := make([]torrent.PeerInfo, 0, len(peers))
	for _, p := range peers {
		infos = append(infos, torrent.PeerInfo{
			Addr:   &net.TCPAddr{IP: p.Addr().AsSlice(), Port: int(p.Port())},
			Source: torrent.PeerSourceTracker,
		})
	}
	return t.AddPeers(infos)
}

// isSelf tells whether an address is one at which this session listens.
func (s *Session) isSelf(p netip.AddrPort) bool {
	if p.Port() != s.port {
		return false
	}
	if host, _, err := net.SplitHostPort(s.cfg.PeerListen); err == nil && host != "" {
		if ip, err := netip.ParseAddr(host); err == nil && !ip.IsUnspecified() {
			return ip == p.Addr().Unmap()
		}
	}
	addrs, _ := net.InterfaceAddrs()
	for _, a := range addrs {
		if n, ok := a.(*net.IPNet); ok {
			if ip, ok := netip.AddrFromSlice(n.IP); ok && ip.Unmap() == p.Addr().Unmap() {
				return true
			}
		}
	}
	return false
}
