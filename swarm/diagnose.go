package swarm

import "fmt"

// Diagnose judges whether a swarm that is not complete moves, and returns its
// state with what blocks it. It looks at the rates, connections and trackers that
// s has already; dht tells whether the distributed hash table is on. What has
// failed, is complete or has a reason already is returned as it is.
func Diagnose(s *Swarm, dht bool) (State, string) {
	if s.State != Metadata && s.State != Downloading || s.Reason != "" || s.DownRate > 0 {
		return s.State, s.Reason
	}
	if s.Connected > 0 || answering(s.WebSeeds) {
		return blocked(s)
	}
	dht = dht && !s.Private // BEP 27
	asked, failing, refused := 0, (*Tracker)(nil), (*Tracker)(nil)
	for i := range s.Trackers {
		t := &s.Trackers[i]
		switch {
		case t.Healthy(), t.State == Updating && t.LastSuccess.IsKnown():
			return Stalled, "no peers, tracker fine"
		case t.Refused():
			refused = t
		case t.State == Failing || t.FailingSince.IsKnown():
			failing = t
		case t.State != Disabled:
			asked++
		}
	}
	switch {
	case asked > 0:
		return s.State, "asking the tracker"
	case failing != nil && !dht:
		return Stalled, "tracker failing: " + failing.LastError
	case refused != nil && !dht:
		return Stalled, "tracker not asked: " + refused.LastError
	case dht:
		return Stalled, "no peers, looking in the DHT"
	case len(s.Trackers) > 0:
		return Stalled, "no usable tracker, DHT is off"
	case s.Private:
		return Stalled, "no trackers, and a private torrent has no DHT"
	}
	return Stalled, "no trackers, DHT is off"
}

// blocked tells why nothing comes from the peers that are there.
func blocked(s *Swarm) (State, string) {
	if s.State == Metadata {
		return Metadata, "waiting for a peer to send the metadata"
	}
	for i, n := range s.Pieces.Availability {
		if n == 0 && !s.Pieces.Ours.Has(i) {
			return Stalled, fmt.Sprintf("piece %d missing: nobody connected has it", i)
		}
	}
	for i := range s.Peers {
		p := &s.Peers[i]
		if p.WeWant == Yes && p.TheyChoke != Yes {
			return s.State, "asked, waiting for bytes"
		}
	}
	if answering(s.WebSeeds) {
		return s.State, "waiting for the web seed"
	}
	return Stalled, "peers choke us"
}

func answering(seeds []WebSeed) bool {
	for i := range seeds {
		if seeds[i].LastError == "" {
			return true
		}
	}
	return false
}
