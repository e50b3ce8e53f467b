package announce

import (
	"math/rand/v2"
	"time"

	"swarmtop/swarm"
)

// host is a tracker's host and port, shared by all swarms that announce there.
// A host that cannot be reached is backed off from for all of them.
type host struct {
	name     string
	gap      time.Duration // least time between two regular announces of a swarm
	entries  int           // that refer to it
	ready    queue         // due entries that wait for a place
	inFlight int

	proved   bool // it has answered since it last failed
	failures int  // in a row
	failedAt time.Time
	retryAt  time.Time
	since    time.Time // of the first failure in the row
	err      string
}

// free tells whether one more request may be sent now. A failing host gets one
// at a time, so that many swarms do not wait for the same silence. The last of all,
// there is no time to hold anything back from a host that answers.
func (h *host) free(last bool) bool {
	switch {
	case h.failures > 0:
		return h.inFlight == 0
	case !h.proved:
		return h.inFlight < maxUnproved
	}
	return last || h.inFlight < maxPerHost
}

// failed notes a failure of a request that began at start. Requests that were
// already under way at the last failure tell nothing new.
func (h *host) failed(start, now time.Time, err string) (first bool) {
	h.proved, h.err = false, err
	if h.failures > 0 && start.Before(h.failedAt) {
		return false
	}
	if h.failures == 0 {
		h.since = now
	}
	h.failures++
	h.failedAt = now
	h.retryAt = now.Add(backOff(h.failures))
	return h.failures == 1
}

// answered ends a row of failures and returns how long it lasted, 0 if there was none.
func (h *host) answered(now time.Time) (outage time.Duration) {
	if h.failures > 0 {
		outage = max(now.Sub(h.since), 1)
	}
	h.proved, h.failures, h.retryAt, h.err = true, 0, time.Time{}, ""
	return outage
}

// backOff is how long to wait after n failures in a row: doubling, with a fifth of jitter.
func backOff(n int) time.Duration {
	d := longestBackOff
	if n < 10 {
		d = min(d, shortestBackOff<<(n-1))
	}
	return min(longestBackOff, d*4/5+rand.N(d*2/5))
}

// concernsHost tells whether a failure is the host's, and not of one swarm alone.
func concernsHost(r result) bool {
	switch r.outcome {
	case swarm.FailedReason, swarm.FailedBlocked:
		return false
	case swarm.FailedHTTP:
		return r.status >= 500 || r.status == 429
	}
	return r.outcome.Failed()
}

// reached tells whether a failed request may have arrived at the tracker.
func reached(o swarm.Outcome) bool {
	switch o {
	case swarm.FailedDNS, swarm.FailedRefused, swarm.FailedTLS, swarm.FailedBlocked:
		return false
	}
	return true
}

// jitter lengthens an interval by up to a twentieth, so that swarms that began
// together do not come back together.
func jitter(d time.Duration) time.Duration { return d + rand.N(d/20+1) }
