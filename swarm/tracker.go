package swarm

import "time"

// TrackerState is where one tracker of one swarm stands.
type TrackerState uint8

// The states of a tracker.
const (
	NeverTried   TrackerState = iota
	Updating                  // an announce is under way
	Working                   // the last announce was answered
	TrackerWarns              // answered, with a warning message
	Failing                   // the last announce failed
	Disabled                  // not asked: nothing is missing and seeding is off, or see [Tracker.Refused]
)

var trackerStateNames = [...]string{"never tried", "updating", "working", "warning", "failing", "disabled"}

// String returns the word that the screen and the JSON snapshot use.
func (s TrackerState) String() string { return name(trackerStateNames[:], s) }

// MarshalText writes the word.
func (s TrackerState) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// UnmarshalText reads the word.
func (s *TrackerState) UnmarshalText(b []byte) error {
	return parseName(trackerStateNames[:], string(b), s)
}

// Outcome is how one announce went.
type Outcome uint8

// The outcomes. Everything from FailedDNS on is a failure, each of its own kind.
const (
	AnswerOK Outcome = iota
	AnswerSlow
	FailedDNS
	FailedRefused
	FailedTimeout
	FailedTLS
	FailedHTTP    // an HTTP status other than 200
	FailedReason  // the tracker answered with a failure reason
	FailedGarbage // the answer cannot be read
	FailedBlocked // the address is not allowed (see swarm/admit)
	FailedOther
)

var outcomeNames = [...]string{"ok", "slow", "dns", "refused", "timeout", "tls", "http", "failure reason", "garbage", "blocked", "other"}

// String returns the word that the screen and the JSON snapshot use.
func (o Outcome) String() string { return name(outcomeNames[:], o) }

// Failed tells whether the announce brought no answer that counts.
func (o Outcome) Failed() bool { return o >= FailedDNS }

// MarshalText writes the word.
func (o Outcome) MarshalText() ([]byte, error) { return []byte(o.String()), nil }

// UnmarshalText reads the word.
func (o *Outcome) UnmarshalText(b []byte) error { return parseName(outcomeNames[:], string(b), o) }

// Announce is one entry of a tracker's history.
type Announce struct {
	At      time.Time     `json:"at"`
	Outcome Outcome       `json:"outcome"`
	Latency time.Duration `json:"-"` // until the answer or the failure
}

// Tracker is one tracker of one swarm (BEP 3, BEP 12). Text in it has been through [Clean].
type Tracker struct {
	URL   string       `json:"url"`
	Own   bool         `json:"own"`  // of this machine's user: announced to on its own, outside the tiers
	Tier  int          `json:"tier"` // of the torrent, from 0; 0 for an own one
	State TrackerState `json:"state"`

	Seeders   Opt[int] `json:"seeders"`   // as the tracker counts them
	Leechers  Opt[int] `json:"leechers"`  // as the tracker counts them
	Downloads Opt[int] `json:"downloads"` // completed ones, as the tracker counts them (BEP 48)
	Peers     Opt[int] `json:"peers"`     // addresses in the last answer
	NewPeers  Opt[int] `json:"new_peers"`
	PeersAll  int      `json:"peers_all"`     // addresses in all answers since start
	NewAll    int      `json:"new_peers_all"` // of them, those that were new to the swarm

	Latency    Opt[time.Duration] `json:"latency_ms"`     // of the last answered announce
	LatencyP50 Opt[time.Duration] `json:"latency_p50_ms"` // over the history
	LatencyP95 Opt[time.Duration] `json:"latency_p95_ms"` // over the history
	History    []Announce         `json:"history"`        // oldest first, at most 60

	LastAnnounce Opt[time.Time]     `json:"last_announce"`
	LastSuccess  Opt[time.Time]     `json:"last_success"`
	NextAnnounce Opt[time.Time]     `json:"next_announce"`
	FailingSince Opt[time.Time]     `json:"failing_since"`
	Interval     Opt[time.Duration] `json:"interval_ms"`
	MinInterval  Opt[time.Duration] `json:"min_interval_ms"`
	Streak       int                `json:"streak"`     // announces since the last change between answered and failed
	Flaps        int                `json:"flaps"`      // how often it began to fail after it had answered
	LastError    string             `json:"last_error"` // in full; kept after recovery
	Warning      string             `json:"warning"`

	LastScrape  Opt[time.Time] `json:"last_scrape"`  // that was answered (BEP 48)
	ScrapeError string         `json:"scrape_error"` // of the last scrape; empty if it was answered
	ExternalIP  string         `json:"external_ip"`  // our address as the tracker sees it (BEP 24); empty for unknown
}

// Healthy tells whether the tracker answers.
func (t *Tracker) Healthy() bool { return t.State == Working || t.State == TrackerWarns }

// Refused tells whether the tracker is not asked because it may not be: its
// address is not allowed or not understood, or it wants no more announces (BEP
// 31). LastError says which.
func (t *Tracker) Refused() bool { return t.State == Disabled && t.FailingSince.IsKnown() }

// TrackersVerdict judges a swarm's trackers together: fine while any of them
// works, bad when all that were tried fail or are refused, unknown when there is
// none or none was tried. One dead tracker beside a working one is no reason for alarm.
func TrackersVerdict(trackers []Tracker) Verdict {
	failing, warning := false, false
	for i := range trackers {
		t := &trackers[i]
		switch {
		case t.State == Working, t.State == Updating && t.LastSuccess.IsKnown() && !t.FailingSince.IsKnown():
			return Fine
		case t.State == TrackerWarns:
			warning = true
		case t.FailingSince.IsKnown() || t.State == Failing:
			failing = true
		}
	}
	switch {
	case warning:
		return Warning
	case failing:
		return Bad
	}
	return VerdictUnknown
}
