package session

import (
	"fmt"
	"slices"

	"swarmtop/swarm"
	"swarmtop/swarm/admit"
)

// readmit passes the URLs of a record through the gate once more: its file may have
// been changed by somebody else, and the rules by the user, since they came.
func (s *Session) readmit(r *record) {
	inside := admit.Given
	if r.Foreign {
		inside = admit.Foreign
	}
	keep := func(urls []string, admitted func(string, admit.Trust) (string, error)) []string {
		return slices.DeleteFunc(slices.Clone(urls), func(u string) bool {
			trust := inside
			if slices.Contains(r.Typed, u) {
				trust = admit.Typed
			}
			_, err := admitted(u, trust)
			if err != nil {
				s.cfg.Log(swarm.Warn, fmt.Sprintf("resume %s: %v", r.InfoHash.Short(), err))
			}
			return err != nil
		})
	}
	var tiers [][]string
	for _, tier := range r.Trackers {
		if kept := keep(tier, s.cfg.Policy.TrackerURL); len(kept) > 0 {
			tiers = append(tiers, kept)
		}
	}
	r.Trackers, r.WebSeeds = tiers, keep(r.WebSeeds, s.cfg.Policy.WebSeedURL)
}
