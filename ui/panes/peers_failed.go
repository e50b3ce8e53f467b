package panes

import (
	"cmp"
	"iter"
	"net/netip"
	"slices"
	"strings"

	"swarmtop/swarm"
	"swarmtop/theme"
	"swarmtop/ui/draw"
)

// failedPeers is the other view of the Peers pane: peers that are not connected, and why.
type failedPeers struct {
	list[failedKey]
	rows    []failedRow
	columns []draw.Column[*failedRow]
}

type failedKey struct {
	hash    swarm.InfoHash
	address string
	kind    swarm.Failure
}

// failedRow is one way in which a peer failed.
type failedRow struct {
	view  *View
	peer  *swarm.FailedPeer
	swarm *swarm.Swarm // nil where it is not known
	at    netip.AddrPort
}

func (r *failedRow) address() string { return r.view.masked(r.peer.Address) }

func (r *failedRow) asset() string {
	if r.swarm == nil {
		return draw.Unknown
	}
	return r.swarm.Name
}

func (r *failedRow) source() string {
	if r.peer.Source == swarm.SourceUnknown {
		return draw.Unknown
	}
	return r.peer.Source.String()
}

// cause is the last error without the address, which the row says already.
func (r *failedRow) cause() string {
	if _, after, ok := strings.Cut(r.peer.Error, r.peer.Address+": "); ok {
		return after
	}
	return r.peer.Error
}

// failureWords say what happened, in a column and in a sentence, and what can be done.
type failureWords struct {
	short, meaning, next string
	tok                  theme.Token
}

func wordsOf(f swarm.Failure) failureWords {
	const again = "It is dialled again by itself when its turn comes or a tracker names it."
	switch f {
	case swarm.DialRefused:
		return failureWords{"refused", "nothing listens at its address: the client has ended, or another port is forwarded to it", again, theme.Warn}
	case swarm.DialTimedOut:
		return failureWords{"no answer", "nothing answered at its address in time: a firewall, or it has gone", again, theme.Warn}
	case swarm.Unreachable:
		return failureWords{"unreachable", "no route leads from this machine to its address", "See whether this machine has a network of that kind, such as IPv6.", theme.Warn}
	case swarm.HandshakeFailed:
		return failureWords{"handshake", "it ended the connection, or said nothing, before it had answered our handshake: many clients do so when they have enough peers, or do not have this torrent", again, theme.Warn}
	case swarm.WrongSwarm:
		return failureWords{"other swarm", "it answered with another info hash than was asked for", "The tracker may have named it wrongly; nothing was exchanged with it.", theme.Warn}
	case swarm.ClosedEarly:
		return failureWords{"left early", "it ended the connection before a byte of a piece had moved", again, theme.Muted}
	case swarm.Broken:
		return failureWords{"broke off", "the connection ended by an error", again, theme.Warn}
	case swarm.Blocked:
		return failureWords{"blocked", "its address is in a network that --deny-net names", "Start without that --deny-net if it is to be reached.", theme.Muted}
	case swarm.Banned:
		return failureWords{"banned", "you banned its address", "A ban lasts until swarmtop ends.", theme.Muted}
	case swarm.SentBadPieces:
		return failureWords{"✗ bad pieces", "it sent blocks that are not the asset's; none of them was kept or passed on", "Its address is banned until swarmtop ends.", theme.Bad}
	case swarm.Disconnected:
		return failureWords{"disconnected", "you ended the connection", "It may come back by itself.", theme.Muted}
	case swarm.Dropped:
		return failureWords{"dropped", "we ended the connection: it was a second one with the same peer, or one of too many", "Nothing needs to be done.", theme.Muted}
	}
	return failureWords{"not dialled", "its address cannot be dialled", again, theme.Warn}
}

