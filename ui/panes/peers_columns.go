package panes

import (
	"cmp"
	"strconv"
	"strings"

	"swarmtop/swarm"
	"swarmtop/theme"
	"swarmtop/ui/draw"
)

// Flag is one letter of the flags of a peer, and what it means.
type Flag struct{ Letter, Meaning string }

// Flags explains the letters of the Peers pane, which stand in four places.
func Flags() []Flag {
	return []Flag{
		{"D", "we want its pieces and it sends them"},
		{"d", "we want its pieces, but it chokes us"},
		{"U", "it wants our pieces and we send them"},
		{"u", "it wants our pieces, but we choke it"},
		{"I", "incoming: it connected to us"},
		{"O", "outgoing: we connected to it"},
		{"E", "encrypted"},
		{"W", "web seed, asked over HTTP"},
		{"·", "no"},
		{draw.Unknown, "not known"},
	}
}

func peerColumns() []draw.Column[*peerRow] {
	type row = *peerRow
	peerRate := func(r row, peer func(*swarm.Peer) int64, seed func(*swarm.WebSeed) int64) int64 {
		if r.peer != nil {
			return peer(r.peer)
		}
		return seed(r.seed)
	}
	down := func(r row) int64 {
		return peerRate(r, func(p *swarm.Peer) int64 { return p.DownRate }, func(s *swarm.WebSeed) int64 { return s.DownRate })
	}
	up := func(r row) int64 {
		return peerRate(r, func(p *swarm.Peer) int64 { return p.UpRate }, func(*swarm.WebSeed) int64 { return 0 })
	}
	came := func(r row) int64 {
		return peerRate(r, func(p *swarm.Peer) int64 { return p.Downloaded }, func(s *swarm.WebSeed) int64 { return s.Downloaded })
	}
	went := func(r row) int64 {
		return peerRate(r, func(p *swarm.Peer) int64 { return p.Uploaded }, func(*swarm.WebSeed) int64 { return 0 })
	}
	return []draw.Column[row]{
		{Title: "address", Width: 15, Grow: 3, Draw: func(p *draw.Page, r row) { p.PutAddress(theme.Text, bare(r.address())) },
			Compare: func(a, b row) int { return compareAddress(a, b) }},
		{Title: "client", Width: 12, Grow: 4, Drop: 2, Draw: drawClient,
			Compare: func(a, b row) int { return strings.Compare(a.client(), b.client()) }},
		{Title: "flags", Width: 5, Drop: 7, Draw: drawFlags},
		{Title: "have", Right: true, Width: 5, Drop: 1, Draw: func(p *draw.Page, r row) {
			switch {
			case r.seed != nil || r.swarm.Pieces.Count == 0:
				putUnknown(p)
			default:
				p.PutCount(quietZero(theme.Text, int64(r.peer.Have)), int64(r.peer.Have))
			}
		}, Compare: func(a, b row) int { return cmp.Compare(a.have(), b.have()) }},
		{Width: 4, Max: 14, Grow: 1, Drop: 9, Draw: func(p *draw.Page, r row) {
			if r.peer == nil || r.swarm.Pieces.Count == 0 {
				return
			}
			tok := theme.Accent
			if r.peer.Have >= r.swarm.Pieces.Count {
				tok = theme.Good
			}
			p.Bar(tok, float64(r.peer.Have)/float64(r.swarm.Pieces.Count))
		}},
		{Title: "↓/s", Right: true, Width: draw.BytesWidth, Drop: 3,
			Draw:    func(p *draw.Page, r row) { putRate(p, theme.Down, down(r)) },
			Compare: func(a, b row) int { return cmp.Compare(down(a), down(b)) }},
		{Title: "↑/s", Right: true, Width: draw.BytesWidth, Drop: 4,
			Draw: func(p *draw.Page, r row) {
				if r.seed != nil {
					p.PutBytes(theme.Muted, -1)
					return
				}
				putRate(p, theme.Up, up(r))
			},
			Compare: func(a, b row) int { return cmp.Compare(up(a), up(b)) }},
		{Title: "came", Right: true, Width: draw.BytesWidth, Drop: 12,
			Draw:    func(p *draw.Page, r row) { p.PutBytes(quietZero(theme.Muted, came(r)), came(r)) },
			Compare: func(a, b row) int { return cmp.Compare(came(a), came(b)) }},
		{Title: "went", Right: true, Width: draw.BytesWidth, Drop: 11,
			Draw: func(p *draw.Page, r row) {
				if r.seed != nil {
					p.PutBytes(theme.Muted, -1)
					return
				}
				p.PutBytes(quietZero(theme.Muted, went(r)), went(r))
			},
			Compare: func(a, b row) int { return cmp.Compare(went(a), went(b)) }},
		{Title: "source", Width: 8, Drop: 8, Draw: func(p *draw.Page, r row) { p.Put(theme.Muted, r.source()) },
			Compare: func(a, b row) int { return strings.Compare(a.source(), b.source()) }},
		{Title: "reply", Right: true, Width: draw.LatencyWidth, Drop: 6, Draw: func(p *draw.Page, r row) {
			if r.peer != nil {
				if d, ok := r.peer.Latency.Get(); ok {
					p.PutLatency(theme.Text, d)
					return
				}
			}
			p.PutRight(theme.Muted, "–   ")
		}, Compare: func(a, b row) int { return compareOpt(a.latency(), b.latency()) }},
		{Title: "for", Right: true, Width: draw.AgeWidth, Drop: 10, Draw: func(p *draw.Page, r row) {
			if r.peer == nil || r.peer.Connected.IsZero() {
				putUnknown(p)
				return
			}
			p.PutAge(theme.Muted, r.view.Snapshot.At.Sub(r.peer.Connected))
		}, Compare: func(a, b row) int { return cmp.Compare(a.connected(), b.connected()) }},
		// The asset stays the last one: it is left out where it is the same in all rows.
		{Title: "asset", Width: 10, Max: 24, Grow: 1, Drop: 5, Draw: func(p *draw.Page, r row) { p.Put(theme.Muted, r.swarm.Name) }},
	}
}

