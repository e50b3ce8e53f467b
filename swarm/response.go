package swarm

import "time"

// Origin tells where the bytes of a response came from.
type Origin uint8

// The origins of a response's bytes.
const (
	FromNowhere  Origin = iota // an error or a redirect of our own
	FromBlob                   // a finished asset, verified
	FromSwarm                  // pieces fetched from peers for this request
	FromWebSeed                // pieces fetched from a web seed for this request
	FromMetainfo               // a .torrent file
	FromPage                   // a page of the gateway itself
)

var originNames = [...]string{"–", "blob", "swarm", "web seed", "metainfo", "page"}

// String returns the word that the screen and the JSON snapshot use.
func (o Origin) String() string { return name(originNames[:], o) }

// MarshalText writes the word.
func (o Origin) MarshalText() ([]byte, error) { return []byte(o.String()), nil }

// UnmarshalText reads the word.
func (o *Origin) UnmarshalText(b []byte) error { return parseName(originNames[:], string(b), o) }

// Response is one HTTP response of the gateway. Text in it has been through [Clean].
type Response struct {
	Seq      uint64        `json:"seq"` // counts from 1 and never repeats
	At       time.Time     `json:"at"`
	Client   string        `json:"client"` // host:port
	Method   string        `json:"method"`
	Path     string        `json:"path"`
	Range    string        `json:"range"`    // as it was asked for; empty for none
	Status   int           `json:"status"`   // 499 when the client left before there was an answer
	Type     string        `json:"type"`     // the Content-Type that was answered
	Expected string        `json:"expected"` // the type that this path ought to answer; empty where none is known
	Bytes    int64         `json:"bytes"`    // of the body, as written
	Duration time.Duration `json:"-"`        // to the last byte
	Origin   Origin        `json:"origin"`
	Verdict  Verdict       `json:"verdict"`
	Evidence string        `json:"evidence"` // the first bytes, when the verdict is bad
	InfoHash InfoHash      `json:"info_hash,omitzero"`

	FirstByte Opt[time.Duration] `json:"first_byte_ms"` // to the first byte; unknown when none left
}

// TypeTotal sums the responses of one content type.
type TypeTotal struct {
	Type  string `json:"type"`
	Count int64  `json:"count"`
	Bytes int64  `json:"bytes"`
	Wrong int64  `json:"wrong"` // of them, those with a bad verdict
}

// StatusTotal sums the responses of one status.
type StatusTotal struct {
	Status int   `json:"status"`
	Count  int64 `json:"count"`
	Bytes  int64 `json:"bytes"`
}

// Responses tells what the gateway has answered since start.
type Responses struct {
	Count    int64         `json:"count"`
	Bytes    int64         `json:"bytes"`
	Wrong    int64         `json:"wrong"`     // responses with a bad verdict
	Errors   int64         `json:"errors"`    // status 400 and above
	ByType   []TypeTotal   `json:"by_type"`   // most responses first
	ByStatus []StatusTotal `json:"by_status"` // lowest status first
	Tail     []Response    `json:"tail"`      // the latest, oldest first
	Verdict  Verdict       `json:"verdict"`   // bad as long as an asset answers a wrong type

	// Half and nineteen in twenty of the responses in Tail took at most this long, to
	// the last byte.
	P50 Opt[time.Duration] `json:"p50_ms"`
	P95 Opt[time.Duration] `json:"p95_ms"`
}