func failedColumns() []draw.Column[*failedRow] {
	type row = *failedRow
	return []draw.Column[row]{
		{Title: "address", Width: 15, Max: 39, Grow: 2, Draw: func(p *draw.Page, r row) { p.PutAddress(theme.Text, r.address()) },
			Compare: func(a, b row) int {
				return cmp.Or(a.at.Compare(b.at), compareNumbers(a.peer.Address, b.peer.Address))
			}},
		{Title: "why", Width: 12, Draw: func(p *draw.Page, r row) {
			w := wordsOf(r.peer.Kind)
			p.Put(w.tok, w.short)
		}, Compare: func(a, b row) int { return cmp.Compare(a.peer.Kind, b.peer.Kind) }},
		{Title: "times", Right: true, Width: 6, Drop: 3, Draw: func(p *draw.Page, r row) { p.PutCount(theme.Text, int64(r.peer.Count)) },
			Compare: func(a, b row) int { return cmp.Compare(a.peer.Count, b.peer.Count) }},
		{Title: "ago", Right: true, Width: draw.AgeWidth, Drop: 1, Draw: func(p *draw.Page, r row) {
			p.PutAge(theme.Muted, r.view.Snapshot.At.Sub(r.peer.Last))
		}, Compare: func(a, b row) int { return b.peer.Last.Compare(a.peer.Last) }},
		{Title: "client", Width: 12, Max: 20, Grow: 1, Drop: 6, Draw: func(p *draw.Page, r row) {
			tok := theme.Text
			if !r.peer.Client.IsKnown() {
				tok = theme.Muted
			}
			p.Put(tok, r.peer.Client.Or(draw.Unknown))
		}, Compare: func(a, b row) int { return strings.Compare(a.peer.Client.Or(""), b.peer.Client.Or("")) }},
		{Title: "source", Width: 8, Drop: 5, Draw: func(p *draw.Page, r row) { p.Put(theme.Muted, r.source()) },
			Compare: func(a, b row) int { return strings.Compare(a.source(), b.source()) }},
		{Title: "error", Width: 16, Grow: 5, Drop: 2, Draw: func(p *draw.Page, r row) {
			text := r.view.maskedText(r.cause())
			if text == "" {
				text = draw.Unknown
			}
			p.Put(theme.Muted, text)
		}},
		{Title: "asset", Width: 10, Max: 24, Grow: 1, Drop: 4, Draw: func(p *draw.Page, r row) { p.Put(theme.Muted, r.asset()) },
			Compare: func(a, b row) int { return strings.Compare(a.asset(), b.asset()) }},
	}
}

// ToggleFailed changes between the peers that are connected and those that failed.
func (s *Peers) ToggleFailed() { s.failing = !s.failing }

// FailedAddress returns the address of the selected row, if the failed peers are shown.
func (s *Peers) FailedAddress() (string, bool) {
	if !s.failing || !s.failed.chosen || len(s.failed.rows) == 0 {
		return "", false
	}
	return s.failed.selected.address, true
}

// SetFilter implements [Pane], for both views.
func (s *Peers) SetFilter(text string) {
	s.list.SetFilter(text)
	s.failed.SetFilter(text)
}

// Reverse implements [Pane].
func (s *Peers) Reverse() {
	if s.failing {
		s.failed.Reverse()
		return
	}
	s.list.Reverse()
}

// failures counts the failed peers of the swarms that are shown, and those whose
// swarm is not known.
func (v *View) failures() (n int) {
	for range v.failed() {
		n++
	}
	return n
}

// failed goes through the failed peers of the swarms that are shown, and those whose
// swarm is not known: that is nil then.
func (v *View) failed() iter.Seq2[*swarm.FailedPeer, *swarm.Swarm] {
	return func(yield func(*swarm.FailedPeer, *swarm.Swarm) bool) {
		failed, all := v.Snapshot.Failed, v.swarms()
		if len(failed) == 0 || len(all) == 0 {
			return
		}
		shown := make(map[swarm.InfoHash]*swarm.Swarm)
		for i := range failed {
			shown[failed[i].InfoHash.Or(swarm.InfoHash{})] = nil
		}
		for _, w := range all {
			if _, ok := shown[w.InfoHash]; ok {
				shown[w.InfoHash] = w
			}
		}
		for i := range failed {
			h, known := failed[i].InfoHash.Get()
			if w := shown[h]; (w != nil || !known) && !yield(&failed[i], w) {
				return
			}
		}
	}
}

