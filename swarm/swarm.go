// Package swarm is the vocabulary of swarmtop: the snapshot that every screen,
// report and test reads, and the arithmetic on its parts. It holds values only:
// no input or output, no clock, no dependency.
//
// Sizes are bytes, rates are bytes a second, times are wall-clock times of this
// machine. What is unknown is an [Opt] or a [Tristate] and never a zero.
package swarm

import "time"

// State is where a swarm stands.
type State uint8

// The states of a swarm.
const (
	Metadata    State = iota // the info dictionary is still to come (BEP 9)
	Downloading              // some pieces are missing
	Complete                 // every piece is here and verified
	Stalled                  // pieces are missing and nothing moves; Reason tells why
	Failed                   // it cannot go on; Reason tells why
)

var stateNames = [...]string{"metadata", "downloading", "complete", "stalled", "failed"}

// String returns the word that the screen and the JSON snapshot use.
func (s State) String() string { return name(stateNames[:], s) }

// MarshalText writes the word.
func (s State) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// UnmarshalText reads the word.
func (s *State) UnmarshalText(b []byte) error { return parseName(stateNames[:], string(b), s) }

// Swarm is one torrent that swarmtop takes part in: the row of the Swarms pane
// and what the other panes show of it.
type Swarm struct {
	InfoHash InfoHash `json:"info_hash"`
	Name     string   `json:"name"`
	Widget   string   `json:"widget"` // the assets that belong together share one; empty for none

	Size    Opt[int64] `json:"size"` // bytes; unknown until the metadata is here
	Done    int64      `json:"done"` // bytes of it that are here and verified
	State   State      `json:"state"`
	Reason  string     `json:"reason"` // what blocks it, empty while it moves or is complete
	Private bool       `json:"private"`

	Seeding   bool         `json:"seeding"`   // the switch: uploads are allowed
	Resting   bool         `json:"resting"`   // its manifest names it no more: nothing is sent, fetched or announced
	Connected int          `json:"connected"` // peers, web seeds not counted
	Copies    Opt[float64] `json:"copies"`    // distributed copies that a downloader can reach: connected peers, web seeds, and ours while seeding

	// Transfer is the sum of Peers, WebSeeds and Gone.
	Transfer
	Gone Transfer `json:"gone"` // connections that have ended

	ReceivedMinute Received `json:"received_minute"` // in the last minute
	Recent         Recent   `json:"-"`               // what moved in the last minutes
	Crowd          Crowd    `json:"-"`               // known of the swarms that have had peers, of not too many

	Verdict        Verdict `json:"verdict"` // of its content types: that of Judged
	Judged         Judged  `json:"judged"`
	TrackerVerdict Verdict `json:"tracker_verdict"` // fine while any tier works

	Pieces    Pieces      `json:"pieces"`
	Peers     []Peer      `json:"peers"`
	Trackers  []Tracker   `json:"trackers"`
	Discovery []Discovery `json:"discovery"` // beside the trackers
	WebSeeds  []WebSeed   `json:"web_seeds"`
	Files     []File      `json:"files"`

	Added     time.Time      `json:"added_at"`
	Completed Opt[time.Time] `json:"completed_at"`
	Created   Opt[time.Time] `json:"created_at"` // as its metainfo says
}

// Ratio is uploaded ÷ downloaded bytes since start; unknown while nothing was
// downloaded, as for an asset that this machine published.
func (s *Swarm) Ratio() Opt[float64] {
	if s.Downloaded == 0 {
		return Opt[float64]{}
	}
	return Known(float64(s.Uploaded) / float64(s.Downloaded))
}

// DoneShare is the verified share of the swarm's bytes, 0 to 1; unknown until the size is known.
func (s *Swarm) DoneShare() Opt[float64] {
	size, ok := s.Size.Get()
	switch {
	case !ok:
		return Opt[float64]{}
	case size == 0:
		return Known(1.0)
	}
	return Known(float64(s.Done) / float64(size))
}

// File is one file of a swarm, in the order of its metainfo.
type File struct {
	Path        string `json:"path"` // begins with the torrent's name; parts joined by "/"
	Size        int64  `json:"size"`
	ContentType string `json:"content_type"` // as the gateway answers it
	URLPath     string `json:"url_path"`     // where the gateway serves it, escaped: the alias if it has one
}

// Asset is one file of a swarm as the gateway serves it.
type Asset struct {
	InfoHash    InfoHash
	Index       int    // of the file in its metainfo
	Path        string // begins with the torrent's name; parts joined by "/"; raw, not cleaned
	Offset      int64  // of its first byte in the torrent
	Size        int64
	Widget      string
	ContentType string // declared in the manifest; empty for none
	Alias       string // its own URL path, begins with "/"; empty for none
	Published   bool   // the bytes come from this machine's owner
	Trusted     bool   // called so in the manifest: its pages run without a sandbox
	Complete    bool   // every piece of it is here and verified
}
