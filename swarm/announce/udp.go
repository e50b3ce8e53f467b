package announce

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"math/rand/v2"
	"net"
	"net/netip"
	"net/url"
	"sync"
	"syscall"
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
	udpProtocolID  = 0x41727101980
	connectionLife = time.Minute     // for which a connection id is used
	firstRetry     = 3 * time.Second // then doubling; packets get lost
	maxDatagram    = 1 << 16
	urlDataOption  = 2 // BEP 41
)

// udpProtocol announces over UDP (BEP 15, 41). All trackers share one socket,
// which is opened with the first announce.
type udpProtocol struct {
	resolve func(ctx context.Context, rawURL string) (netip.AddrPort, error)
	now     func() time.Time

	mu      sync.Mutex
	conn    *net.UDPConn
	closed  bool
	waiting map[ticket]chan arrival
	ids     map[netip.AddrPort]connection
	reading sync.WaitGroup
}

// ticket is what an answer must match: where it comes from, and its transaction id.
type ticket struct {
	with        netip.AddrPort
	transaction uint32
}

// arrival is what comes for a ticket: a packet, or the news that the tracker cannot be reached.
type arrival struct {
	packet []byte
	err    error
}

type connection struct {
	id    uint64
	until time.Time
}

func newUDP(resolve func(context.Context, string) (netip.AddrPort, error), now func() time.Time) *udpProtocol {
	return &udpProtocol{
		resolve: resolve, now: now,
		waiting: make(map[ticket]chan arrival), ids: make(map[netip.AddrPort]connection),
	}
}

func (p *udpProtocol) announce(ctx context.Context, r request) (answer, error) {
	body, to, err := p.exchange(ctx, r.raw, actionAnnounce, r.packed())
	if err != nil {
		return answer{}, err
	}
	return parsePackedAnswer(body, to.BitLen()/8)
}

func (p *udpProtocol) scrape(ctx context.Context, raw string, _ *url.URL, hashes []swarm.InfoHash) (scraped, error) {
	var packed []byte
	for _, h := range hashes {
		packed = append(packed, h[:]...)
	}
	body, _, err := p.exchange(ctx, raw, actionScrape, packed)
	if err != nil {
		return scraped{}, err
	}
	return parsePackedScrape(body, len(hashes)), nil
}

// exchange connects to a tracker if that was not done lately, and asks it. It
// returns the answer behind its header, and the address that gave it.
func (p *udpProtocol) exchange(ctx context.Context, raw string, action uint32, body []byte) ([]byte, netip.Addr, error) {
	to, err := p.resolve(ctx, raw)
	if err != nil {
		return nil, netip.Addr{}, err
	}
	to = netip.AddrPortFrom(to.Addr().Unmap(), to.Port())
	id, err := p.connect(ctx, to)
	if err != nil {
		return nil, netip.Addr{}, err
	}
	answer, err := p.ask(ctx, to, id, action, body)
	if err != nil {
		p.mu.Lock()
		delete(p.ids, to) // the tracker may have forgotten it
		p.mu.Unlock()
	}
	return answer, to.Addr(), err
}

// connect returns a connection id for a tracker.
func (p *udpProtocol) connect(ctx context.Context, to netip.AddrPort) (uint64, error) {
	p.mu.Lock()
	c := p.ids[to]
	p.mu.Unlock()
	if p.now().Before(c.until) {
		return c.id, nil
	}
	body, err := p.ask(ctx, to, udpProtocolID, actionConnect, nil)
	if err != nil {
		return 0, err
	}
	if len(body) < 8 {
		return 0, garbageError("the connect's answer is too short")
	}
	c = connection{binary.BigEndian.Uint64(body), p.now().Add(connectionLife)}
	p.mu.Lock()
	defer p.mu.Unlock()
	for addr, old := range p.ids {
		if !p.now().Before(old.until) {
			delete(p.ids, addr)
		}
	}
	p.ids[to] = c
	return c.id, nil
}

