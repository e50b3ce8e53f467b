package app

import (
	"context"
	"fmt"
	"time"

	"swarmtop/swarm"
)

// AwaitComplete returns once there are swarms and each of them is complete or at rest,
// and the reason of one that has failed once none is still on its way. It returns nil when
// ctx ends before.
func (a *App) AwaitComplete(ctx context.Context) error {
	wake, cancel := a.monitor.Subscribe()
	defer cancel()
	a.monitor.Refresh()
	for began := time.Now(); ; {
		// A snapshot begun before may lack what was added last.
		if s := a.monitor.Latest(); !s.At.Before(began) {
			if over, err := completeIn(s); over {
				return err
			}
		}
		select {
		case <-ctx.Done():
			return nil
		case <-wake:
		case <-a.ended:
			if a.session.AllEnded() {
				a.monitor.Refresh()
			}
		}
	}
}

// completeIn tells whether no swarm of a snapshot is on its way, and of one that failed.
func completeIn(s *swarm.Snapshot) (over bool, err error) {
	for i := range s.Swarms {
		switch sw := &s.Swarms[i]; {
		case sw.State == swarm.Failed:
			err = fmt.Errorf("%s did not complete: %s", sw.Name, sw.Reason)
		case sw.State != swarm.Complete && !sw.Resting:
			return false, nil
		}
	}
	return len(s.Swarms) > 0, err
}
