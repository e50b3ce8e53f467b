package session_test

import (
	"net/netip"
	"testing"

	"swarmtop/swarm"
	"swarmtop/swarm/session"
)

func TestWhoeverWaitsForTheLastSwarmLearnsOfIt(t *testing.T) {
	path, _, meta := asset(t, "last.js", 40<<10, 16<<10)
	ended := make(chan struct{}, 10)
	f := start(t, t.TempDir(), func(c *session.Config) { c.Ended = func() { ended <- struct{}{} } })
	if _, err := f.Add(session.Spec{Torrent: &meta, InfoHash: meta.InfoHash}); err != nil {
		t.Fatal(err)
	}
	if f.AllEnded() {
		t.Error("all have ended, and nothing is here")
	}
	f.FoundPeers(meta.InfoHash, []netip.AddrPort{seeder(t, path, meta)}, swarm.Opt[int]{})
	<-ended
	if !f.AllEnded() {
		t.Error("one has completed and the last has not ended")
	}
}
