package panes

import (
	"strconv"
	"time"

	"swarmtop/swarm"
	"swarmtop/theme"
	"swarmtop/ui/draw"
)

// probeDetails is the whole evidence of a probe.
func probeDetails(v *View, p *swarm.Probe, width int) []string {
	d := &sheet{view: v, width: width}
	d.line(0, theme.Title, v.maskedURL(p.URL))
	mark, tok := sign(p.Verdict.Verdict())
	d.field("verdict", tok, mark+" "+p.Verdict.String())
	d.field("why", tok, v.maskedText(p.Reason))
	if left, ok := p.StaleLeft.Get(); ok {
		d.field("may last", theme.Text, "another "+draw.Age(left))
	}
	d.ago("since", p.Since)
	d.field("in a row", theme.Text, plural(p.Count, "round"))
	d.ago("asked", p.At.Or(time.Time{}))
	if next, ok := p.Next.Get(); ok {
		d.field("again in", theme.Text, draw.Age(max(next.Sub(v.Snapshot.At), 0)))
	}
	if at, ok := p.LastFine.Get(); ok {
		d.ago("last fine", at)
	}

	d.head("What came, and what was wanted")
	came := tok
	if !p.Verdict.Wrong() {
		came = theme.Text
	}
	d.field("asked by", theme.Text, p.Request)
	d.field("address", theme.Text, v.masked(p.Address))
	status := ""
	if p.Status != 0 {
		status = strconv.Itoa(p.Status)
	}
	d.field("status", statusToken(p.Status), status)
	d.field("type", came, p.Type)
	d.field("expected", theme.Text, p.Expected)
	d.field("it began", came, quoted(v.maskedText(p.Evidence)))
	d.field("wanted", theme.Text, quoted(p.Wanted))

	d.head("What the caches say")
	age := ""
	if t, ok := p.Age.Get(); ok {
		age = draw.Age(t)
	}
	d.said("Age", age)
	d.said("Cache-Status", p.CacheStatus)
	d.said("Cache-Control", p.CacheControl)
	d.said("Server", p.Server)
	if p.Curl != "" {
		d.head("To ask the same again")
		d.line(0, theme.Accent, v.maskedText(p.Curl))
	}
	if w := v.Snapshot.Swarm(p.InfoHash); w != nil {
		d.asset(w)
	}
	return d.lines
}

// said writes a header field of an answer.
func (d *sheet) said(name, value string) {
	if value == "" {
		d.line(0, theme.Muted, name+": "+draw.Unknown)
		return
	}
	d.line(0, theme.Text, name+": "+value)
}

func quoted(s string) string {
	if s == "" {
		return ""
	}
	return "“" + s + "”"
}
