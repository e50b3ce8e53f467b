//go:build !linux || !(amd64 || arm64)

package tracker

import (
	"net"
	"syscall"
)

// acceptor takes connections, each for a goroutine to serve.
type acceptor struct{ listener net.Listener }

func deferAccept(_, _ string, _ syscall.RawConn) error { return nil }

// newAcceptor takes l over.
func newAcceptor(l net.Listener) (*acceptor, error) { return &acceptor{l}, nil }

func (a *acceptor) close() { a.listener.Close() }

// accept waits for a connection and has w serve it.
func (a *acceptor) accept(w *web) error {
	c, err := a.listener.Accept()
	if err == nil {
		w.take(c, nil, nil)
	}
	return err
}
