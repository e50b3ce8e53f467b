package tracker

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"time"

	"swarmtop/swarm"
)

// The actions of BEP 15.
const (
	actionConnect = iota
	actionAnnounce
	actionScrape
	actionError
)

const (
	protocolID     = 0x41727101980
	maxPacket      = 2048
	maxUDPPeers    = 80 // so that an answer fits a packet that nobody fragments
	maxScrape      = 74 // BEP 15
	connectionLife = 2 * time.Minute
)

// serveUDP answers packets until ctx ends, when the socket is closed.
func (t *Tracker) serveUDP(ctx context.Context) error {
	in, out := make([]byte, maxPacket), make([]byte, 0, maxPacket)
	peers := make([]found, 0, maxUDPPeers)
	for {
		n, from, err := t.udp.ReadFromUDPAddrPort(in)
		switch {
		case ctx.Err() != nil:
			return nil
		case errors.Is(err, net.ErrClosed):
			return fmt.Errorf("serve announces over UDP: %w", err)
		case err != nil:
			continue // of one packet, such as an ICMP error for an earlier one
		}
		client := netip.AddrPortFrom(from.Addr().Unmap(), from.Port())
		if answer := t.answerUDP(out, peers, in[:n], client); len(answer) > 0 {
			t.udp.WriteToUDPAddrPort(answer, from) // lost packets are asked for again
		}
	}
}

// answerUDP appends the answer to one packet (BEP 15), nothing if it deserves none. An
// address that has not echoed a connection id gets no more bytes than it sent.
func (t *Tracker) answerUDP(out []byte, peers []found, in []byte, from netip.AddrPort) []byte {
	if len(in) < 16 {
		return nil
	}
	id, action, transaction := binary.BigEndian.Uint64(in), binary.BigEndian.Uint32(in[8:]), in[12:16]
	now := t.cfg.Now()
	if action == actionConnect {
		if id != protocolID {
			return nil
		}
		return binary.BigEndian.AppendUint64(header(out, actionConnect, transaction), t.ids.issue(from, now))
	}
	if !t.ids.valid(id, from, now) {
		return nil
	}
	var err error
	switch action {
	case actionAnnounce:
		if out, err = t.announceUDP(out, peers, in, from, now); err == nil {
			return out
		}
	case actionScrape:
		if out, err = t.scrapeUDP(out, in, now); err == nil {
			return out
		}
	default:
		err = errors.New("unknown action")
	}
	t.store.refused.Add(1)
	return append(header(out[:0], actionError, transaction), err.Error()...)
}

func header(out []byte, action uint32, transaction []byte) []byte {
	return append(binary.BigEndian.AppendUint32(out, action), transaction...)
}

func (t *Tracker) announceUDP(out []byte, peers []found, in []byte, from netip.AddrPort, now time.Time) ([]byte, error) {
	if len(in) < 98 {
		return out, errors.New("the announce is too short")
	}
	a := announce{
		hash: swarm.InfoHash(in[16:36]), peerID: [20]byte(in[36:56]),
		seeder: binary.BigEndian.Uint64(in[64:]) == 0,
		event:  event(binary.BigEndian.Uint32(in[80:])),
		key:    uint64(binary.BigEndian.Uint32(in[88:])),
		want:   int(int32(binary.BigEndian.Uint32(in[92:]))),
	}
	port := binary.BigEndian.Uint16(in[96:])
	switch {
	case port == 0:
		return out, errors.New("port is 0")
	case t.cfg.Allowed != nil && !t.cfg.Allowed(a.hash):
		return out, errNotServed
	case a.event == eventStopped:
		a.want = 0
	case a.want < 0:
		a.want = defaultWant
	}
	a.want = min(a.want, maxUDPPeers)
	a.family = familyOf(from.Addr())
	addr := from.Addr()
	if ip := netip.AddrFrom4([4]byte(in[84:88])); !ip.IsUnspecified() {
		addr = claimed(ip, addr)
	}
	a.addr = netip.AddrPortFrom(addr, port)
	peers, n := t.store.announce(&a, now, peers[:0])
	t.mask(peers, from.Addr())
	out = header(out, actionAnnounce, in[12:16])
	out = binary.BigEndian.AppendUint32(out, uint32(seconds(t.interval())))
	out = binary.BigEndian.AppendUint32(out, uint32(n.leechers))
	out = binary.BigEndian.AppendUint32(out, uint32(n.seeders))
	for i := range peers {
		if at := &peers[i].at; a.family.has(at) {
			out = append(out, at.compact()...)
		}
	}
	return out, nil
}

func (t *Tracker) scrapeUDP(out, in []byte, now time.Time) ([]byte, error) {
	hashes := in[16:]
	if len(hashes) == 0 || len(hashes)%20 != 0 || len(hashes) > maxScrape*20 {
		return out, errors.New("a scrape names 1 to 74 info hashes")
	}
	t.store.scrapes.Add(1)
	out = header(out, actionScrape, in[12:16])
	for ; len(hashes) > 0; hashes = hashes[20:] {
		h := swarm.InfoHash(hashes[:20])
		var n counts
		if t.cfg.Allowed == nil || t.cfg.Allowed(h) {
			n = t.store.scrape(h, now)
		}
		for _, v := range []int{n.seeders, n.completed, n.leechers} {
			out = binary.BigEndian.AppendUint32(out, uint32(v))
		}
	}
	return out, nil
}

// connectionIDs issues and checks connection ids without remembering any: an id
// is a keyed hash of the client's address and of the time in steps of
// connectionLife/2. All that is hashed has one length, so a key before it will
// do, and 64 bits of the sum cannot be carried on.
type connectionIDs struct{ secret [16]byte }

func newConnectionIDs() (c connectionIDs) {
	rand.Read(c.secret[:])
	return c
}

func (c *connectionIDs) issue(to netip.AddrPort, now time.Time) uint64 { return c.at(to, step(now)) }

func (c *connectionIDs) valid(id uint64, from netip.AddrPort, now time.Time) bool {
	s := step(now)
	return id == c.at(from, s) || id == c.at(from, s-1)
}

func step(now time.Time) int64 { return now.Unix() / int64(connectionLife/2/time.Second) }

func (c *connectionIDs) at(addr netip.AddrPort, step int64) uint64 {
	var b [42]byte
	e := endpointOf(addr)
	copy(b[:], c.secret[:])
	copy(b[16:], e[:])
	binary.BigEndian.PutUint64(b[34:], uint64(step))
	sum := sha256.Sum256(b[:])
	return binary.BigEndian.Uint64(sum[:])
}
