package swarm_test

import (
	"testing"

	"swarmtop/swarm"
)

func TestOffloadIsTheShareThatPeersSparedTheOrigin(t *testing.T) {
	s := swarm.Swarm{Transfer: swarm.Transfer{Downloaded: 100}, WebSeeds: []swarm.WebSeed{{Downloaded: 20}, {Downloaded: 5}},
		ReceivedMinute: swarm.Received{Peers: 30, Origin: 10}}
	if got := s.Received(); got != (swarm.Received{Peers: 75, Origin: 25}) {
		t.Errorf("received %+v", got)
	}
	if (swarm.Received{}).Offload().IsKnown() {
		t.Error("the offload of nothing is known")
	}
	idle := swarm.Swarm{}
	sum := swarm.Sum([]swarm.Swarm{s, idle, s})
	if sum.Received != (swarm.Received{Peers: 150, Origin: 50}) || sum.ReceivedMinute != (swarm.Received{Peers: 60, Origin: 20}) {
		t.Errorf("sums %+v", sum)
	}
	if sum.Offload != swarm.Known(0.75) || sum.OffloadMinute != swarm.Known(0.75) {
		t.Errorf("offload %v, in a minute %v", sum.Offload, sum.OffloadMinute)
	}
	if sum.Received.Minus(s.Received()) != s.Received() {
		t.Error("a sum less its part is not the other part")
	}
}
