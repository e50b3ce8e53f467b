package swarm

import "time"

// Source tells how a peer was found.
type Source uint8

// The ways in which a peer is found; the zero value is SourceUnknown.
const (
	SourceUnknown Source = iota
	FromTracker
	FromDHT
	FromPEX
	FromLSD
	FromUser // named in a magnet or by hand
	Incoming // it found us
)

var sourceNames = [...]string{"unknown", "tracker", "dht", "pex", "lsd", "user", "incoming"}

// String returns the word that the screen and the JSON snapshot use.
func (s Source) String() string { return name(sourceNames[:], s) }

// MarshalText writes the word.
func (s Source) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// UnmarshalText reads the word.
func (s *Source) UnmarshalText(b []byte) error { return parseName(sourceNames[:], string(b), s) }

// PeerKey identifies one connection for as long as the process runs.
type PeerKey uint64

// Peer is one connection of a swarm. Text in it has been through [Clean].
type Peer struct {
	Key     PeerKey     `json:"-"`
	Address string      `json:"address"` // host:port as seen from here
	Client  Opt[string] `json:"client"`  // name and version as the peer tells it, else from its peer id
	Source  Source      `json:"source"`

	Outgoing  bool     `json:"outgoing"`  // we dialled it
	Encrypted Tristate `json:"encrypted"` // message stream encryption

	WeChoke   Tristate `json:"we_choke"`   // we do not send to it now
	WeWant    Tristate `json:"we_want"`    // it has pieces that we are interested in
	TheyChoke Tristate `json:"they_choke"` // it does not send to us now
	TheyWant  Tristate `json:"they_want"`  // we have pieces that it is interested in

	Have   int      `json:"have"` // pieces it has
	Pieces Bitfield `json:"-"`

	DownRate   int64 `json:"down_rate"`  // bytes a second that it sends to us
	UpRate     int64 `json:"up_rate"`    // bytes a second that we send to it
	Downloaded int64 `json:"downloaded"` // piece bytes from it on this connection
	Uploaded   int64 `json:"uploaded"`   // piece bytes to it on this connection

	Latency   Opt[time.Duration] `json:"latency_ms"` // from a block's request to its arrival, smoothed
	Connected time.Time          `json:"connected_at"`
}

// WebSeed is an HTTP source of a swarm's bytes (BEP 19).
type WebSeed struct {
	URL        string `json:"url"`
	DownRate   int64  `json:"down_rate"`  // bytes a second
	Downloaded int64  `json:"downloaded"` // piece bytes since start
	LastError  string `json:"last_error"`
}

// Transfer is an amount of piece bytes and the rates at which they move now.
type Transfer struct {
	DownRate   int64 `json:"down_rate"` // bytes a second
	UpRate     int64 `json:"up_rate"`   // bytes a second
	Downloaded int64 `json:"downloaded"`
	Uploaded   int64 `json:"uploaded"`
}

// Plus returns the sum of two transfers.
func (t Transfer) Plus(o Transfer) Transfer {
	return Transfer{
		DownRate:   t.DownRate + o.DownRate,
		UpRate:     t.UpRate + o.UpRate,
		Downloaded: t.Downloaded + o.Downloaded,
		Uploaded:   t.Uploaded + o.Uploaded,
	}
}
