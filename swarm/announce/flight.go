package announce

import (
	"errors"
	"fmt"
	"math"
	"time"

	"swarmtop/swarm"
)

// result is how one announce went.
type result struct {
	answer  answer
	outcome swarm.Outcome
	status  int // of HTTP, when the outcome is FailedHTTP
	err     string
	latency time.Duration
	added   int // peers that were new
}

// unknownLeft is announced as left while the size is unknown: large, and small
// enough for trackers that count in 32 bits.
const unknownLeft = math.MaxInt32

// fly sends one announce and notes how it went.
func (a *Announcer) fly(f *flight) {
	defer f.cancel()
	e := f.entry
	p, ok := a.cfg.Swarms.Progress(e.member.hash)
	if !ok || p.Left < 0 {
		p.Left = unknownLeft
	}
	a.mu.Lock()
	req := request{
		raw: e.raw, url: e.url, hash: e.member.hash, peerID: a.cfg.PeerID, port: a.cfg.Port, key: e.member.key,
		event: f.event, progress: p, want: wantPeers, trackerID: e.trackerID,
	}
	a.mu.Unlock()
	if f.event == eventStopped || f.event == eventCompleted {
		req.want = 0 // whoever is complete looks for nobody
	}

	var r result
	var err error
	r.answer, err = e.proto.announce(f.ctx, req)
	r.latency = a.cfg.Now().Sub(f.start)
	r.outcome, r.err = judge(err, r.latency)
	if err != nil {
		r.err += r.answer.retryWords()
	}
	var status *statusError
	if errors.As(err, &status) {
		r.status = status.code
	}
	if err == nil && len(r.answer.peers) > 0 && req.want > 0 {
		r.added = a.cfg.Swarms.FoundPeers(e.member.hash, r.answer.peers, r.answer.leechers)
	}
	a.land(f, r, p)
}

// land notes the result of f and plans what follows.
func (a *Announcer) land(f *flight, r result, p Progress) {
	e, m := f.entry, f.entry.member
	now := a.cfg.Now()
	a.mu.Lock()
	e.flight = nil
	e.host.inFlight--
	a.inFlight--
	if f.doubtful {
		a.doubtful--
	}
	var news *swarm.Event
	if cut := a.quitting && f.event != eventStopped && r.outcome.Failed(); !cut {
		news = a.note(f, r, now)
		e.record(f, r, now)
		if r.outcome.Failed() {
			e.backOff(f, r, now)
		} else {
			e.follow(f, r, p, now)
		}
	}
	a.plan(m, now)
	a.poke()
	a.mu.Unlock()
	if news != nil {
		a.cfg.Log(news.Level, swarm.Clean(news.Text, 2*maxErrorCells))
	}
}

// note tells the host of the result and returns what is worth an event.
func (a *Announcer) note(f *flight, r result, now time.Time) *swarm.Event {
	e := f.entry
	if concernsHost(r) {
		first := e.host.failed(f.start, now, r.err)
		a.hostChanged(e.host, now)
		if !first {
			return nil
		}
		return &swarm.Event{Level: swarm.Warn, Text: fmt.Sprintf("tracker %s fails: %s", e.host.name, r.err)}
	}
	if r.outcome != swarm.FailedBlocked {
		if outage := e.host.answered(now); outage > 0 {
			a.hostChanged(e.host, now)
			return &swarm.Event{Text: fmt.Sprintf("tracker %s answers again after %s", e.host.name, outage.Round(time.Second))}
		}
	}
	if r.outcome.Failed() && !e.failed {
		return &swarm.Event{Level: swarm.Warn, Text: fmt.Sprintf("announce %s… to %s: %s", e.member.hash.Short(), e.host.name, r.err)}
	}
	return nil
}

// hostChanged plans anew for all swarms that announce to h, which began to fail or answers again.
func (a *Announcer) hostChanged(h *host, now time.Time) {
	for _, m := range a.members {
		for e := range m.entries() {
			if e.host == h {
				a.plan(m, now)
				break
			}
		}
	}
}

// backOff sets when a failed tracker may be asked again.
func (e *entry) backOff(f *flight, r result, now time.Time) {
	e.earliest = now.Add(e.host.gap)
	if f.event == eventStarted || !e.member.active {
		e.completing = false // it did not see us start, or we do not wait to tell it
	}
	e.failures++
	switch retry := r.answer.retryIn; {
	case retry > 0:
		e.retryAt = now.Add(min(retry, maxInterval))
	case r.answer.neverRetry:
		e.unwanted = true
	case r.outcome == swarm.FailedBlocked:
		e.retryAt = now.Add(longestBackOff)
	case concernsHost(r):
		e.retryAt = now // the host's own back-off counts
	default:
		e.retryAt = now.Add(backOff(e.failures))
	}
	e.retryAt = latest(e.retryAt, e.earliest)
}

// follow takes over what an answer says.
func (e *entry) follow(f *flight, r result, p Progress, now time.Time) {
	l, ans := e.list, r.answer
	e.failures, e.retryAt = 0, time.Time{}
	if ans.trackerID != "" {
		e.trackerID = ans.trackerID
	}
	switch f.event {
	case eventStopped:
		e.earliest = e.restart
		return
	case eventStarted:
		e.started = true
		e.restart = now.Add(e.host.gap)
	case eventCompleted:
		e.completing = false
	}
	least := clamp(ans.minInterval.Or(0), e.host.gap)
	interval := max(clamp(ans.interval.Or(defaultInterval), e.host.gap), least)
	e.health.Interval = swarm.Known(interval)
	e.health.MinInterval = ans.minInterval
	e.earliest = now.Add(least)

	wait := interval
	alone := len(ans.peers) <= 1 && r.added == 0 // the one may be ourselves
	if alone && p.Left > 0 && ans.minInterval.IsKnown() {
		wait = least
	}
	l.next = now.Add(jitter(wait))
	l.round++
	l.promote(e)
}

// clamp bounds an interval that a tracker asks for.
func clamp(d, least time.Duration) time.Duration { return min(max(d, least), maxInterval) }

// record keeps how f went for the eyes of people.
func (e *entry) record(f *flight, r result, now time.Time) {
	h := &e.health
	if f.event == eventStopped {
		e.started = false
	}
	failed := r.outcome.Failed()
	if h.Streak++; failed != e.failed {
		h.Streak = 1
		if failed && len(h.History) > 0 {
			h.Flaps++
		}
	}
	e.failed = failed
	h.History = append(h.History[max(0, len(h.History)-historyLength+1):], swarm.Announce{At: f.start, Outcome: r.outcome, Latency: r.latency})
	h.LastAnnounce = swarm.Known(f.start)
	if failed {
		h.LastError = r.err
		if !h.FailingSince.IsKnown() {
			h.FailingSince = swarm.Known(now)
		}
		return
	}
	h.FailingSince = swarm.Opt[time.Time]{}
	h.LastSuccess = swarm.Known(now)
	h.Latency = swarm.Known(r.latency)
	h.Warning = swarm.Clean(r.answer.warning, maxErrorCells)
	if f.event == eventStopped {
		return
	}
	h.Seeders, h.Leechers = r.answer.seeders, r.answer.leechers
	h.Peers, h.NewPeers = swarm.Known(len(r.answer.peers)), swarm.Known(r.added)
	h.PeersAll += len(r.answer.peers)
	h.NewAll += r.added
	if ip := r.answer.externalIP; ip.IsValid() {
		h.ExternalIP = ip.String()
	}
}
