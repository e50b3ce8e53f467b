package session

import (
	"fmt"
	"net"
	"net/netip"
	"strconv"

	"github.com/anacrolix/dht/v2"
	"github.com/anacrolix/torrent"
)

// startDHT joins the distributed hash table (BEP 5) over UDP on the port at which we
// listen for peers. The library would do so only on a uTP socket, which there is none of.
func (s *Session) startDHT(host string, c *torrent.ClientConfig) error {
	if ip, err := netip.ParseAddr(host); err == nil && ip.IsUnspecified() {
		host = "" // each family has a socket of its own
	}
	var failed error
	for _, network := range []string{"udp4", "udp6"} {
		if network == "udp4" && c.DisableIPv4 || network == "udp6" && c.DisableIPv6 {
			continue
		}
		conn, err := net.ListenPacket(network, net.JoinHostPort(host, strconv.Itoa(int(s.port))))
		if err != nil {
			failed = fmt.Errorf("listen for the DHT: %w", err)
			continue
		}
		server, err := s.client.NewAnacrolixDhtServer(conn)
		if err != nil {
			conn.Close()
			failed = fmt.Errorf("join the DHT: %w", err)
			continue
		}
		s.client.AddDhtServer(torrent.AnacrolixDhtServerWrapper{Server: server})
		s.dht = append(s.dht, server)
	}
	if len(s.dht) > 0 { // a machine without IPv6 is fine
		return nil
	}
	return failed
}

func (s *Session) stopDHT() {
	for _, server := range s.dht {
		server.Close()
	}
}

// dhtNodes returns where the search of the table begins.
func (s *Session) dhtNodes(network string) dht.StartingNodesGetter {
	return func() ([]dht.Addr, error) {
		if s.cfg.DHTNodes == nil {
			return dht.GlobalBootstrapAddrs(network)
		}
		var all []dht.Addr
		for _, n := range s.cfg.DHTNodes {
			all = append(all, dht.NewAddr(net.UDPAddrFromAddrPort(n)))
		}
		return all, nil
	}
}
