package tracker

import "swarmtop/swarm"

// members are the peers of one swarm. What is handed out lies side by side, so
// that some can be picked without looking elsewhere.
type members struct {
	hash              swarm.InfoHash
	seeders, leechers []member
	completed         int
}

type member struct {
	found
	peer *peer
}

func (w *members) counts() counts {
	return counts{len(w.seeders), len(w.leechers), w.completed}
}

func (w *members) list(p *peer) *[]member {
	if p.seeder {
		return &w.seeders
	}
	return &w.leechers
}

// of is the member that a peer is.
func (w *members) of(p *peer) *member { return &(*w.list(p))[p.place] }

func (w *members) add(m member) {
	l := w.list(m.peer)
	m.peer.place = len(*l)
	*l = append(*l, m)
}

// remove takes a peer out; the last of its list takes its place.
func (w *members) remove(p *peer) member {
	l := w.list(p)
	last := len(*l) - 1
	m := (*l)[p.place]
	(*l)[p.place] = (*l)[last]
	(*l)[p.place].peer.place = p.place
	(*l)[last] = member{}
	*l = (*l)[:last]
	if c := cap(*l); c > 16 && last < c/4 { // give back what a crowd left behind
		*l = append(make([]member, 0, c/2), *l...)
	}
	return m
}
