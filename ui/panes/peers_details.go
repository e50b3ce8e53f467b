package panes

import (
	"strconv"

	"swarmtop/swarm"
	"swarmtop/theme"
	"swarmtop/ui/draw"
)

// row returns the selected row, or nil.
func (s *Peers) row() *peerRow {
	if !s.chosen || s.index >= len(s.rows) || s.key(s.index) != s.selected {
		return nil
	}
	return s.rows[s.index]
}

// Details implements [Detailer].
func (s *Peers) Details(v View, width int) []string {
	if s.failing {
		return s.failed.details(&v, width)
	}
	s.build(&v)
	r := s.row()
	if r == nil {
		return nil
	}
	d := &sheet{view: &v, width: width}
	if r.seed != nil {
		d.line(0, theme.Title, "Web seed of "+r.swarm.Name)
		d.gap()
		d.webSeed(r.seed)
		return d.lines
	}
	p := r.peer
	d.line(0, theme.Title, "Peer "+r.address())
	d.field("swarm", theme.Text, r.swarm.Name)
	d.field("client", theme.Text, p.Client.Or(""))
	d.gap()
	way := "it connected to us"
	if p.Outgoing {
		way = "we connected to it"
	}
	d.field("connection", theme.Text, way)
	d.field("found by", theme.Text, r.source())
	d.field("encrypted", theme.Text, tristate(p.Encrypted))
	d.ago("connected", p.Connected)
	latency := ""
	if l, ok := p.Latency.Get(); ok {
		latency = draw.Latency(l) + " from a block's request to its arrival"
	}
	d.field("reply", theme.Text, latency)
	d.gap()
	d.field("it sends", theme.Down, draw.Bytes(p.DownRate)+"/s, "+draw.Bytes(p.Downloaded)+" so far; "+flow(p.WeWant, p.TheyChoke, "we want its pieces", "it chokes us"))
	d.field("we send", theme.Up, draw.Bytes(p.UpRate)+"/s, "+draw.Bytes(p.Uploaded)+" so far; "+flow(p.TheyWant, p.WeChoke, "it wants our pieces", "we choke it"))
	if n := &r.swarm.Pieces; n.Count > 0 {
		alone, new := 0, 0
		for i := range n.Count {
			if p.Pieces.Has(i) {
				if least(n.Availability, i, i+1) == 1 {
					alone++
				}
				if !n.Ours.Has(i) {
					new++
				}
			}
		}
		d.gap()
		d.field("has", theme.Text, draw.Count(int64(p.Have))+" of "+plural(n.Count, "piece")+", "+draw.Percent(float64(p.Have)/float64(n.Count)))
		d.field("of them", theme.Text, strconv.Itoa(new)+" that we lack, "+strconv.Itoa(alone)+" that no other peer has")
	}
	return d.lines
}

func tristate(t swarm.Tristate) string {
	switch t {
	case swarm.Yes:
		return "yes"
	case swarm.No:
		return "no"
	}
	return ""
}

// flow says whether bytes are wanted and whether they are held back.
func flow(want, choke swarm.Tristate, wanted, choked string) string {
	switch {
	case want == swarm.Unknown:
		return "whether more is wanted is not known"
	case want == swarm.No:
		return "nothing is wanted"
	case choke == swarm.Yes:
		return wanted + ", but " + choked
	}
	return wanted
}
