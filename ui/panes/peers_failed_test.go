package panes_test

import (
	"strings"
	"testing"

	"swarmtop/swarm"
	"swarmtop/ui/internal/fixture"
	"swarmtop/ui/panes"
)

// TestEveryWayToFailIsExplained goes through all kinds: each has words of its own in
// the list, and says what it means and what comes next when it is looked at.
func TestEveryWayToFailIsExplained(t *testing.T) {
	short := map[string]swarm.Failure{}
	for kind := swarm.DialFailed; kind <= swarm.Dropped; kind++ {
		snap := fixture.Healthy()
		snap.Failed = []swarm.FailedPeer{{
			InfoHash: swarm.Known(snap.Swarms[7].InfoHash), Address: "127.0.0.99:6881",
			Kind: kind, Error: "as it was told", Count: 3, First: fixture.At(), Last: fixture.At(),
		}}
		p := new(panes.Peers)
		p.ToggleFailed()
		v := view(snap, 7, 120, 20)
		row := marked(p.Render(v))
		why, _, _ := strings.Cut(strings.TrimSpace(strings.SplitN(row, "127.0.0.99:6881", 2)[1]), "  ")
		if other, twice := short[why]; twice || why == "" {
			t.Errorf("%v is told as %q, like %v", kind, why, other)
		}
		short[why] = kind
		details := plain(p.Details(v, 80))
		for _, want := range []string{why, "why   ", "then   ", "as it was told", "times        3"} {
			if !strings.Contains(details, want) {
				t.Errorf("%v: %q is not in its details:\n%s", kind, want, details)
			}
		}
	}
}

func TestFailedPeersOfOtherSwarmsAreNotShown(t *testing.T) {
	snap := fixture.Degraded()
	p := new(panes.Peers)
	p.ToggleFailed()
	text := plain(p.Render(view(snap, 0, 120, 20)))
	if !strings.Contains(text, "127.0.0.32:6881") || !strings.Contains(text, "2001:db8::77") || strings.Contains(text, "127.0.0.31") {
		t.Errorf("want the swarm's own and the one whose swarm is not known:\n%s", text)
	}
}
