package panes

import (
	"math"
	"net/netip"
	"slices"

	"swarmtop/swarm"
	"swarmtop/theme"
	"swarmtop/ui/draw"
)

// Peers is the pane of the connections of the selected swarm, web seeds included.
type Peers struct {
	list[peerKey]
	page    draw.Page
	store   []peerRow // what rows points to
	rows    []*peerRow
	columns []draw.Column[*peerRow]
	built   peersInput // what rows were built from
	view    View       // of the rows
	wide    [2]int     // cells of the longest address and client that were seen

	failing bool // failed is shown instead
	failed  failedPeers
}

// peersInput is all that the rows depend on.
type peersInput struct {
	records
	swarm    *swarm.Swarm
	widget   string
	sort     int
	reversed bool
	filter   string
	mask     bool
	width    int
}

// peerKey names a row: a connection, else a web seed of a swarm.
type peerKey struct {
	peer swarm.PeerKey
	hash swarm.InfoHash
	url  string
}

// peerRow is a peer or a web seed of a swarm.
type peerRow struct {
	view  *View
	swarm *swarm.Swarm
	peer  *swarm.Peer    // nil for a web seed
	seed  *swarm.WebSeed // nil for a peer
	at    netip.AddrPort // the peer's address; zero where it is no IP address
	row   int            // in the store
}

func (r *peerRow) place() int { return r.row }

func (r *peerRow) key() peerKey {
	if r.peer != nil {
		return peerKey{peer: r.peer.Key}
	}
	return peerKey{hash: r.swarm.InfoHash, url: r.seed.URL}
}

func (r *peerRow) address() string {
	if r.peer != nil {
		return r.view.masked(r.peer.Address)
	}
	return r.view.maskedURL(r.seed.URL)
}

func (r *peerRow) client() string {
	if r.peer != nil {
		return r.peer.Client.Or("")
	}
	return "web seed"
}

// Title implements [Pane].
func (s *Peers) Title() string { return "Peers" }

// build arranges the rows, unless they are those of the last call.
func (s *Peers) build(v *View) {
	if s.columns == nil {
		s.columns = peerColumns()
	}
	in := peersInput{recordsOf(v.Snapshot), v.Swarm, v.Widget, s.sort, s.reversed, s.folded, v.Mask, v.Width}
	s.view = *v
	if in == s.built {
		s.settle(len(s.rows), s.key)
		return
	}
	s.built = in
	v = &s.view // rows outlive the call
	all := v.swarms()
	s.rows, s.store = s.rows[:0], slices.Grow(s.store[:0], connections(all)) // so that it is not moved
	add := func(r peerRow) {
		if s.folded == "" || s.matches(r.address(), r.client(), r.swarm.Name) {
			r.row = len(s.store)
			s.store = append(s.store, r)
			s.rows = append(s.rows, &s.store[r.row])
		}
	}
	for _, w := range all {
		for i := range w.WebSeeds {
			add(peerRow{view: v, swarm: w, seed: &w.WebSeeds[i]})
		}
		for i := range w.Peers {
			at, _ := netip.ParseAddrPort(w.Peers[i].Address)
			add(peerRow{view: v, swarm: w, peer: &w.Peers[i], at: at})
		}
	}
	s.measure(v.Width)
	sortRows(&s.list, s.columns, s.rows)
	s.settle(len(s.rows), s.key)
}

