package main

import (
	"bytes"
	"errors"
	"fmt"
	"math/rand/v2"
	"time"

	"golang.org/x/sys/unix"
)

// parallel is how many announces are under way at any time.
const parallel = 64

// conn is one of the parallel connections; fd is −1 while there is none.
type conn struct {
	fd    int
	began time.Time
	in    []byte
}

func oneConnectionEach(port int, length time.Duration) ([]time.Duration, error) {
	return overHTTP(port, length, false)
}

func keptConnections(port int, length time.Duration) ([]time.Duration, error) {
	return overHTTP(port, length, true)
}

// overHTTP announces over connections that one thread serves, so that the load
// costs less than the answer.
func overHTTP(port int, length time.Duration, keep bool) ([]time.Duration, error) {
	poll, err := unix.EpollCreate1(0)
	if err != nil {
		return nil, err
	}
	defer unix.Close(poll)
	conns := make([]*conn, parallel)
	for i := range conns {
		conns[i] = &conn{fd: -1, in: make([]byte, 0, 8192)}
		defer func(c *conn) {
			if c.fd >= 0 {
				unix.Close(c.fd)
			}
		}(conns[i])
		if err := conns[i].ask(poll, i, port, keep); err != nil {
			return nil, err
		}
	}
	var took []time.Duration
	events := make([]unix.EpollEvent, parallel)
	for end := time.Now().Add(length); time.Now().Before(end); {
		n, err := unix.EpollWait(poll, events, 1000)
		if err != nil && !errors.Is(err, unix.EINTR) {
			return nil, err
		}
		for _, e := range events[:max(n, 0)] {
			c := conns[e.Fd]
			done, closed, err := c.read()
			if err != nil {
				return nil, err
			}
			if !done && !closed || done && !closed && !keep {
				continue // for the rest, or for the server to close
			}
			if closed {
				unix.Close(c.fd)
				c.fd = -1
			}
			switch {
			case bytes.Contains(c.in, []byte("8:interval")):
				took = append(took, time.Since(c.began))
			case !closed || len(c.in) > 0 || !keep: // a server may not want to keep connections
				return nil, fmt.Errorf("answer %q", c.in)
			}
			if err := c.ask(poll, int(e.Fd), port, keep); err != nil {
				return nil, err
			}
		}
	}
	return took, nil
}

// ask sends an announce, over a new connection if there is none.
func (c *conn) ask(poll, i, port int, keep bool) (err error) {
	c.began = time.Now()
	c.in = c.in[:0]
	if c.fd < 0 {
		if c.fd, err = unix.Socket(unix.AF_INET, unix.SOCK_STREAM|unix.SOCK_NONBLOCK, 0); err != nil {
			return err
		}
		err := unix.Connect(c.fd, &unix.SockaddrInet4{Port: port, Addr: [4]byte{127, 0, 0, 1}})
		if err != nil && !errors.Is(err, unix.EINPROGRESS) {
			return fmt.Errorf("connect: %w", err)
		}
		if err := unix.EpollCtl(poll, unix.EPOLL_CTL_ADD, c.fd, &unix.EpollEvent{Events: unix.EPOLLIN, Fd: int32(i)}); err != nil {
			return err
		}
	}
	// A few hundred bytes always fit. That the server has gone is seen when reading.
	if _, err := unix.Write(c.fd, request(keep)); err != nil && !errors.Is(err, unix.EPIPE) && !errors.Is(err, unix.ECONNRESET) {
		return fmt.Errorf("write: %w", err)
	}
	return nil
}

// read takes what there is. It tells whether the answer is whole and whether the
// server has closed the connection.
func (c *conn) read() (done, closed bool, err error) {
	n, err := unix.Read(c.fd, c.in[len(c.in):cap(c.in)])
	switch {
	case errors.Is(err, unix.EAGAIN):
		return false, false, nil
	case err != nil && !errors.Is(err, unix.ECONNRESET):
		return false, false, fmt.Errorf("read: %w", err)
	case n <= 0:
		return true, true, nil
	}
	c.in = c.in[:len(c.in)+n]
	head, body, ok := bytes.Cut(c.in, []byte("\r\n\r\n"))
	_, size, _ := bytes.Cut(head, []byte("Content-Length: "))
	want := 0
	for _, d := range size {
		if d < '0' || d > '9' {
			break
		}
		want = want*10 + int(d-'0')
	}
	return ok && want > 0 && len(body) >= want, false, nil
}

// requests are made once, since the load shares no time with making them.
var requests = map[bool][][]byte{false: makeRequests("close"), true: makeRequests("keep-alive")}

func request(keep bool) []byte { return requests[keep][rand.IntN(len(requests[keep]))] }

func makeRequests(connection string) (all [][]byte) {
	for range 1 << 14 {
		swarm, peer := rand.IntN(swarms), rand.IntN(peersPerSwarm)
		h := infoHash(swarm)
		left := 1000 * (peer % 2)
		all = append(all, fmt.Appendf(nil, "GET /announce?info_hash=%s&peer_id=%s&port=%d&uploaded=0&downloaded=0&left=%d&compact=1&numwant=50&key=%08X HTTP/1.1\r\n"+
			"Host: 127.0.0.1\r\nUser-Agent: bench/1\r\nAccept-Encoding: gzip\r\nConnection: %s\r\n\r\n",
			escape(h[:]), peerID(peer), 1000+peer, left, peer, connection))
	}
	return all
}

// escape writes every byte as %xx, as clients do; opentracker takes no + for a space.
func escape(b []byte) (s string) {
	for _, c := range b {
		s += fmt.Sprintf("%%%02x", c)
	}
	return s
}

func peerID(peer int) string { return fmt.Sprintf("-BE0001-%012d", peer) }
