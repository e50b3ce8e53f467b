package swarm

import (
	"slices"
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

	Totals    Totals         `json:"totals"`
	Responses Responses      `json:"responses"`
	Swarms    []Swarm        `json:"swarms"`
	Sources   []SourceHealth `json:"sources"`

	History History `json:"-"`
	Events  []Event `json:"-"` // oldest first, bounded
}

// Totals are the sums over all swarms.
type Totals struct {
	Swarms   int `json:"swarms"`
	Complete int `json:"complete"`
	Seeding  int `json:"seeding"` // swarms whose switch is on and that have something to give
	Peers    int `json:"peers"`   // connections

	Transfer

	Offload  Opt[float64] `json:"offload"`  // 1 − origin bytes ÷ all bytes that were received; 0 to 1
	Types    Verdict      `json:"types"`    // of the content types
	Trackers Verdict      `json:"trackers"` // bad when a swarm has no working tracker
}

// Sum returns the totals over swarms. Offload and the verdict of types beyond the
// swarms' own are left to the caller, who knows the gateway.
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
		t.Types = t.Types.Worst(s.Verdict)
		t.Trackers = t.Trackers.Worst(s.TrackerVerdict)
	}
	return t
}

// Swarm returns the swarm with the info hash, or nil.
func (s *Snapshot) Swarm(h InfoHash) *Swarm {
	i := slices.IndexFunc(s.Swarms, func(w Swarm) bool { return w.InfoHash == h })
	if i < 0 {
		return nil
	}
	return &s.Swarms[i]
}

// SourceHealth tells how one of the monitor's sources fares. A source that fails
// keeps its last good part in the snapshot, which is then as old as Good tells.
type SourceHealth struct {
	Name     string        `json:"name"` // session, trackers, gateway, tracker
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

// Offload is the share of all received bytes that peers spared the origin: 1 −
// web seeds' bytes ÷ all bytes. Unknown while nothing was received.
func Offload(swarms []Swarm) Opt[float64] {
	var origin, all int64
	for i := range swarms {
		all += swarms[i].Downloaded
		for j := range swarms[i].WebSeeds {
			origin += swarms[i].WebSeeds[j].Downloaded
		}
	}
	if all == 0 {
		return Opt[float64]{}
	}
	return Known(1 - float64(origin)/float64(all))
}