// measure gives the columns of address and client the room that their longest text
// wants; in a wide pane they get it before others. They never shrink, so that the
// columns beside them stand still.
func (s *Peers) measure(width int) {
	const wide, longest = 90, 24 // of a web seed's URL that counts
	for _, r := range s.rows {
		most := math.MaxInt
		if r.peer == nil {
			most = longest
		}
		for i, text := range [...]string{r.address(), r.client()} {
			if len(text) > s.wide[i] { // no text has more cells than bytes
				s.wide[i] = max(s.wide[i], min(draw.Width(text), most))
			}
		}
	}
	address, client, have := &s.columns[0], &s.columns[1], &s.columns[3]
	for _, r := range s.rows {
		have.Width = max(have.Width, draw.CountWidth(int64(r.swarm.Pieces.Count)))
	}
	address.Width, address.Max = max(min(s.wide[0], 21), 15), min(max(s.wide[0], 15), 39)
	client.Width, client.Max = 10, min(max(s.wide[1], 12), 30)
	if width >= wide {
		client.Width = max(min(s.wide[1], 17), 12)
	}
}

func (s *Peers) key(i int) peerKey { return s.rows[i].key() }

// Selected tells the connection of the selected row; false on a web seed or none.
func (s *Peers) Selected() (swarm.PeerKey, bool) {
	if len(s.rows) == 0 || !s.chosen || s.failing {
		return 0, false
	}
	return s.selected.peer, s.selected.peer != 0
}

// Move implements [Pane].
func (s *Peers) Move(v View, m Motion) {
	if s.failing {
		s.failed.build(&v)
		s.failed.move(len(s.failed.rows), v.Height-3, m, s.failed.key)
		return
	}
	s.build(&v)
	s.move(len(s.rows), v.Height-3, m, s.key)
}

// Click implements [Pane].
func (s *Peers) Click(v View, line int) {
	if f := &s.failed; s.failing {
		f.build(&v)
		if i := f.top + line - 2; line >= 2 && line < v.Height-1 && i < len(f.rows) {
			f.choose(i, f.key)
		}
		return
	}
	s.build(&v)
	if i := s.top + line - 2; line >= 2 && line < v.Height-1 && i < len(s.rows) {
		s.choose(i, s.key)
	}
}

// SortNext implements [Pane].
func (s *Peers) SortNext() {
	if s.failing {
		sortNext(&s.failed.list, failedColumns())
		return
	}
	sortNext(&s.list, peerColumns())
}

// fit returns the columns of a view and their widths.
func (s *Peers) fit(v *View) ([]draw.Column[*peerRow], []int) {
	columns := s.columns
	if v.Widget == "" {
		columns = columns[:len(columns)-1] // the asset is the same in all rows
	}
	return columns, draw.Fit(columns, v.Width-4)
}

// SortAt implements [Sorter].
func (s *Peers) SortAt(v View, x int) {
	if f := &s.failed; s.failing {
		f.build(&v)
		sortAt(&f.list, f.columns, draw.Fit(f.columns, v.Width-4), x)
		return
	}
	s.build(&v)
	columns, widths := s.fit(&v)
	sortAt(&s.list, columns, widths, x)
}

// Render implements [Pane].
func (s *Peers) Render(v View) []string {
	p := &s.page
	p.Reset(v.Theme, v.Width, v.Height)
	if s.failing {
		return s.failed.render(p, &v)
	}
	s.build(&v)
	f := draw.Frame{Number: 2, Title: s.Title(), Focused: v.Focused}
	f.Note, f.NoteTok = s.note(&v)
	p.Begin(f)
	if len(s.rows) == 0 {
		s.empty(p, &v)
		return p.Lines()
	}
	columns, widths := s.fit(&v)
	draw.Header(p, columns, widths, sorted(&s.list, columns), s.reversed)
	page := p.LinesLeft()
	s.reveal(len(s.rows), page)
	p.Scroll(s.top, page, len(s.rows))
	p.Foot(s.foot(&v, page))
	for i := s.top; i < min(s.top+page, len(s.rows)); i++ {
		draw.Row(p, columns, widths, s.mark(v, i), s.rows[i])
	}
	return p.Lines()
}

// foot says which rows are seen once some are not, and how many peers failed.
func (s *Peers) foot(v *View, page int) string {
	text := position(s.top, page, len(s.rows))
	n := v.failures()
	switch {
	case n == 0:
		return text
	case text != "":
		text += " · "
	}
	return text + v.key("F") + " " + draw.Count(int64(n)) + " failed"
}

