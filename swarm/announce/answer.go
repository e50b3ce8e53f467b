package announce

import (
	"encoding/binary"
	"errors"
	"math"
	"net/netip"
	"slices"
	"time"

	"swarmtop/swarm"
)

var errNoFields = errors.New("no interval, peers or failure reason in it")

// parseAnswer reads the answer to an announce over HTTP (BEP 3, 7, 23, 24, 31). A
// field of the wrong sort is passed over, except for the peers, without which
// the answer is worth nothing.
func parseAnswer(body []byte) (answer, error) {
	r := &reader{rest: body}
	var a answer
	useful := false
	err := r.dict(func(key []byte) error {
		switch string(key) {
		case "failure reason":
			useful = true
			if a.failure = r.optText(); a.failure == "" {
				a.failure = "no reason given"
			}
		case "warning message":
			a.warning = r.optText()
		case "tracker id":
			a.trackerID = r.optText()
		case "interval":
			a.interval = r.optSeconds()
			useful = useful || a.interval.IsKnown()
		case "min interval":
			a.minInterval = r.optSeconds()
		case "complete":
			a.seeders = r.optCount()
		case "incomplete":
			a.leechers = r.optCount()
		case "external ip":
			a.externalIP = r.optAddr()
		case "retry in":
			return a.retry(r)
		case "peers":
			useful = true
			return a.addPeers(r)
		case "peers6":
			useful = true
			return a.addCompact(r, 16)
		default:
			return r.skip(0)
		}
		return r.err
	})
	if err == nil && !useful {
		err = errNoFields
	}
	return a, err
}

// retry reads `retry in` (BEP 31): minutes, or "never".
func (a *answer) retry(r *reader) error {
	if r.kind() == '0' {
		s, err := r.text()
		a.neverRetry = string(s) == "never"
		return err
	}
	if n, ok := r.optNumber(); ok && n > 0 {
		a.retryIn = time.Duration(min(n, int64(maxInterval/time.Minute))) * time.Minute
	}
	return r.err
}

// addPeers reads `peers`, compact (BEP 23) or a list of dictionaries (BEP 3).
func (a *answer) addPeers(r *reader) error {
	if r.kind() == '0' {
		return a.addCompact(r, 4)
	}
	return r.list(func() error {
		var ip netip.Addr
		var port int64
		err := r.dict(func(key []byte) error {
			switch {
			case string(key) == "ip" && r.kind() == '0':
				s, err := r.text()
				if err == nil && len(s) <= 64 {
					ip, _ = netip.ParseAddr(string(s)) // a name is passed over
				}
				return err
			case string(key) == "port" && r.kind() == 'i':
				var err error
				port, err = r.number()
				return err
			}
			return r.skip(0)
		})
		if port > 0 && port <= math.MaxUint16 {
			a.addPeer(ip, uint16(port))
		}
		return err
	})
}

// addCompact reads addresses of size bytes, each with a port of two.
func (a *answer) addCompact(r *reader, size int) error {
	s, err := r.text()
	if err == nil && len(s)%(size+2) != 0 {
		err = errors.New("peers of a broken length")
	}
	if err != nil {
		return err
	}
	a.addPacked(s, size)
	return nil
}

func (a *answer) addPacked(s []byte, size int) {
	for ; len(s) >= size+2 && len(a.peers) < maxPeersTaken; s = s[size+2:] {
		ip, _ := netip.AddrFromSlice(s[:size])
		a.addPeer(ip, binary.BigEndian.Uint16(s[size:]))
	}
}

// addPeer keeps an address that a peer can have, once.
func (a *answer) addPeer(ip netip.Addr, port uint16) {
	ip = ip.Unmap()
	if !ip.IsValid() || ip.IsUnspecified() || ip.IsMulticast() || ip.Zone() != "" || port == 0 || len(a.peers) >= maxPeersTaken {
		return
	}
	if p := netip.AddrPortFrom(ip, port); !slices.Contains(a.peers, p) {
		a.peers = append(a.peers, p)
	}
}

func (r *reader) optText() string {
	if r.kind() != '0' {
		r.err = r.skip(0)
		return ""
	}
	s, err := r.text()
	r.err = err
	return string(s[:min(len(s), 4*maxErrorCells)])
}

// optAddr reads an address of 4 or 16 bytes.
func (r *reader) optAddr() netip.Addr {
	if r.kind() != '0' {
		r.err = r.skip(0)
		return netip.Addr{}
	}
	s, err := r.text()
	r.err = err
	ip, _ := netip.AddrFromSlice(s)
	return ip.Unmap()
}

func (r *reader) optNumber() (n int64, ok bool) {
	if r.kind() != 'i' {
		r.err = r.skip(0)
		return 0, false
	}
	n, r.err = r.number()
	return n, r.err == nil
}

func (r *reader) optSeconds() (d swarm.Opt[time.Duration]) {
	if n, ok := r.optNumber(); ok {
		n = min(max(n, 0), int64(maxInterval/time.Second))
		d = swarm.Known(time.Duration(n) * time.Second)
	}
	return d
}

func (r *reader) optCount() (c swarm.Opt[int]) {
	if n, ok := r.optNumber(); ok && n >= 0 {
		c = swarm.Known(int(min(n, math.MaxInt32)))
	}
	return c
}
