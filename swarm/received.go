package swarm

// Received is the piece bytes that arrived, by where they came from.
type Received struct {
	Peers  int64 `json:"peers"`
	Origin int64 `json:"origin"` // web seeds (BEP 19)
}

// Plus returns the sum of two amounts.
func (r Received) Plus(o Received) Received { return Received{r.Peers + o.Peers, r.Origin + o.Origin} }

// Minus returns what came since o.
func (r Received) Minus(o Received) Received { return Received{r.Peers - o.Peers, r.Origin - o.Origin} }

// Offload is the share of the bytes that peers spared the origin, 0 to 1; unknown
// while nothing was received.
func (r Received) Offload() Opt[float64] {
	all := r.Peers + r.Origin
	if all <= 0 {
		return Opt[float64]{}
	}
	return Known(float64(r.Peers) / float64(all))
}

// Received returns what arrived since start.
func (s *Swarm) Received() Received {
	r := Received{Peers: s.Downloaded}
	for i := range s.WebSeeds {
		r.Origin += s.WebSeeds[i].Downloaded
	}
	r.Peers -= r.Origin
	return r
}

// Offload is [Received.Offload] over all swarms, since start.
func Offload(swarms []Swarm) Opt[float64] {
	var r Received
	for i := range swarms {
		r = r.Plus(swarms[i].Received())
	}
	return r.Offload()
}
