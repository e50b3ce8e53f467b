package swarm

import (
	"time"
)

// Snapshot is everything that swarmtop knows at one moment, and all that its
// screen draws. Once published it is never changed. Its JSON form is described
// in .github/SNAPSHOT.md.
type Snapshot struct {
	Version uint64    `json:"-"` // grows by one with each snapshot
	At      time.Time `json:"at"`
	Started time.Time `json:"started_at"`
	Demo    bool      `json:"demo"`
	Gateway string    `json:"gateway"` // base URL, without a slash at the end; empty while it does not listen
	Tracker string    `json:"tracker"` // announce URL of the embedded tracker; empty while it does not listen

	UploadLimit Opt[int64] `json:"upload_limit"` // bytes a second to all peers together; unknown while there is none

	Totals    Totals         `json:"totals"`
	Responses Responses      `json:"responses"`
	Probes    []Probe        `json:"probes"` // of public URLs, by URL and address
	Swarms    []Swarm        `json:"swarms"`
	Failed    []FailedPeer   `json:"failed_peers"` // the latest first, bounded
	Sources   []SourceHealth `json:"sources"`

	History     History   `json:"-"`
	LongHistory []History `json:"-"` // the same in coarser steps, back to 24 h
	Events      []Event   `json:"-"` // oldest first, bounded
}

// Totals are the sums over all swarms.
type Totals struct {
	Swarms   int `json:"swarms"`
	Complete int `json:"complete"`
	Seeding  int `json:"seeding"` // swarms whose switch is on and that have something to give
	Peers    int `json:"peers"`   // connections

	Transfer

	Received       Received     `json:"received"`        // since start
	ReceivedMinute Received     `json:"received_minute"` // in the last minute
	Offload        Opt[float64] `json:"offload"`         // of Received
	OffloadMinute  Opt[float64] `json:"offload_minute"`  // of ReceivedMinute

	Types    Verdict `json:"types"`    // of the content types
	Trackers Verdict `json:"trackers"` // bad when a swarm has no working tracker
}

// Sum returns the totals over swarms. The verdict of types beyond the swarms' own
// is left to the caller, who knows the gateway.
func Sum(swarms []Swarm) Totals {
	t := Totals{Swarms: len(swarms)}
	for i := range swarms {
		s := &swarms[i]
		if s.State == Complete {
			t.Complete++
		}
		if s.Seeding && s.Done > 0 {
			t.Seeding++
		}
		t.Peers += s.Connected
		t.Transfer = t.Transfer.Plus(s.Transfer)
		t.Received = t.Received.Plus(s.Received())
		t.ReceivedMinute = t.ReceivedMinute.Plus(s.ReceivedMinute)
		t.Types = t.Types.Worst(s.Verdict)
		t.Trackers = t.Trackers.Worst(s.TrackerVerdict)
	}
	t.Offload, t.OffloadMinute = t.Received.Offload(), t.ReceivedMinute.Offload()
	return t
}

// Swarm returns the swarm with the info hash, or nil.
func (s *Snapshot) Swarm(h InfoHash) *Swarm {
	for i := range s.Swarms { // a Swarm is too large to be handed by value to a function
		if s.Swarms[i].InfoHash == h {
			return &s.Swarms[i]
		}
	}
	return nil
}

// SourceHealth tells how one of the monitor's sources fares. A source that fails
// keeps its last good part in the snapshot, which is then as old as Good tells.
type SourceHealth struct {
	Name     string        `json:"name"` // session, trackers, gateway, probe
	Good     time.Time     `json:"good_at"`
	Duration time.Duration `json:"-"` // of its last sampling
	Error    string        `json:"error"`
}

// Stale tells whether the last sampling failed.
func (h SourceHealth) Stale() bool { return h.Error != "" }

// History holds the total rates of the last minutes, one point a second, oldest first.
type History struct {
	Step time.Duration
	Down []int64 // bytes a second; −1 where nothing was measured
	Up   []int64 // the same length as Down
}

// Level tells how much an event wants attention.
type Level uint8

// The levels of an event.
const (
	Info Level = iota
	Warn
	Error
)

var levelNames = [...]string{"info", "warn", "error"}

// String returns the word that the event log shows.
func (l Level) String() string { return name(levelNames[:], l) }

// Event is one line of the event log. Text has been through [Clean].
type Event struct {
	At    time.Time
	Level Level
	Text  string
}
