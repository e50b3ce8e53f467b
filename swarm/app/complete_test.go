package app

import (
	"testing"

	"swarmtop/swarm"
)

func TestWaitingForCompletionEndsWhenNothingIsOnItsWay(t *testing.T) {
	for _, c := range []struct {
		name   string
		states []swarm.State
		rests  bool // the last of them does
		over   bool
		failed bool
	}{
		{"nothing was added", nil, false, false, false},
		{"one is on its way", []swarm.State{swarm.Complete, swarm.Downloading}, false, false, false},
		{"one has stalled, but may go on", []swarm.State{swarm.Complete, swarm.Stalled}, false, false, false},
		{"one has no metadata yet", []swarm.State{swarm.Metadata}, false, false, false},
		{"all is complete", []swarm.State{swarm.Complete, swarm.Complete}, false, true, false},
		{"one is at rest, the others are complete", []swarm.State{swarm.Complete, swarm.Stalled}, true, true, false},
		{"one is at rest while another is on its way", []swarm.State{swarm.Downloading, swarm.Stalled}, true, false, false},
		{"one has failed while another is on its way", []swarm.State{swarm.Failed, swarm.Downloading}, false, false, true},
		{"one has failed, the others are complete", []swarm.State{swarm.Failed, swarm.Complete}, false, true, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := &swarm.Snapshot{}
			for i, state := range c.states {
				s.Swarms = append(s.Swarms, swarm.Swarm{Name: "a", State: state, Reason: "no room", Resting: c.rests && i == len(c.states)-1})
			}
			over, err := completeIn(s)
			if over != c.over || over && (err != nil) != c.failed {
				t.Errorf("over %t, %v", over, err)
			}
		})
	}
}
