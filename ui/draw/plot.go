package draw

import "swarmtop/theme"

// Bar fills the room with a bar of which share, 0 to 1, is done. What is done and
// what is not differ by shape too.
func (p *Page) Bar(tok theme.Token, share float64) {
	room := p.Room()
	halves := int(max(min(share, 1), 0) * float64(2*room))
	p.Repeat(tok, "━", halves/2)
	if halves%2 == 1 {
		p.Repeat(tok, "╸", 1)
	}
	p.Repeat(theme.Faint, "─", p.Room())
}

// Level returns a block whose height stands for share, 0 to 1: ▁ to █.
func Level(share float64) string {
	levels := [...]string{"▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"}
	return levels[max(min(int(share*float64(len(levels))), len(levels)-1), 0)]
}

// Spark writes a cell for each value, scaled to the largest, which counts for least
// at the least. None fills its cell, so that those of neighbouring rows stay apart.
// Zero is a line at the foot, in the colour of what is nothing; negative values are
// unknown and stay empty. Of too many the last are written.
func (p *Page) Spark(tok theme.Token, values []int64, least int64) {
	if n := len(values) - p.Room(); n > 0 {
		values = values[n:]
	}
	top := max(least, 1)
	for _, v := range values {
		top = max(top, v)
	}
	for _, v := range values {
		switch {
		case v < 0:
			p.Skip(1)
		case v == 0:
			p.Repeat(theme.Quiet, Level(0), 1)
		default:
			p.Repeat(tok, Level(float64(v)/float64(top)*0.87), 1)
		}
	}
}

// Mirror draws two series of the same length over one another, the first
// upwards and the second downwards from a line in the middle, on the next height
// lines. Each cell holds two points; the latest are at the right. One scale, top,
// serves both. Zero is a dot on the middle line; a negative point was not
// measured and leaves a gap. The margin stays empty at both sides.
func (p *Page) Mirror(up, down []int64, upTok, downTok theme.Token, top int64, height, margin int) {
	upper := (height + 1) / 2
	for row := range height {
		if row < upper {
			p.plot(up, upTok, top, upper, upper-1-row, true, margin)
		} else {
			p.plot(down, downTok, top, height-upper, row-upper, false, margin)
		}
	}
}

// Rise draws one series as the upper half of [Page.Mirror], on the next height lines.
func (p *Page) Rise(series []int64, tok theme.Token, top int64, height, margin int) {
	for row := range height {
		p.plot(series, tok, top, height, height-1-row, true, margin)
	}
}

// plot writes one line of a series that has so many; row counts from its foot.
func (p *Page) plot(series []int64, tok theme.Token, top int64, rows, row int, standing bool, margin int) {
	p.Skip(margin)
	room := p.Room() - margin
	for cell := range max(room, 0) {
		at := len(series) - 2*(room-cell)
		left := dots(series, at, top, rows, row)
		right := dots(series, at+1, top, rows, row)
		if left|right == 0 {
			p.Skip(1)
			continue
		}
		p.start(tok)
		p.buf = appendBraille(p.buf, left, right, standing)
		p.col++
	}
	p.Next()
}

// dots returns how many of the four dots of one column of a cell are set.
func dots(series []int64, i int, top int64, rows, row int) int {
	if i < 0 || i >= len(series) || series[i] < 0 {
		return 0
	}
	all := rows * 4
	n := int((float64(series[i])/float64(max(top, 1)))*float64(all) + 0.5)
	n = max(min(n, all), 1)
	return max(min(n-row*4, 4), 0)
}

// appendBraille appends the pattern with left and right dots set, counted from
// the bottom, or from the top when it hangs.
func appendBraille(dst []byte, left, right int, standing bool) []byte {
	// Bits of the dots of a column, from the top to the bottom.
	columns := [2][4]rune{{0x01, 0x02, 0x04, 0x40}, {0x08, 0x10, 0x20, 0x80}}
	r := rune(0x2800)
	for c, n := range [2]int{left, right} {
		for i := range n {
			if standing {
				r |= columns[c][3-i]
			} else {
				r |= columns[c][i]
			}
		}
	}
	return append(dst, string(r)...)
}
