package session

import (
	"strings"

	"github.com/anacrolix/torrent"

	"swarmtop/swarm"
)

const clientCells = 40

// clientName returns the name that a peer tells of itself (BEP 10), else what its
// peer id says (BEP 20); unknown if neither says anything.
func clientName(pc *torrent.PeerConn) swarm.Opt[string] {
	if v, _ := pc.PeerClientName.Load().(string); v != "" {
		if name := swarm.Clean(v, clientCells); name != "" {
			return swarm.Known(name)
		}
	}
	return clientOfPeerID(pc.PeerID)
}

// clientOfPeerID reads the convention "-XXvvvv-" of BEP 20.
func clientOfPeerID(id [20]byte) swarm.Opt[string] {
	if id[0] != '-' || id[7] != '-' {
		return swarm.Opt[string]{}
	}
	for _, c := range id[1:7] {
		if !isAlphanumeric(c) {
			return swarm.Opt[string]{}
		}
	}
	name, known := clientNames[string(id[1:3])]
	if !known {
		name = string(id[1:3])
	}
	version := strings.Join(strings.Split(strings.TrimRight(string(id[3:7]), "0"), ""), ".")
	return swarm.Known(strings.TrimSpace(name + " " + version))
}

func isAlphanumeric(c byte) bool {
	return c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z'
}

// clientNames are the codes that are met most.
var clientNames = map[string]string{
	"AZ": "Vuze",
	"BC": "BitComet",
	"BI": "BiglyBT",
	"DE": "Deluge",
	"KT": "KTorrent",
	"LT": "libtorrent",
	"lt": "rTorrent",
	"qB": "qBittorrent",
	"TR": "Transmission",
	"UT": "µTorrent",
	"UM": "µTorrent Mac",
	"WW": "WebTorrent",
	"WD": "WebTorrent Desktop",
	"A2": "aria2",
	"GT": "anacrolix/torrent",
	"sw": "swarmtop",
}
