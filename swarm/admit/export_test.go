package admit

import (
	"context"
	"net"
	"net/http"
	"syscall"
)

// ClientDialing is Client with a dialer made of the control that guards it.
func (p Policy) ClientDialing(trust Trust, dial func(control func(network, address string, _ syscall.RawConn) error) func(ctx context.Context, network, address string) (net.Conn, error)) *http.Client {
	return p.client(trust, 0, dial)
}
