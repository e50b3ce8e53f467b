package torture

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/netip"
	"sync"
	"time"

	"github.com/anacrolix/torrent/bencode"

	"swarmtop/swarm"
)

// hostile is a connection to a session, of a peer that speaks the protocol by hand.
type hostile struct {
	conn net.Conn
	in   *bufio.Reader
	data []byte // what the swarm's bytes are; nil where nobody knows
	info []byte // the info dictionary that it hands out; nil for none
	ask  func(index, begin, length int) []byte
	ids  map[string]int // the session's extension messages (BEP 10)

	pong  chan struct{} // capacity one: the answer to ping came
	ended chan struct{} // closed when the session has closed the connection
	err   error         // a wrong byte that came; read it after ended

	mu sync.Mutex // guards writes
}

// ours is the extension message by which the session answers requests for metadata.
const ours = 3

// somewhere is an address of this machine: bans are by address.
func somewhere(r *rand.Rand) *net.TCPAddr {
	return &net.TCPAddr{IP: net.IPv4(127, byte(1+r.IntN(250)), byte(r.Uint32()), byte(1+r.IntN(250)))}
}

// attack connects from an address and shakes hands.
func attack(to netip.AddrPort, from *net.TCPAddr, h swarm.InfoHash, data, info []byte, ask func(index, begin, length int) []byte) (*hostile, error) {
	d := net.Dialer{LocalAddr: from, Timeout: patience}
	conn, err := d.Dial("tcp", to.String())
	if err != nil {
		return nil, err
	}
	conn.(*net.TCPConn).SetLinger(0) // thousands of these come and go
	p := &hostile{conn: conn, in: bufio.NewReaderSize(conn, 64<<10), data: data, info: info, ask: ask,
		pong: make(chan struct{}, 1), ended: make(chan struct{})}
	if err := p.shake(h); err != nil {
		conn.Close()
		return nil, err
	}
	go func() {
		defer close(p.ended)
		p.err = p.read()
	}()
	return p, nil
}

// shake exchanges the handshakes of BEP 3 and BEP 10.
func (p *hostile) shake(h swarm.InfoHash) error {
	p.conn.SetDeadline(time.Now().Add(patience))
	hello := append([]byte("\x13BitTorrent protocol"), 0, 0, 0, 0, 0, 0x10, 0, 5)
	hello = append(hello, h[:]...)
	hello = fmt.Appendf(hello, "-XX0000-%012d", rand.Uint64()%1e12)
	size := len(p.info)
	hello = append(hello, extended(0, dict{"m": dict{"ut_metadata": ours, "ut_pex": 1}, "metadata_size": size, "v": "XX", "reqq": 2000})...)
	if _, err := p.conn.Write(hello); err != nil {
		return err
	}
	if _, err := io.ReadFull(p.in, make([]byte, 68)); err != nil {
		return err
	}
	for p.ids == nil {
		id, body, err := p.next()
		if err != nil {
			return err
		}
		p.learn(id, body)
	}
	return nil
}

func (p *hostile) learn(id byte, body []byte) {
	var d struct {
		M map[string]int `bencode:"m"`
	}
	if id == mExtended && len(body) > 0 && body[0] == 0 && bencode.Unmarshal(body[1:], &d) == nil {
		p.ids = d.M
	}
}

// next reads one message.
func (p *hostile) next() (id byte, body []byte, err error) {
	for {
		var length [4]byte
		if _, err := io.ReadFull(p.in, length[:]); err != nil {
			return 0, nil, err
		}
		n := binary.BigEndian.Uint32(length[:])
		if n == 0 {
			continue
		}
		body := make([]byte, n)
		if _, err := io.ReadFull(p.in, body); err != nil {
			return 0, nil, err
		}
		return body[0], body[1:], nil
	}
}

// read takes what the session sends until it has had enough, and returns an error
// if any byte of it is wrong.
func (p *hostile) read() error {
	for {
		id, body, err := p.next()
		if err != nil {
			return nil
		}
		switch {
		case id == mPiece && p.data != nil:
			begin := int(binary.BigEndian.Uint32(body))*p.pieceLength() + int(binary.BigEndian.Uint32(body[4:]))
			if b := body[8:]; begin+len(b) > len(p.data) || !bytes.Equal(p.data[begin:begin+len(b)], b) {
				return fmt.Errorf("%d wrong bytes at %d", len(b), begin)
			}
		case id == mRequest && p.ask != nil && len(body) == 12:
			if b := p.ask(int(binary.BigEndian.Uint32(body)), int(binary.BigEndian.Uint32(body[4:])), int(binary.BigEndian.Uint32(body[8:]))); b != nil {
				p.write(b)
			}
		case id == mExtended && len(body) > 0 && body[0] != 0: // by whatever number this peer has asked for
			p.metadata(body[1:])
		}
	}
}

// pieceLength is that of every swarm whose bytes are compared.
func (p *hostile) pieceLength() int { return 32 << 10 }

// metadata answers requests for the info dictionary, and takes an answer (BEP 9).
func (p *hostile) metadata(body []byte) {
	var m struct {
		Type  int `bencode:"msg_type"`
		Piece int `bencode:"piece"`
	}
	var unused bencode.ErrUnusedTrailingBytes
	if err := bencode.Unmarshal(body, &m); err != nil && !errors.As(err, &unused) {
		return
	}
	if m.Type != 0 {
		select {
		case p.pong <- struct{}{}:
		default:
		}
		return
	}
	if from := m.Piece << 14; p.info != nil && from < len(p.info) && from >= 0 {
		b := p.info[from:min(from+1<<14, len(p.info))]
		p.write(extended(byte(p.ids["ut_metadata"]), dict{"msg_type": 1, "piece": m.Piece, "total_size": len(p.info)}, b...))
	}
}

func (p *hostile) write(b []byte) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.conn.SetDeadline(time.Now().Add(patience))
	_, err := p.conn.Write(b)
	return err
}

// errSilent may be a peer's own fault, who has told the session not to answer.
var errSilent = errors.New("the session neither answers nor closes the connection")

// ping asks for the info dictionary and waits until the session answers, which it
// does when it has read all before; false means that it closed the connection. Where
// a half message swallows the question, zeros fill it up, and are keep-alives then.
func (p *hostile) ping() (bool, error) {
	question := extended(byte(p.ids["ut_metadata"]), dict{"msg_type": 0, "piece": 0})
	select {
	case <-p.pong: // of another request
	default:
	}
	again := time.NewTicker(silence / 30)
	defer again.Stop()
	for limit := time.Now().Add(silence); time.Now().Before(limit); question = append(make([]byte, maxMessage), question...) {
		if p.write(question) != nil {
			return false, nil
		}
		select {
		case <-p.pong:
			return true, nil
		case <-p.ended:
			return false, p.err
		case <-again.C:
		}
	}
	return false, errSilent
}

// silence is how long a session may take to answer.
const silence = 10 * time.Second

// maxMessage is as long as a message can be, in bytes.
const maxMessage = 64 << 10

// close ends the connection and returns an error if a wrong byte came over it.
func (p *hostile) close() error {
	p.conn.Close()
	<-p.ended
	return p.err
}
