package panes

import (
	"strings"
	"time"

	"swarmtop/swarm"
	"swarmtop/theme"
	"swarmtop/ui/draw"
)

// Trackers is the pane of the trackers of the selected swarm, with the other ways to
// find peers behind them, or, by host, of the trackers of all. What a tracker
// complains of stands on a line under it.
type Trackers struct {
	list[trackerKey]
	page    draw.Page
	hosts   bool
	store   []trackerRow // what rows points to
	rows    []*trackerRow
	columns []draw.Column[*trackerRow]
	rollup  []draw.Column[*trackerRow]
	built   trackersInput // what rows were built from
	view    View          // of the rows
}

// trackersInput is all that the rows depend on.
type trackersInput struct {
	records
	swarm    *swarm.Swarm
	widget   string
	hosts    bool
	sort     int
	reversed bool
	filter   string
}

// trackerKey names a row: a tracker of a swarm, or a host.
type trackerKey struct {
	hash swarm.InfoHash
	url  string
}

// trackerRow is one tracker of a swarm, or all trackers on one host: then tracker
// is the one that wants most attention.
type trackerRow struct {
	view    *View
	swarm   *swarm.Swarm
	tracker *swarm.Tracker

	tier int                // of the tracker; here, since thousands are sorted by it
	host *swarm.TrackerHost // nil for one tracker
	rank int                // of the host, the worst first
	way  *swarm.Discovery   // nil for a tracker; tracker then has its name and state alone
	row  int                // in the store
}

func (r *trackerRow) place() int { return r.row }

func (r *trackerRow) key() trackerKey {
	if r.host != nil {
		return trackerKey{url: r.host.Host}
	}
	return trackerKey{r.swarm.InfoHash, r.tracker.URL}
}

// trouble is the line under a row: what the tracker complains of now.
func (r *trackerRow) trouble() (string, theme.Token) {
	t := r.tracker
	switch {
	case t.Refused():
		return "not asked: " + r.view.maskedText(t.LastError), theme.Bad
	case t.State == swarm.Failing || t.State == swarm.Updating && t.FailingSince.IsKnown():
		text := cause(t)
		if since, ok := t.FailingSince.Get(); ok {
			text = "failing for " + draw.Age(r.view.Snapshot.At.Sub(since)) + ": " + r.view.maskedText(text)
		}
		return text, theme.Bad
	case t.State == swarm.TrackerWarns:
		return "warns: " + r.view.maskedText(t.Warning), theme.Warn
	}
	return "", theme.Muted
}

// cause is the last error without what the row says already.
func cause(t *swarm.Tracker) string {
	if _, after, ok := strings.Cut(t.LastError, t.URL+": "); ok {
		return after
	}
	return t.LastError
}

// Title implements [Pane].
func (s *Trackers) Title() string { return "Trackers" }

// ToggleHosts changes between the trackers of the selected swarm and all trackers by host.
func (s *Trackers) ToggleHosts() {
	s.hosts = !s.hosts
	s.sort, s.reversed, s.chosen, s.index, s.top = 0, false, false, 0, 0
}

func (s *Trackers) build(v *View) {
	if s.columns == nil {
		s.columns, s.rollup = trackerColumns(), hostColumns()
	}
	s.view = *v
	in := trackersInput{recordsOf(v.Snapshot), v.Swarm, v.Widget, s.hosts, s.sort, s.reversed, s.folded}
	if in == s.built {
		s.settle(len(s.rows), s.key)
		return
	}
	s.built = in
	v = &s.view // rows outlive the call
	s.store = s.store[:0]
	if s.hosts {
		s.buildHosts(v)
	} else {
		s.buildTrackers(v)
	}
	s.rows = s.rows[:0]
	for i := range s.store {
		s.store[i].row = i
		s.rows = append(s.rows, &s.store[i])
	}
	trackers := s.rows
	for n := len(trackers); n > 0 && trackers[n-1].way != nil; n-- {
		trackers = trackers[:n-1]
	}
	sortRows(&s.list, s.shown(), trackers)
	s.settle(len(s.rows), s.key)
}

// buildTrackers makes a row for each tracker of the swarms that are shown, then one for
// each other way to find peers.
func (s *Trackers) buildTrackers(v *View) {
	for _, w := range v.swarms() {
		for i := range w.Trackers {
			t := &w.Trackers[i]
			if s.folded == "" || s.matches(t.URL, t.State.String(), t.LastError) {
				s.store = append(s.store, trackerRow{view: v, swarm: w, tracker: t, tier: tier(t)})
			}
		}
	}
	s.addWays(v)
}

// buildHosts makes a row for each host, the worst first.
func (s *Trackers) buildHosts(v *View) {
	for i, h := range swarm.TrackerHosts(v.Snapshot.Swarms) {
		if s.matches(h.Host, h.State.String(), h.Worst.LastError) {
			s.store = append(s.store, trackerRow{view: v, swarm: h.Swarm, tracker: h.Worst, host: &h, rank: i})
		}
	}
}