// ask sends a request until it is answered or ctx ends, and returns what
// follows the answer's header.
func (p *udpProtocol) ask(ctx context.Context, to netip.AddrPort, id uint64, action uint32, body []byte) ([]byte, error) {
	conn, err := p.open()
	if err != nil {
		return nil, err
	}
	x := ticket{to, rand.Uint32()}
	arrived := make(chan arrival, 1)
	p.mu.Lock()
	p.waiting[x] = arrived
	p.mu.Unlock()
	defer func() {
		p.mu.Lock()
		delete(p.waiting, x)
		p.mu.Unlock()
	}()
	packet := binary.BigEndian.AppendUint64(nil, id)
	packet = binary.BigEndian.AppendUint32(packet, action)
	packet = binary.BigEndian.AppendUint32(packet, x.transaction)
	packet = append(packet, body...)
	for wait := firstRetry; ; wait *= 2 {
		if err := p.send(conn, packet, to); err != nil {
			return nil, err
		}
		again := time.NewTimer(wait)
		select {
		case <-ctx.Done():
			again.Stop()
			return nil, ctx.Err()
		case <-again.C:
			continue
		case a := <-arrived:
			again.Stop()
			if a.err != nil {
				return nil, a.err
			}
			in := a.packet
			switch got := binary.BigEndian.Uint32(in); got {
			case action:
				return in[8:], nil
			case actionError:
				return nil, reasonError(bytes.TrimRight(in[8:], "\x00"))
			}
			return nil, garbageError("an answer to something else")
		}
	}
}

// send writes a packet. What a write complains of may be the fate of an earlier
// packet, of which the next write knows nothing.
func (p *udpProtocol) send(conn *net.UDPConn, packet []byte, to netip.AddrPort) (err error) {
	for range 3 {
		if _, err = conn.WriteToUDPAddrPort(packet, to); err == nil || errors.Is(err, net.ErrClosed) {
			break
		}
		p.hearErrors(conn)
	}
	return err
}

// hearErrors tells whoever waits for a tracker that it cannot be reached.
func (p *udpProtocol) hearErrors(conn *net.UDPConn) {
	reported(conn, func(to netip.AddrPort, errno syscall.Errno) {
		switch errno {
		case syscall.ECONNREFUSED, syscall.EHOSTUNREACH, syscall.ENETUNREACH:
		default:
			return // such as a packet too large for a way: the next goes in parts
		}
		p.mu.Lock()
		defer p.mu.Unlock()
		for x, arrived := range p.waiting {
			if x.with == to {
				delete(p.waiting, x)
				arrived <- arrival{err: &net.OpError{Op: "ask", Net: "udp", Addr: net.UDPAddrFromAddrPort(to), Err: errno}}
			}
		}
	})
}

// open returns the socket, and opens it the first time.
func (p *udpProtocol) open() (*net.UDPConn, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.closed {
		return nil, net.ErrClosed
	}
	if p.conn == nil {
		conn, err := net.ListenUDP("udp", nil)
		if err != nil {
			return nil, err
		}
		askForErrors(conn)
		p.conn = conn
		p.reading.Go(func() { p.read(conn) })
	}
	return p.conn, nil
}

// read hands each answer to whoever waits for it, until the socket is closed.
func (p *udpProtocol) read(conn *net.UDPConn) {
	in := make([]byte, maxDatagram)
	for {
		n, from, err := conn.ReadFromUDPAddrPort(in)
		switch {
		case errors.Is(err, net.ErrClosed):
			return
		case err != nil:
			p.hearErrors(conn)
			continue
		case n < 8:
			continue
		}
		from = netip.AddrPortFrom(from.Addr().Unmap(), from.Port())
		x := ticket{from, binary.BigEndian.Uint32(in[4:])}
		p.mu.Lock()
		arrived := p.waiting[x]
		delete(p.waiting, x)
		p.mu.Unlock()
		if arrived != nil {
			arrived <- arrival{packet: bytes.Clone(in[:n])}
		}
	}
}

// close ends the socket and waits for its reader.
func (p *udpProtocol) close() {
	p.mu.Lock()
	p.closed = true
	if p.conn != nil {
		p.conn.Close()
	}
	p.mu.Unlock()
	p.reading.Wait()
}

// packed is the body of an announce by BEP 15, with the URL's path and query by BEP 41.
func (r request) packed() []byte {
	be := binary.BigEndian
	b := append(r.hash[:], r.peerID[:]...)
	for _, v := range []int64{r.progress.Downloaded, r.progress.Left, r.progress.Uploaded} {
		b = be.AppendUint64(b, uint64(v))
	}
	b = be.AppendUint32(b, uint32(r.event))
	b = be.AppendUint32(b, 0) // our address: as the tracker sees it
	b = be.AppendUint32(b, r.key)
	b = be.AppendUint32(b, uint32(r.want))
	b = be.AppendUint16(b, r.port)
	for data := pathAndQuery(r.url); data != ""; {
		n := min(len(data), 255)
		b = append(append(b, urlDataOption, byte(n)), data[:n]...)
		data = data[n:]
	}
	return b
}

func pathAndQuery(u *url.URL) string {
	s := u.EscapedPath()
	if u.RawQuery != "" {
		s += "?" + u.RawQuery
	}
	return s
}
