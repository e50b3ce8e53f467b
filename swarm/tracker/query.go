package tracker

import (
	"bytes"
	"errors"
	"fmt"
	"net/netip"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"swarmtop/swarm"
)

// parseAnnounce reads the query of an announce that came from an address (BEP 3, 7, 23).
// Its errors are fit to be failure reasons.
func parseAnnounce(query string, from netip.Addr) (announce, style, error) {
	a := announce{want: defaultWant}
	var s style
	var hash, id bool
	var port uint64
	err := eachParameter(query, func(name, value string) (err error) {
		switch name {
		case "info_hash":
			if hash {
				return errors.New("more than one info_hash")
			}
			hash = true
			a.hash, err = parseHash(value)
		case "peer_id":
			id = true
			if len(value) != len(a.peerID) {
				return fmt.Errorf("peer_id has %d bytes, want 20", len(value))
			}
			copy(a.peerID[:], value)
		case "port":
			if port, err = strconv.ParseUint(value, 10, 16); err != nil || port == 0 {
				return errors.New("port is not a number from 1 to 65535")
			}
		case "left":
			a.seeder = value == "0"
		case "event":
			a.event = parseEvent(value)
		case "numwant":
			if n, err := strconv.Atoi(value); err == nil && n >= 0 {
				a.want = min(n, maxWant)
			}
		case "key":
			a.key = keyOf(value)
		case "compact":
			s.dictionaries = value == "0"
		case "no_peer_id":
			s.noPeerID = value == "1"
		case "ip":
			if ip, err := netip.ParseAddr(value); err == nil {
				from = claimed(ip, from)
			}
		}
		return err
	})
	switch {
	case err != nil:
	case !hash:
		err = errors.New("info_hash is missing")
	case !id:
		err = errors.New("peer_id is missing")
	case port == 0:
		err = errors.New("port is missing")
	}
	a.addr = netip.AddrPortFrom(from, uint16(port))
	if a.event == eventStopped {
		a.want = 0
	}
	return a, s, err
}

// keyOf is the number that is kept of a key; 0 for none (FNV-1a).
func keyOf(value string) uint64 {
	if value == "" {
		return 0
	}
	h := uint64(14695981039346656037)
	for i := range len(value) {
		h = (h ^ uint64(value[i])) * 1099511628211
	}
	return h
}

func parseEvent(s string) event {
	switch s {
	case "completed":
		return eventCompleted
	case "started":
		return eventStarted
	case "stopped":
		return eventStopped
	}
	return eventNone
}

// claimed is the address that a client says it has, which counts only for
// clients of this machine and its networks: anybody else could name a victim.
func claimed(ip, from netip.Addr) netip.Addr {
	ip = ip.Unmap()
	if !isLocal(from) || ip.Zone() != "" || !ip.IsGlobalUnicast() && !ip.IsLoopback() {
		return from
	}
	return ip
}

func isLocal(ip netip.Addr) bool { return ip.IsLoopback() || ip.IsPrivate() }

// parseScrape reads the info hashes of a scrape (BEP 48), sorted and once each.
func parseScrape(query string) ([]swarm.InfoHash, error) {
	var hashes []swarm.InfoHash
	err := eachParameter(query, func(name, value string) error {
		if name != "info_hash" {
			return nil
		}
		h, err := parseHash(value)
		hashes = append(hashes, h)
		return err
	})
	switch {
	case err != nil:
		return nil, err
	case len(hashes) == 0:
		return nil, errors.New("info_hash is missing: this tracker does not list its swarms")
	}
	slices.SortFunc(hashes, func(x, y swarm.InfoHash) int { return bytes.Compare(x[:], y[:]) })
	return slices.Compact(hashes), nil
}

func parseHash(value string) (h swarm.InfoHash, err error) {
	if len(value) != len(h) {
		return h, fmt.Errorf("info_hash has %d bytes, want 20", len(value))
	}
	copy(h[:], value)
	return h, nil
}

// eachParameter calls f for each parameter of a query until one fails.
func eachParameter(query string, f func(name, value string) error) error {
	for query != "" {
		var pair string
		pair, query, _ = strings.Cut(query, "&")
		name, value, _ := strings.Cut(pair, "=")
		value, err := url.QueryUnescape(value)
		if err != nil {
			return fmt.Errorf("the value of %.20q is not percent-encoded", name)
		}
		if err := f(name, value); err != nil {
			return err
		}
	}
	return nil
}