func (s *failedPeers) build(v *View) {
	if s.columns == nil {
		s.columns = failedColumns()
		s.sort = 3 // the latest first
	}
	s.rows = s.rows[:0]
	for p, w := range v.failed() {
		r := failedRow{view: v, peer: p, swarm: w}
		r.at, _ = netip.ParseAddrPort(p.Address)
		if s.matches(r.address(), p.Client.Or(""), wordsOf(p.Kind).short, v.maskedText(p.Error), r.asset()) {
			s.rows = append(s.rows, r)
		}
	}
	slices.SortStableFunc(s.rows, func(a, b failedRow) int { return compare(&s.list, s.columns, &a, &b) })
	s.settle(len(s.rows), s.key)
}

func (s *failedPeers) key(i int) failedKey {
	p := s.rows[i].peer
	return failedKey{p.InfoHash.Or(swarm.InfoHash{}), p.Address, p.Kind}
}

func (s *failedPeers) render(p *draw.Page, v *View) []string {
	s.build(v)
	note := v.subject() + " · " + v.key("F") + " goes back · by " + order(&s.list, s.columns)
	if s.folded != "" {
		note = v.subject() + " · " + draw.Count(int64(len(s.rows))) + " failed with “" + s.filter + "”"
	}
	p.Begin(draw.Frame{Number: 2, Title: "Peers that failed", Note: note, Focused: v.Focused})
	switch {
	case len(s.rows) > 0:
	case len(v.swarms()) == 0:
		say(p, "No swarm is selected.", "Choose one in pane 1.")
		return p.Lines()
	case s.folded != "" && v.failures() > 0:
		say(p, "No peer that failed has “"+s.filter+"” in its address, client or error.", v.otherFilter())
		return p.Lines()
	default:
		say(p, "No peer of this swarm has failed.", "Press "+v.key("F")+" to see those that are connected.")
		return p.Lines()
	}
	widths := draw.Fit(s.columns, v.Width-4)
	draw.Header(p, s.columns, widths, sorted(&s.list, s.columns), s.reversed)
	page := p.LinesLeft()
	s.reveal(len(s.rows), page)
	p.Scroll(s.top, page, len(s.rows))
	p.Foot(position(s.top, page, len(s.rows)))
	for i := s.top; i < min(s.top+page, len(s.rows)); i++ {
		draw.Row(p, s.columns, widths, s.mark(*v, i), &s.rows[i])
	}
	return p.Lines()
}

func (s *failedPeers) details(v *View, width int) []string {
	s.build(v)
	if !s.chosen || s.index >= len(s.rows) || s.key(s.index) != s.selected {
		return nil
	}
	r := &s.rows[s.index]
	w := wordsOf(r.peer.Kind)
	d := &sheet{view: v, width: width}
	d.line(0, theme.Title, "Peer "+r.address()+": "+w.short)
	d.gap()
	d.field("why", w.tok, w.meaning)
	d.field("error", theme.Text, v.maskedText(r.peer.Error))
	d.field("then", theme.Text, w.next)
	d.gap()
	d.field("swarm", theme.Text, strings.Trim(r.asset(), draw.Unknown))
	d.field("client", theme.Text, r.peer.Client.Or(""))
	d.field("found by", theme.Text, strings.Trim(r.source(), draw.Unknown))
	d.field("times", theme.Text, draw.Count(int64(r.peer.Count)))
	d.ago("first", r.peer.First)
	d.ago("last", r.peer.Last)
	return d.lines
}
