package panes

import (
	"strconv"
	"time"

	"swarmtop/swarm"
	"swarmtop/theme"
	"swarmtop/ui/draw"
)

// Details implements [Detailer].
func (s *Trackers) Details(v View, width int) []string {
	s.build(&v)
	if !s.chosen || s.index >= len(s.rows) || s.key(s.index) != s.selected {
		return nil
	}
	r, d := s.rows[s.index], &sheet{view: &v, width: width}
	switch {
	case r.way != nil:
		d.way(r)
	case r.host != nil:
		d.trackerHost(r)
	default:
		d.line(0, theme.Title, "Tracker "+v.maskedURL(r.tracker.URL))
		d.tracker(r)
	}
	return d.lines
}

func (d *sheet) way(r *trackerRow) {
	d.line(0, theme.Title, wayName(r.way.Source))
	state := "on"
	if r.way.Off != "" {
		state = "off: " + r.way.Off
	}
	d.field("state", theme.Text, state)
	d.field("peers", theme.Text, plural(r.way.Peers, "connection")+" since start, "+draw.Count(int64(r.way.Connected))+" now")
}

func (d *sheet) trackerHost(r *trackerRow) {
	h := r.host
	_, tok, word := r.state()
	d.line(0, theme.Title, "Trackers on "+d.view.masked(h.Host))
	d.field("state", tok, word)
	d.field("swarms", theme.Text, plural(h.Swarms, "swarm")+", "+strconv.Itoa(h.Working)+" working, "+strconv.Itoa(h.Failing)+" failing")
	d.field("it counts", theme.Text, countOf(h.Seeders, "seeder")+", "+countOf(h.Leechers, "leecher")+" in all")
	d.field("reply", theme.Text, spread(h.LatencyP50, h.LatencyP95))
	d.head("The one that wants most attention: " + d.view.maskedURL(r.tracker.URL))
	d.tracker(&trackerRow{view: r.view, swarm: r.swarm, tracker: r.tracker})
}

// tracker tells all of one tracker of one swarm.
func (d *sheet) tracker(r *trackerRow) {
	t := r.tracker
	_, tok, word := r.state()
	if since, ok := t.FailingSince.Get(); ok {
		if t.State == swarm.Updating {
			word += ", failing"
		}
		word += " since " + since.UTC().Format("2006-01-02 15:04:05 UTC") + ", for " + draw.Age(d.view.Snapshot.At.Sub(since))
	}
	d.field("swarm", theme.Text, r.swarm.Name)
	d.field("state", tok, word)
	if t.LastError != "" {
		label := "last error"
		if t.FailingSince.IsKnown() {
			label = "error"
		}
		d.field(label, theme.Bad, d.view.maskedText(t.LastError))
	}
	if t.Warning != "" {
		d.field("warning", theme.Warn, d.view.maskedText(t.Warning))
	}
	place := "tier " + strconv.Itoa(t.Tier)
	if t.Own {
		place = "our own: announced to whatever the others do"
	}
	d.field("place", theme.Text, place)
	d.gap()
	d.ago("announced", t.LastAnnounce.Or(time.Time{}))
	d.ago("answered", t.LastSuccess.Or(time.Time{}))
	d.ago("scraped", t.LastScrape.Or(time.Time{}))
	next := ""
	if at, ok := t.NextAnnounce.Get(); ok {
		next = due(at.Sub(d.view.Snapshot.At))
	}
	d.field("next", theme.Text, next)
	d.field("interval", theme.Text, interval(t))
	d.gap()
	d.field("it counts", theme.Text, countOf(t.Seeders, "seeder")+", "+countOf(t.Leechers, "leecher")+", "+countOf(t.Downloads, "download"))
	d.field("peers", theme.Text, draw.Count(int64(t.PeersAll))+" received, "+draw.Count(int64(t.NewAll))+" new; last time "+optText(t.Peers)+", "+optText(t.NewPeers)+" new")
	d.field("we are", theme.Text, d.view.masked(t.ExternalIP))
	if t.ScrapeError != "" {
		d.field("scrape", theme.Warn, d.view.maskedText(t.ScrapeError))
	}
	d.gap()
	d.field("reply", theme.Text, spread(t.LatencyP50, t.LatencyP95))
	d.field("steady", theme.Text, plural(t.Streak, "announce")+" without a change, "+plural(t.Flaps, "flap"))
	d.history(t.History)
}

// shownAnnounces is how many of the last announces are told in words.
const shownAnnounces = 12

// history tells the last announces, the latest first.
func (d *sheet) history(all []swarm.Announce) {
	if len(all) == 0 {
		return
	}
	d.head("Last announces")
	for i := range min(len(all), shownAnnounces) {
		a := &all[len(all)-1-i]
		tok := theme.Text
		switch {
		case a.Outcome.Failed():
			tok = theme.Bad
		case a.Outcome == swarm.AnswerSlow:
			tok = theme.Warn
		}
		d.field(draw.Age(d.view.Snapshot.At.Sub(a.At))+" ago", tok, outcomeShape(a.Outcome)+" "+a.Outcome.String()+", "+draw.Latency(a.Latency))
	}
}

// outcomeShape is the sign of an outcome, as the strip has it.
func outcomeShape(o swarm.Outcome) string {
	switch {
	case o.Failed():
		return "✕"
	case o == swarm.AnswerSlow:
		return "~"
	}
	return "▃"
}

// interval tells how often the tracker wants to be asked.
func interval(t *swarm.Tracker) string {
	every, ok := t.Interval.Get()
	if !ok {
		return ""
	}
	text := "every " + draw.Age(every)
	if least, ok := t.MinInterval.Get(); ok {
		text += ", never before " + draw.Age(least)
	}
	return text
}

// spread tells a median and a 95th percentile.
func spread(p50, p95 swarm.Opt[time.Duration]) string {
	a, ok := p50.Get()
	b, ok2 := p95.Get()
	if !ok || !ok2 {
		return ""
	}
	return "p50 " + draw.Latency(a) + ", p95 " + draw.Latency(b)
}

func countOf(n swarm.Opt[int], noun string) string {
	if v, ok := n.Get(); ok {
		return plural(v, noun)
	}
	return draw.Unknown + " " + noun + "s"
}

func optText(n swarm.Opt[int]) string {
	if v, ok := n.Get(); ok {
		return draw.Count(int64(v))
	}
	return draw.Unknown
}
