package swarm

// Discovery is a way other than trackers by which a swarm finds peers.
type Discovery struct {
	Source    Source `json:"source"`    // FromDHT, FromPEX or FromLSD
	Off       string `json:"off"`       // why it is off; empty while it is on
	Peers     int    `json:"peers"`     // connections that it has brought since start
	Connected int    `json:"connected"` // of them, those that still are
}
