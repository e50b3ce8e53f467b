package app

import (
	"testing"

	"swarmtop/swarm"
)

func TestWaitingForCompletionEndsWhenNothingIsOnItsWay(t *testing.T) {
	for _, c := range []struct {
		name   string
		states []swarm.State
		over   bool
		failed bool
	}{
		{"nothing was added", nil, false, false},
		{"one is on its way", []swarm.State{swarm.Complete, swarm.Downloading}, false, false},
		{"one has stalled, but may go on", []swarm.State{swarm.Complete, swarm.Stalled}, false, false},
		{"one has no metadata yet", []swarm.State{swarm.Metadata}, false, false},
		{"all is complete", []swarm.State{swarm.Complete, swarm.Complete}, true, false},
		{"one has failed while another is on its way", []swarm.State{swarm.Failed, swarm.Downloading}, false, true},
		{"one has failed, the others are complete", []swarm.State{swarm.Failed, swarm.Complete}, true, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := &swarm.Snapshot{}
			for _, state := range c.states {
				s.Swarms = append(s.Swarms, swarm.Swarm{Name: "a", State: state, Reason: "no room"})
			}
			over, err := completeIn(s)
			if over != c.over || over && (err != nil) != c.failed {
				t.Errorf("over %t, %v", over, err)
			}
		})
	}
}
