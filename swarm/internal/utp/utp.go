// Package utp stands in for github.com/anacrolix/go-utp, which the torrent
// library imports and which the public module proxy does not serve. It offers
// the names that the library uses and always answers [ErrUnavailable]; swarmtop
// runs with uTP (BEP 29) switched off and speaks TCP, which is also the faster
// of the two on the links that it is made for.
//
// Delete this module, and its replace line in go.mod, as soon as the real one
// resolves again.
package utp

import (
	"context"
	"errors"
	"log/slog"
	"net"
)

// Default names the implementation in error messages.
const Default = "none"

// ErrUnavailable is the answer to every attempt to open a uTP socket.
var ErrUnavailable = errors.New("uTP unavailable in this build")

// Option configures a socket; the stand-in has nothing to configure.
type Option func()

// WithLogger is accepted and ignored.
func WithLogger(*slog.Logger) Option { return func() {} }

// FirewallCallback tells whether a connection from addr is to be refused.
type FirewallCallback func(addr net.Addr) bool

// Socket is the interface that the torrent library expects of a uTP socket.
type Socket interface {
	net.PacketConn
	Accept() (net.Conn, error)
	Addr() net.Addr
	DialContext(ctx context.Context, network, addr string) (net.Conn, error)
	SetFirewallCallback(FirewallCallback)
}

// NewSocket always returns [ErrUnavailable].
func NewSocket(network, addr string, _ ...Option) (Socket, error) {
	return nil, ErrUnavailable
}

// NewSocketFromPacketConn always returns [ErrUnavailable]; it does not close the connection.
func NewSocketFromPacketConn(net.PacketConn, ...Option) (Socket, error) {
	return nil, ErrUnavailable
}
