package ui

// The smallest window that swarmtop draws in.
const (
	minWidth  = 40
	minHeight = 10
)

// The panes, in the order of their keys.
const (
	swarmsPane = iota
	peersPane
	piecesPane
	trackersPane
	responsesPane
	paneCount
)

// rect is a rectangle of cells; the zero rect is not drawn.
type rect struct{ x, y, width, height int }

func (r rect) empty() bool { return r.width <= 0 || r.height <= 0 }

func (r rect) contains(x, y int) bool {
	return x >= r.x && x < r.x+r.width && y >= r.y && y < r.y+r.height
}

// split cuts r into rows whose heights are in the proportion of weights; the
// last takes what rounding leaves.
func (r rect) split(weights ...int) []rect {
	sum := 0
	for _, w := range weights {
		sum += w
	}
	rows := make([]rect, len(weights))
	y := r.y
	for i, w := range weights {
		h := r.height * w / sum
		if i == len(weights)-1 {
			h = r.y + r.height - y
		}
		rows[i] = rect{r.x, y, r.width, h}
		y += h
	}
	return rows
}

// arrangement tells where everything stands. Its rectangles tile the window
// without overlap.
type arrangement struct {
	tooSmall bool
	header   rect
	panes    [paneCount]rect // empty for a pane that is not shown
	graph    rect
	strip    rect // summaries of the panes that are not shown
	footer   rect
}

// layout arranges a window. focus is the pane that must be seen; zoom gives it
// all the room; alarm asks for the lines of the header that an alarm needs.
//
//	two columns, from 100×30 on       tall, under 100 wide     one at a time
//	┌ header ────────────────────┐    ┌ header ────────┐    ┌ header ────────┐
//	│ 1 Swarms   │ 3 Pieces      │    │ 1 Swarms       │    │ the pane with  │
//	│            ├───────────────┤    │ 2 Peers        │    │ the focus      │
//	├────────────┤ 4 Trackers    │    │ 3 Pieces       │    │                │
//	│ 2 Peers    ├───────────────┤    │ 4 Trackers     │    ├ strip ─────────┤
//	│ (graph)    │ 5 Responses   │    │ 5 Responses    │    │ the others     │
//	└ footer ────────────────────┘    └ footer ────────┘    └ footer ────────┘
//
// The graph of transfers comes where there are 150×45 cells.
func layout(width, height, focus int, zoom, alarm bool) arrangement {
	if width < minWidth || height < minHeight {
		return arrangement{tooSmall: true}
	}
	var a arrangement
	header := 1
	if height >= 20 {
		header = 2
		switch {
		case alarm && height >= 30:
			header = 5
		case alarm:
			header = 4
		}
	}
	a.header = rect{0, 0, width, header}
	a.footer = rect{0, height - 1, width, 1}
	body := rect{0, header, width, height - header - 1}

	switch {
	case zoom:
		a.panes[focus] = body
	case width >= 100 && height >= 30:
		a.columns(body)
	case height >= 50:
		rows := body.split(6, 5, 5, 3, 5)
		copy(a.panes[:], rows)
	default:
		strip := 4
		switch {
		case height < 14:
			strip = 1
		case height < 20:
			strip = 2
		}
		body.height -= strip
		a.panes[focus] = body
		a.strip = rect{0, body.y + body.height, width, strip}
	}
	return a
}

// columns puts all panes into two columns.
func (a *arrangement) columns(body rect) {
	left, right := body, body
	left.width = body.width * 53 / 100
	right.x, right.width = left.width, body.width-left.width
	if body.width >= 150 && body.height >= 42 {
		rows := left.split(4, 4, 2)
		a.panes[swarmsPane], a.panes[peersPane], a.graph = rows[0], rows[1], rows[2]
	} else {
		rows := left.split(1, 1)
		a.panes[swarmsPane], a.panes[peersPane] = rows[0], rows[1]
	}
	// A swarm has few trackers: what they leave goes to the other two.
	trackers := min(max(right.height/6, 8), 12)
	rest := rect{right.x, right.y, right.width, right.height - trackers}.split(9, 10)
	pieces, responses := rest[0], rest[1]
	responses.y += trackers
	a.panes[piecesPane], a.panes[responsesPane] = pieces, responses
	a.panes[trackersPane] = rect{right.x, pieces.y + pieces.height, right.width, trackers}
}

// at returns the pane at a cell, or −1.
func (a *arrangement) at(x, y int) int {
	for i, r := range a.panes {
		if r.contains(x, y) {
			return i
		}
	}
	return -1
}
