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
//
// What has come with its connection and is the only request there is answered by
// whoever accepts, where the system allows that; a goroutine serves the others.
type web struct {
	acceptor     *acceptor
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

func newExchange() *exchange {
	return &exchange{in: make([]byte, maxHead), peers: make([]found, 0, maxWant)}
}

func newWeb(a *acceptor, answer, busy answerFunc) *web {
	w := &web{acceptor: a, answer: answer, busy: busy, limit: maxConns, conns: make(map[net.Conn]struct{})}
	w.exchanges.New = func() any { return newExchange() }
	return w
}

// serve accepts connections until close, and returns when all of them are done.
func (w *web) serve() error {
	defer w.served.Wait()
	for pause := time.Duration(0); ; {
		err := w.acceptor.accept(w)
		switch {
		case err == nil:
			pause = 0
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

// take serves a connection in a goroutine, of which in was read already, and to
// which out, the end of a last answer, is still to be written.
func (w *web) take(c net.Conn, in, out []byte) {
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
	switch {
	case len(out) > 0:
		go w.finish(c, out)
	case n < w.limit:
		go w.converse(c, in, w.answer, headPatience)
	default:
		go w.converse(c, in, w.busy, busyPatience)
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
	w.acceptor.close()
	for c := range conns {
		c.Close()
	}
}

// finish writes the end of a last answer.
func (w *web) finish(c net.Conn, out []byte) {
	defer w.done(c)
	_ = c.SetDeadline(time.Now().Add(headPatience))
	_, _ = c.Write(out)
}

// converse answers the requests that come over c, of which in has come already.
func (w *web) converse(c net.Conn, in []byte, answer answerFunc, patience time.Duration) {
	defer w.done(c)
	x := w.exchanges.Get().(*exchange)
	defer w.exchanges.Put(x)
	client := c.RemoteAddr().(*net.TCPAddr).AddrPort().Addr().Unmap().WithZone("")
	for have := copy(x.in, in); ; patience = keepPatience {
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
		keep := r.persist && !w.crowded()
		x.respond(&r, answer, client, keep)
		if _, err := c.Write(x.out); err != nil || !keep {
			return
		}
		have = copy(x.in, x.in[size:have])
	}
}

// respond makes the whole answer to a request.
func (x *exchange) respond(r *request, answer answerFunc, client netip.Addr, keep bool) {
	body, contentType, status := answer(x.body[:0], x.peers, r.target, client)
	x.body = body
	x.out = appendHead(x.out[:0], status, contentType, len(body))
	switch {
	case !keep:
		x.out = append(x.out, "Connection: close\r\n\r\n"...)
	case r.http10:
		x.out = append(x.out, "Connection: keep-alive\r\n\r\n"...)
	default:
		x.out = append(x.out, "\r\n"...)
	}
	if !r.head {
		x.out = append(x.out, body...)
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
