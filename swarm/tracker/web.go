package tracker

import (
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"strconv"
	"sync"
	"time"
)

const (
	maxConns     = 1024             // that are served at once; a quarter more are told to come later
	maxHead      = 8 << 10          // bytes of a request
	headPatience = 5 * time.Second  // for the first request on a connection
	keepPatience = 30 * time.Second // for each further one, and the waiting for it
	busyPatience = time.Second
	partPatience = 500 * time.Millisecond
)

// answerFunc appends the answer to a request for target to out. It may use peers.
type answerFunc func(out []byte, peers []found, target string, from netip.Addr) (answer []byte, contentType string, status int)

// web serves announces over HTTP/1.x: requests without a body, mostly one for a
// connection, and answers of some hundred bytes, at a third of what net/http costs.
type web struct {
	listener     net.Listener
	answer, busy answerFunc // what is said within the limit and beyond
	limit        int        // connections served at once
	exchanges    sync.Pool  // of *exchange
	served       sync.WaitGroup

	mu    sync.Mutex
	conns map[net.Conn]struct{} // nil once closed
}

// exchange holds the buffers of one connection.
type exchange struct {
	in, out, body []byte
	peers         []found
}

func newWeb(l net.Listener, answer, busy answerFunc) *web {
	w := &web{listener: l, answer: answer, busy: busy, limit: maxConns, conns: make(map[net.Conn]struct{})}
	w.exchanges.New = func() any {
		return &exchange{in: make([]byte, maxHead), peers: make([]found, 0, maxWant)}
	}
	return w
}

// serve accepts connections until close, and returns when all of them are done.
func (w *web) serve() error {
	defer w.served.Wait()
	for pause := time.Duration(0); ; {
		c, err := w.listener.Accept()
		switch {
		case err == nil:
			pause = 0
			w.take(c)
		case w.isClosed():
			return nil
		case errors.Is(err, net.ErrClosed):
			return fmt.Errorf("serve announces over HTTP: %w", err)
		default: // out of descriptors, or the client is gone already
			pause = min(max(2*pause, 5*time.Millisecond), time.Second)
			<-time.After(pause)
		}
	}
}

func (w *web) take(c net.Conn) {
	w.mu.Lock()
	n := len(w.conns)
	if w.conns == nil || n >= w.limit+max(w.limit/4, 1) {
		w.mu.Unlock()
		c.Close()
		return
	}
	w.conns[c] = struct{}{}
	w.mu.Unlock()
	w.served.Add(1)
	if n < w.limit {
		go w.converse(c, w.answer, headPatience)
	} else {
		go w.converse(c, w.busy, busyPatience)
	}
}

func (w *web) done(c net.Conn) {
	c.Close()
	w.mu.Lock()
	delete(w.conns, c)
	w.mu.Unlock()
	w.served.Done()
}

func (w *web) isClosed() bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.conns == nil
}

// crowded tells whether connections had better not be kept.
func (w *web) crowded() bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return len(w.conns) > w.limit/2
}

// close ends all connections.
func (w *web) close() {
	w.mu.Lock()
	conns := w.conns
	w.conns = nil
	w.mu.Unlock()
	w.listener.Close()
	for c := range conns {
		c.Close()
	}
}

// converse answers the requests that come over c.
func (w *web) converse(c net.Conn, answer answerFunc, patience time.Duration) {
	defer w.done(c)
	x := w.exchanges.Get().(*exchange)
	defer w.exchanges.Put(x)
	client := c.RemoteAddr().(*net.TCPAddr).AddrPort().Addr().Unmap().WithZone("")
	for have := 0; ; patience = keepPatience {
		_ = c.SetDeadline(time.Now().Add(patience))
		r, size, status := parseRequest(x.in[:have])
		for size == 0 && status == 0 {
			if have == len(x.in) {
				status = http.StatusRequestHeaderFieldsTooLarge
				break
			}
			n, err := c.Read(x.in[have:])
			if err != nil {
				return
			}
			have += n
			r, size, status = parseRequest(x.in[:have])
		}
		if status != 0 {
			x.out = append(appendHead(x.out[:0], status, textPlain, 0), "Connection: close\r\n\r\n"...)
			_, _ = c.Write(x.out)
			part(c)
			return
		}
		var contentType string
		x.body, contentType, status = answer(x.body[:0], x.peers, r.target, client)
		x.out = appendHead(x.out[:0], status, contentType, len(x.body))
		keep := r.persist && !w.crowded()
		switch {
		case !keep:
			x.out = append(x.out, "Connection: close\r\n\r\n"...)
		case r.http10:
			x.out = append(x.out, "Connection: keep-alive\r\n\r\n"...)
		default:
			x.out = append(x.out, "\r\n"...)
		}
		if !r.head {
			x.out = append(x.out, x.body...)
		}
		if _, err := c.Write(x.out); err != nil || !keep {
			return
		}
		have = copy(x.in, x.in[size:have])
	}
}

// appendHead writes the status line and the fields that every answer has.
func appendHead(b []byte, status int, contentType string, length int) []byte {
	b = strconv.AppendInt(append(b, "HTTP/1.1 "...), int64(status), 10)
	b = append(append(b, ' '), http.StatusText(status)...)
	b = time.Now().UTC().AppendFormat(append(b, "\r\nDate: "...), http.TimeFormat)
	b = append(append(b, "\r\nContent-Type: "...), contentType...)
	b = strconv.AppendInt(append(b, "\r\nContent-Length: "...), int64(length), 10)
	b = append(b, "\r\nCache-Control: no-store\r\n"...)
	if status == http.StatusMethodNotAllowed {
		b = append(b, "Allow: GET, HEAD\r\n"...)
	}
	return b
}

// part gives a client the time to read a last answer: closing a connection with
// bytes that nobody has read would take the answer back.
func part(c net.Conn) {
	if half, ok := c.(interface{ CloseWrite() error }); !ok || half.CloseWrite() != nil {
		return
	}
	_ = c.SetDeadline(time.Now().Add(partPatience))
	_, _ = io.Copy(io.Discard, io.LimitReader(c, 1<<20))
}