func (r *peerRow) have() int {
	if r.peer == nil {
		return -1
	}
	return r.peer.Have
}

func (r *peerRow) source() string {
	if r.peer == nil {
		return "web seed"
	}
	if r.peer.Source == swarm.SourceUnknown {
		return draw.Unknown
	}
	return r.peer.Source.String()
}

func (r *peerRow) latency() swarm.Opt[int64] {
	if r.peer == nil {
		return swarm.Opt[int64]{}
	}
	d, ok := r.peer.Latency.Get()
	if !ok {
		return swarm.Opt[int64]{}
	}
	return swarm.Known(int64(d))
}

// connected is how long the connection lasts, in nanoseconds.
func (r *peerRow) connected() int64 {
	if r.peer == nil || r.peer.Connected.IsZero() {
		return -1
	}
	return int64(r.view.Snapshot.At.Sub(r.peer.Connected))
}

// compareAddress orders web seeds before peers, and peers by address as figures
// and not as text: .9 before .10.
func compareAddress(a, b *peerRow) int {
	if (a.peer == nil) != (b.peer == nil) {
		if a.peer == nil {
			return -1
		}
		return 1
	}
	if a.peer == nil {
		return strings.Compare(a.seed.URL, b.seed.URL)
	}
	if a.at.IsValid() && b.at.IsValid() {
		return a.at.Compare(b.at)
	}
	return compareNumbers(a.peer.Address, b.peer.Address)
}

// compareNumbers compares texts, runs of digits in them by their value.
func compareNumbers(a, b string) int {
	for a != "" && b != "" {
		i, j := digits(a), digits(b)
		if i > 0 && j > 0 {
			x, _ := strconv.ParseUint(a[:i], 10, 64)
			y, _ := strconv.ParseUint(b[:j], 10, 64)
			if x != y {
				return cmp.Compare(x, y)
			}
			a, b = a[i:], b[j:]
			continue
		}
		if a[0] != b[0] {
			return cmp.Compare(a[0], b[0])
		}
		a, b = a[1:], b[1:]
	}
	return cmp.Compare(len(a), len(b))
}

func digits(s string) int {
	n := 0
	for n < len(s) && s[n] >= '0' && s[n] <= '9' {
		n++
	}
	return n
}

func drawClient(p *draw.Page, r *peerRow) {
	if r.seed != nil {
		if r.seed.LastError != "" {
			p.Put(theme.Bad, "✗ "+r.view.maskedText(r.seed.LastError))
			return
		}
		p.Put(theme.Muted, "web seed")
		return
	}
	if name, ok := r.peer.Client.Get(); ok {
		p.Put(theme.Text, name)
		return
	}
	p.Put(theme.Muted, draw.Unknown)
}

// drawFlags writes four letters, each in its place: what comes, what goes, who
// connected, encryption.
func drawFlags(p *draw.Page, r *peerRow) {
	if r.seed != nil {
		p.Put(theme.Muted, "W")
		return
	}
	flow := func(want, choke swarm.Tristate, open, closed string, tok theme.Token) {
		switch {
		case want == swarm.No:
			p.Put(theme.Muted, "·")
		case want == swarm.Unknown || choke == swarm.Unknown:
			p.Put(theme.Muted, draw.Unknown)
		case choke == swarm.Yes:
			p.Put(theme.Warn, closed)
		default:
			p.Put(tok, open)
		}
	}
	flow(r.peer.WeWant, r.peer.TheyChoke, "D", "d", theme.Down)
	flow(r.peer.TheyWant, r.peer.WeChoke, "U", "u", theme.Up)
	if r.peer.Outgoing {
		p.Put(theme.Muted, "O")
	} else {
		p.Put(theme.Text, "I")
	}
	switch r.peer.Encrypted {
	case swarm.Yes:
		p.Put(theme.Text, "E")
	case swarm.No:
		p.Put(theme.Muted, "·")
	default:
		p.Put(theme.Muted, draw.Unknown)
	}
}
