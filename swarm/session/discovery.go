package session

import (
	"slices"

	"swarmtop/swarm"
)

// brought counts the connections that each way of finding peers other than
// trackers has brought to a swarm. The collector owns it.
type brought struct {
	dht, pex, lsd int
}

func (b *brought) add(s swarm.Source) {
	if n := b.of(s); n != nil {
		*n++
	}
}

func (b *brought) of(s swarm.Source) *int {
	switch s {
	case swarm.FromDHT:
		return &b.dht
	case swarm.FromPEX:
		return &b.pex
	case swarm.FromLSD:
		return &b.lsd
	}
	return nil
}

// discovery tells how a swarm finds peers beside its trackers. The slice is the
// one of the last sample as long as nothing has changed.
func (e *entry) discovery(s *Session, out *swarm.Swarm) []swarm.Discovery {
	rows := [...]swarm.Discovery{
		{Source: swarm.FromDHT, Off: off(s.cfg.DHT, "--dht turns it on")},
		{Source: swarm.FromPEX, Off: off(!s.cfg.NoPEX, "not in the demo")},
		{Source: swarm.FromLSD, Off: off(s.cfg.LSD, "--lsd turns it on")},
	}
	for i := range rows {
		r := &rows[i]
		if out.Private {
			r.Off = "private torrent (BEP 27)"
		}
		r.Peers = *e.brought.of(r.Source)
		for k := range out.Peers {
			if out.Peers[k].Source == r.Source {
				r.Connected++
			}
		}
	}
	if !slices.Equal(e.ways, rows[:]) {
		e.ways = slices.Clone(rows[:])
	}
	return e.ways
}

// off is why a way is off: nothing while it is on.
func off(on bool, why string) string {
	if on {
		return ""
	}
	return why
}