// standing is the state of the tracker, or of the whole host.
func (r *trackerRow) standing() swarm.TrackerState {
	if r.host != nil {
		return r.host.State
	}
	return r.tracker.State
}

func (s *Trackers) shown() []draw.Column[*trackerRow] {
	if s.hosts {
		return s.rollup
	}
	return s.columns
}

func (s *Trackers) key(i int) trackerKey { return s.rows[i].key() }

func (s *Trackers) height(i int) int {
	if text, _ := s.rows[i].trouble(); text != "" {
		return 2
	}
	return 1
}

// Move implements [Pane].
func (s *Trackers) Move(v View, m Motion) {
	s.build(&v)
	s.move(len(s.rows), v.Height-3, m, s.key)
}

// Click implements [Pane].
func (s *Trackers) Click(v View, line int) {
	s.build(&v)
	if line >= v.Height-1 {
		return
	}
	if i := s.rowAt(line-2, len(s.rows), s.height); i >= 0 {
		s.choose(i, s.key)
	}
}

// SortNext implements [Pane].
func (s *Trackers) SortNext() {
	if s.hosts {
		sortNext(&s.list, hostColumns())
		return
	}
	sortNext(&s.list, trackerColumns())
}

// SortAt implements [Sorter].
func (s *Trackers) SortAt(v View, x int) {
	s.build(&v)
	sortAt(&s.list, s.shown(), draw.Fit(s.shown(), v.Width-4), x)
}

// Render implements [Pane].
func (s *Trackers) Render(v View) []string {
	s.build(&v)
	p := &s.page
	p.Reset(v.Theme, v.Width, v.Height)
	p.Begin(draw.Frame{Number: 4, Title: s.Title(), Note: s.note(&v), Focused: v.Focused})
	if len(s.rows) == 0 {
		s.empty(p, &v)
		return p.Lines()
	}
	columns := s.shown()
	widths := draw.Fit(columns, p.Room()-2)
	draw.Header(p, columns, widths, sorted(&s.list, columns), s.reversed)
	remark := remarkWidths(columns, widths, p.Room()-2)
	lines := p.LinesLeft()
	s.revealTall(len(s.rows), lines, s.height)
	seen := s.seen(len(s.rows), lines, s.height)
	p.Scroll(s.top, seen, len(s.rows))
	p.Foot(position(s.top, seen, len(s.rows)))
	for i := s.top; i < len(s.rows) && p.LinesLeft() > 0; i++ {
		r := s.rows[i]
		if r.way != nil && r.way.Off != "" {
			draw.Row(p, columns, remark, s.mark(v, i), r)
			continue
		}
		draw.Row(p, columns, widths, s.mark(v, i), r)
		if text, tok := r.trouble(); text != "" && p.LinesLeft() > 0 {
			under(p, s.mark(v, i), 3, tok, text)
		}
	}
	return p.Lines()
}

func (s *Trackers) note(v *View) string {
	subject := v.subject()
	if s.hosts {
		subject = "all swarms, by host"
	}
	if len(s.rows) > 0 && s.rows[0].way != nil && s.folded == "" {
		return subject + " · names no tracker"
	}
	if s.folded != "" {
		return subject + " · " + draw.Count(int64(len(s.rows))) + " with “" + s.filter + "”"
	}
	return subject
}

func (s *Trackers) empty(p *draw.Page, v *View) {
	switch {
	case s.folded != "":
		say(p, "No tracker has “"+s.filter+"” in its address, state or error.", v.otherFilter())
	case s.hosts:
		say(p, "No swarm names a tracker.", "Press "+v.key("h")+" for the selected swarm again; --tracker URL adds one to all.")
	case len(v.swarms()) == 0:
		say(p, "No swarm is selected.", "Choose one in pane 1.")
	default:
		say(p, "This swarm names no tracker.", "Peers can still come by DHT (--dht) or by hand; --tracker URL announces it there too.")
	}
}

// Summary implements [Pane].
func (s *Trackers) Summary(v View, width int) string {
	working, failing, all := 0, 0, 0
	for _, w := range v.swarms() {
		for i := range w.Trackers {
			all++
			switch t := &w.Trackers[i]; {
			case t.Healthy():
				working++
			case t.State == swarm.Failing:
				failing++
			}
		}
	}
	switch {
	case all == 0:
		return cut("none", width)
	case failing > 0:
		return cut("✗ "+plural(failing, "tracker")+" failing · "+draw.Count(int64(working))+" working", width)
	case working > 0:
		return cut("✓ "+draw.Count(int64(working))+" of "+plural(all, "tracker")+" working", width)
	}
	return cut("– "+plural(all, "tracker")+", none asked yet", width)
}

// due writes when something comes: "in 4m", "now".
func due(d time.Duration) string {
	if d < time.Second {
		return "now"
	}
	return "in " + draw.Age(d)
}

// bare drops the scheme that most trackers share.
func bare(raw string) string { return strings.TrimPrefix(raw, "http://") }
