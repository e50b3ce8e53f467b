package panes

import (
	"strconv"

	"swarmtop/swarm"
	"swarmtop/theme"
	"swarmtop/ui/draw"
)

func responseColumns() []draw.Column[*swarm.Response] {
	type row = *swarm.Response
	return []draw.Column[row]{
		{Title: "time", Width: 8, Drop: 4, Draw: func(p *draw.Page, r row) {
			var room [8]byte
			p.Put(theme.Muted, string(r.At.AppendFormat(room[:0], "15:04:05")))
		}},
		{Title: "code", Width: 5, Draw: drawStatus},
		{Title: "method", Width: 6, Drop: 6, Draw: func(p *draw.Page, r row) { p.Put(theme.Muted, r.Method) }},
		{Title: "path", Width: 20, Max: 70, Grow: 4, Draw: func(p *draw.Page, r row) { p.PutPath(theme.Text, r.Path) }},
		{Title: "type", Width: 15, Max: 30, Grow: 3, Drop: 1, Draw: drawType},
		{Title: "bytes", Right: true, Width: draw.BytesWidth, Drop: 2, Draw: func(p *draw.Page, r row) { p.PutBytes(quietZero(theme.Text, r.Bytes), r.Bytes) }},
		{Title: "took", Right: true, Width: draw.LatencyWidth, Drop: 3, Draw: func(p *draw.Page, r row) { p.PutLatency(theme.Muted, r.Duration) }},
		{Title: "from", Width: 8, Drop: 5, Draw: func(p *draw.Page, r row) { p.Put(theme.Muted, r.Origin.String()) }},
	}
}

func drawStatus(p *draw.Page, r *swarm.Response) {
	mark, tok := sign(r.Verdict)
	p.Put(tok, mark)
	p.Skip(1)
	p.Put(statusToken(r.Status), strconv.Itoa(r.Status))
}

func statusToken(status int) theme.Token {
	switch {
	case status >= 500:
		return theme.Bad
	case status >= 400:
		return theme.Warn
	case status >= 300:
		return theme.Muted
	}
	return theme.Text
}

func drawType(p *draw.Page, r *swarm.Response) {
	tok := theme.Muted
	if r.Verdict >= swarm.Warning {
		_, tok = sign(r.Verdict)
	}
	if r.Type == "" {
		p.Put(theme.Muted, draw.Unknown)
		return
	}
	p.Put(tok, media(r.Type))
}

func typeColumns() []draw.Column[*typeRow] {
	type row = *typeRow
	return []draw.Column[row]{
		{Title: "content type", Width: 16, Max: 40, Grow: 2, Draw: func(p *draw.Page, t row) {
			if t.Type == "" {
				p.Put(theme.Muted, "none")
				return
			}
			p.Put(theme.Text, t.Type)
		}},
		{Title: "answers", Right: true, Width: 7, Drop: 1, Draw: func(p *draw.Page, t row) { p.PutCount(theme.Text, t.Count) }},
		{Title: "share", Width: 8, Max: 30, Grow: 2, Drop: 4, Draw: func(p *draw.Page, t row) { p.Bar(theme.Accent, t.share) }},
		{Title: "bytes", Right: true, Width: draw.BytesWidth, Drop: 2, Draw: func(p *draw.Page, t row) { p.PutBytes(theme.Text, t.Bytes) }},
		{Title: "verdict", Width: 9, Drop: 3, Draw: func(p *draw.Page, t row) {
			if t.Wrong > 0 {
				p.Put(theme.Bad, "✗ "+draw.Count(t.Wrong)+" wrong")
				return
			}
			p.Put(theme.Good, "✓ fine")
		}},
	}
}
