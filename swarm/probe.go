package swarm

import "time"

// ProbeVerdict is what became of asking a public URL at one address. The order is
// that of urgency.
type ProbeVerdict uint8

// The verdicts of a probe.
const (
	NotProbed        ProbeVerdict = iota // not asked yet, or not to be asked; Reason tells
	ProbeFine                            // the right type, and the right bytes as far as they are known
	ProbeStale                           // the previous release, which caches may still hold
	ProbeAtRisk                          // right, but a cache ignores the query: `?torrent` could poison it
	ProbeUnreachable                     // no answer, or an error status
	ProbeTLS                             // the certificate or the handshake is no good
	ProbeWrongBytes                      // the type is right, the bytes are not
	ProbeWrongType                       // another type than expected
)

var probeVerdictNames = [...]string{"not probed", "fine", "stale", "at risk", "unreachable", "tls", "wrong bytes", "wrong type"}

// String returns the word that the screen and the JSON snapshot use.
func (p ProbeVerdict) String() string { return name(probeVerdictNames[:], p) }

// MarshalText writes the word.
func (p ProbeVerdict) MarshalText() ([]byte, error) { return []byte(p.String()), nil }

// UnmarshalText reads the word.
func (p *ProbeVerdict) UnmarshalText(b []byte) error {
	return parseName(probeVerdictNames[:], string(b), p)
}

// Wrong tells of the verdicts that are an alarm.
func (p ProbeVerdict) Wrong() bool { return p >= ProbeWrongBytes }

// Verdict is what the probe says of the content types of its asset. That nobody
// answered says nothing of types, but wants to be looked at.
func (p ProbeVerdict) Verdict() Verdict {
	switch {
	case p.Wrong():
		return Bad
	case p > ProbeFine:
		return Warning
	case p == ProbeFine:
		return Fine
	}
	return VerdictUnknown
}

// Probe is how a public URL of an asset fares at one address of its host: poison
// sits in single edges of a cache. Text in it has been through [Clean].
type Probe struct {
	InfoHash InfoHash     `json:"info_hash,omitzero"` // all zero when no swarm is known
	URL      string       `json:"url"`
	Address  string       `json:"address"` // host:port that was asked; empty while none is known
	Verdict  ProbeVerdict `json:"verdict"`
	Reason   string       `json:"reason"`  // why it is not fine; empty when it is
	Request  string       `json:"request"` // which of the requests brought the reason

	Status   int    `json:"status"`   // 0 for no answer
	Type     string `json:"type"`     // the Content-Type that came
	Expected string `json:"expected"` // the one that the asset has
	Evidence string `json:"evidence"` // the first bytes that came, printable
	Wanted   string `json:"wanted"`   // the first bytes of the asset, printable; empty while they are not here

	Age          Opt[time.Duration] `json:"age_ms"` // in caches, as they say
	CacheStatus  string             `json:"cache_status"`
	CacheControl string             `json:"cache_control"`
	Server       string             `json:"server"`
	Curl         string             `json:"curl"` // a command that asks the same address again

	Since     time.Time          `json:"since"` // the verdict stands since then
	Count     int                `json:"count"` // rounds in a row that ended so
	At        Opt[time.Time]     `json:"asked_at"`
	Next      Opt[time.Time]     `json:"next_at"`
	LastFine  Opt[time.Time]     `json:"last_fine_at"`
	StaleLeft Opt[time.Duration] `json:"stale_left_ms"` // how long caches may hold the previous release
}

// Publication is a public URL at which an asset is to be found.
type Publication struct {
	URL    string
	Asset  Asset
	Former []FormerRelease // what the URL answered before, the latest first
}

// FormerRelease is an asset whose place at a URL another one took.
type FormerRelease struct {
	Asset Asset
	Until time.Time
}
