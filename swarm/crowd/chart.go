package crowd

import (
	"fmt"
	"sort"
	"strings"
)

// The size of a chart, in cells of two by four points.
const (
	chartWidth  = 64
	chartHeight = 6
)

// chart draws how many of so many peers were complete, over time.
func chart(b *strings.Builder, finished []float64, peers int) {
	last := finished[len(finished)-1]
	var heights [2 * chartWidth]int // points
	for x := range heights {
		at := last * float64(x+1) / float64(len(heights))
		done := sort.Search(len(finished), func(i int) bool { return finished[i] > at })
		heights[x] = (done*4*chartHeight + peers - 1) / peers
	}
	for row := chartHeight - 1; row >= 0; row-- {
		label := ""
		switch row {
		case chartHeight - 1:
			label = fmt.Sprint(peers)
		case 0:
			label = "0"
		}
		cells := make([]rune, chartWidth)
		for x := range cells {
			cells[x] = braille(heights[2*x]-4*row, heights[2*x+1]-4*row)
		}
		b.WriteString(strings.TrimRight(fmt.Sprintf("%6s │%s", label, string(cells)), " ") + "\n")
	}
	end := secs(last)
	fmt.Fprintf(b, "%6s └%s\n%8s0%*s\n", "", strings.Repeat("─", chartWidth), "", chartWidth-1, end)
}

// braille is a cell with so many points of each column set, from below.
func braille(left, right int) rune {
	if left <= 0 && right <= 0 {
		return ' '
	}
	lefts, rights := [4]rune{0x40, 0x04, 0x02, 0x01}, [4]rune{0x80, 0x20, 0x10, 0x08}
	cell := rune(0x2800)
	for i := range min(max(left, 0), 4) {
		cell |= lefts[i]
	}
	for i := range min(max(right, 0), 4) {
		cell |= rights[i]
	}
	return cell
}