// note says whose peers these are, and whether we give them anything.
func (s *Peers) note(v *View) (string, theme.Token) {
	all := v.swarms()
	if len(all) == 0 {
		return "", theme.Muted
	}
	off := 0
	for _, w := range all {
		if !w.Seeding {
			off++
		}
	}
	text := v.subject() + " · by " + order(&s.list, s.columns)
	switch {
	case s.folded != "":
		text = v.subject() + " · " + draw.Count(int64(len(s.rows))) + " with “" + s.filter + "”"
	case off == len(all):
		return v.subject() + " · ■ seeding off: we send to nobody", theme.Warn
	case off > 0:
		return v.subject() + " · ■ seeding off for " + draw.Count(int64(off)) + " of " + plural(len(all), "asset"), theme.Warn
	}
	return text, theme.Muted
}

func (s *Peers) empty(p *draw.Page, v *View) {
	all := v.swarms()
	switch {
	case len(all) == 0:
		say(p, "No swarm is selected.", "Choose one in pane 1.")
	case s.folded != "" && connections(all) > 0:
		say(p, "No peer has “"+s.filter+"” in its address or client.", v.otherFilter())
	case len(all) == 1 && all[0].Resting:
		say(p, "No peers: the swarm is at rest, so nobody is looked for.", v.advice(all[0]))
	default:
		meaning, next := v.askedAgo(all)
		if why := all[0].Reason; why != "" && len(all) == 1 {
			meaning += " What blocks it: " + v.maskedText(why) + "."
		}
		if n := v.failures(); n > 0 {
			meaning += " " + plural(n, "peer") + " failed: " + v.key("F") + " tells why."
		}
		say(p, "No peers yet"+meaning, next)
	}
}

// askedAgo tells when the trackers were asked for peers, and what can be done.
func (v *View) askedAgo(all []*swarm.Swarm) (meaning, next string) {
	var latest *swarm.Tracker
	trackers := 0
	for _, w := range all {
		for i := range w.Trackers {
			trackers++
			t := &w.Trackers[i]
			if at, ok := t.LastAnnounce.Get(); ok && (latest == nil || at.After(latest.LastAnnounce.Or(at))) {
				latest = t
			}
		}
	}
	switch {
	case trackers == 0:
		return ": the swarm names no tracker.", "Press " + v.key("a") + " to add the same asset with a tracker, or start with --tracker URL or --dht."
	case latest == nil:
		return ": no tracker has been asked yet.", "Press " + v.key("r") + " to ask now."
	}
	at, _ := latest.LastAnnounce.Get()
	meaning = ": the tracker was asked " + draw.Age(v.Snapshot.At.Sub(at)) + " ago"
	if n, ok := latest.Peers.Get(); ok {
		meaning += " and named " + plural(n, "peer")
	}
	if latest.State == swarm.Failing {
		meaning += " and failed"
	}
	return meaning + ".", "Press " + v.key("r") + " to ask again, where the tracker allows it; pane 4 tells how each tracker fares."
}

func connections(all []*swarm.Swarm) int {
	n := 0
	for _, w := range all {
		n += len(w.Peers) + len(w.WebSeeds)
	}
	return n
}

// Summary implements [Pane].
func (s *Peers) Summary(v View, width int) string {
	all := v.swarms()
	if len(all) == 0 {
		return cut("no swarm selected", width)
	}
	var t swarm.Transfer
	peers := 0
	for _, w := range all {
		peers += len(w.Peers)
		t = t.Plus(w.Transfer)
	}
	if peers == 0 {
		return cut("no peers yet", width)
	}
	return cut(plural(peers, "peer")+" · ↓ "+draw.Bytes(t.DownRate)+"/s ↑ "+draw.Bytes(t.UpRate)+"/s", width)
}
