package config

import (
	"fmt"
	"net"
	"net/netip"
	"strconv"
	"strings"
)

// Edges parses the values of --resolve, HOST:PORT:ADDR with an IPv6 address in
// brackets or without, into addresses by host:port.
func Edges(values []string) (map[string][]netip.Addr, error) {
	edges := map[string][]netip.Addr{}
	for _, v := range values {
		host, rest, _ := strings.Cut(v, ":")
		port, addrText, _ := strings.Cut(rest, ":")
		addr, err := netip.ParseAddr(strings.Trim(addrText, "[]"))
		if _, portErr := strconv.ParseUint(port, 10, 16); err != nil || portErr != nil || host == "" {
			return nil, fmt.Errorf("--resolve %q: not of the form HOST:PORT:ADDR", v)
		}
		key := net.JoinHostPort(strings.ToLower(host), port)
		edges[key] = append(edges[key], addr)
	}
	return edges, nil
}
