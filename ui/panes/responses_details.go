package panes

import (
	"strconv"
	"strings"

	"swarmtop/swarm"
	"swarmtop/theme"
	"swarmtop/ui/draw"
)

// Details implements [Detailer].
func (s *Responses) Details(v View, width int) []string {
	s.build(&v)
	if s.inProbes {
		return probeDetails(&v, s.asked[s.probes.index], width)
	}
	if !s.chosen || s.index >= len(s.rows) || s.key(s.index) != s.selected {
		return nil
	}
	r, d := s.rows[s.index], &sheet{view: &v, width: width}
	d.line(0, theme.Title, r.Method+" "+r.Path)
	mark, tok := sign(r.Verdict)
	d.field("verdict", tok, mark+" "+judged(r))
	if r.Evidence != "" {
		d.field("it began", tok, "“"+r.Evidence+"”")
	}
	d.gap()
	d.ago("asked", r.At)
	d.field("client", theme.Text, v.masked(r.Client))
	d.field("range", theme.Text, r.Range)
	d.gap()
	d.field("status", statusToken(r.Status), statusText(r.Status))
	d.field("type", theme.Text, r.Type)
	d.field("expected", theme.Text, r.Expected)
	d.field("bytes", theme.Text, draw.Bytes(r.Bytes)+" ("+draw.Count(r.Bytes)+" bytes)")
	d.field("from", theme.Text, originText(r.Origin))
	first := ""
	if t, ok := r.FirstByte.Get(); ok {
		first = draw.Latency(t)
	}
	d.field("first byte", theme.Text, first)
	d.field("last byte", theme.Text, draw.Latency(r.Duration))
	if w := v.Snapshot.Swarm(r.InfoHash); w != nil {
		d.asset(w)
	}
	return d.lines
}

// asset tells how the asset of an answer stands.
func (d *sheet) asset(w *swarm.Swarm) {
	d.head("The asset: " + w.Name)
	d.standing(w)
	d.field("info hash", theme.Text, w.InfoHash.String())
}

// standing tells whether an asset can be had, and from whom it came: the verdict on it
// is the worst of those that gateway, metainfo and probes gave.
func (d *sheet) standing(w *swarm.Swarm) {
	d.verdict("types", w.Verdict)
	d.verdict("  gateway", w.Judged.Gateway)
	d.verdict("  metainfo", w.Judged.Metainfo)
	d.verdict("  probes", w.Judged.Probes)
	can, why := w.Deliverable()
	switch can {
	case swarm.Yes:
		d.field("deliverable", theme.Good, "✓ now")
	case swarm.No:
		d.field("deliverable", theme.Bad, "✗ "+why)
	default:
		d.field("deliverable", theme.Muted, why)
	}
	d.field("offload", theme.Text, offloadText(w.Received())+" since start; "+offloadText(w.ReceivedMinute)+" in the last minute")
}

func (d *sheet) verdict(label string, v swarm.Verdict) {
	mark, tok := sign(v)
	d.field(label, tok, strings.TrimSpace(mark+" "+v.String()))
}

// judged says what a verdict on a response means.
func judged(r *swarm.Response) string {
	switch r.Verdict {
	case swarm.Fine:
		return "the bytes are verified and of their type"
	case swarm.Warning:
		return "cut: its bytes could not be had to the end"
	case swarm.Bad:
		return "wrong: " + evidence(&swarm.Response{Type: r.Type, Expected: r.Expected})
	}
	if r.Status >= 400 {
		return "none: no bytes of an asset left"
	}
	return "none: its beginning, by which the type is told, is not here yet"
}

// statusText adds to a status what is not in every list of them.
func statusText(status int) string {
	text := strconv.Itoa(status)
	switch status {
	case 421:
		text += ", asked under a name that is not ours"
	case 429:
		text += ", too many at once"
	case 499:
		text += ", the client left before there was an answer"
	case 502:
		text += ", the content is not of its type"
	case 504:
		text += ", the swarm did not deliver in time"
	}
	return text
}

func originText(o swarm.Origin) string {
	switch o {
	case swarm.FromBlob:
		return "blob: it was here, verified"
	case swarm.FromSwarm:
		return "swarm: peers sent pieces for it"
	case swarm.FromWebSeed:
		return "web seed: the origin sent pieces for it"
	case swarm.FromNowhere:
		return ""
	}
	return o.String()
}

// offloadText tells the share that peers spared the origin, and of how many bytes.
func offloadText(r swarm.Received) string {
	share, ok := r.Offload().Get()
	if !ok {
		return draw.Unknown
	}
	return draw.Percent(share) + " (" + draw.Bytes(r.Peers) + " from peers, " + draw.Bytes(r.Origin) + " from web seeds)"
}
