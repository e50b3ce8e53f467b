package gateway

import (
	"net"
	"net/http"
	"sync/atomic"
)

// boundConns closes connections of a server beyond a number of them. Clients that
// hold on to theirs then keep others out of this server, and out of no more.
func boundConns(s *http.Server, limit int) {
	var open atomic.Int64
	watched := s.ConnState
	s.ConnState = func(c net.Conn, state http.ConnState) {
		switch state {
		case http.StateNew:
			if open.Add(1) > int64(limit) {
				c.Close()
			}
		case http.StateClosed, http.StateHijacked:
			open.Add(-1)
		}
		watched(c, state)
	}
}
