package gateway

import "sync"

// Close ends the connection, after the answer that is under way here if there is one:
// net/http takes the connection for idle.
func (c *conn) Close() error {
	for {
		switch s := c.state.Load(); s {
		case answering:
			c.gateway.leaving.add(c)
			if c.state.CompareAndSwap(s, leaving) {
				return nil
			}
			c.gateway.leaving.remove(c)
		case leaving:
			return nil
		default:
			if c.state.CompareAndSwap(s, closed) {
				return c.Conn.Close()
			}
		}
	}
}

// leave ends the connection after the last answer here.
func (c *conn) leave() {
	c.state.Store(closed)
	c.Conn.Close()
	c.gateway.leaving.remove(c)
}

// leavers are the connections that end after the answer that is under way.
type leavers struct {
	mu    sync.Mutex
	conns map[*conn]struct{}
	over  bool // their time is
}

func (l *leavers) add(c *conn) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.over {
		c.Conn.Close()
	}
	if l.conns == nil {
		l.conns = map[*conn]struct{}{}
	}
	l.conns[c] = struct{}{}
}

func (l *leavers) remove(c *conn) {
	l.mu.Lock()
	defer l.mu.Unlock()
	delete(l.conns, c)
}

// cut ends those that have not left, and from now on each at once.
func (l *leavers) cut() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.over = true
	for c := range l.conns {
		c.Conn.Close()
	}
}
