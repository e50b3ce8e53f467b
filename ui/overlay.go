package ui

import (
	"strings"

	"github.com/charmbracelet/x/ansi"
)

const resetSGR = "\x1b[m"

// fit cuts or pads a styled line to exactly width cells.
func fit(line string, width int) string {
	w := ansi.StringWidth(line)
	if w > width {
		line = ansi.Truncate(line, max(width, 0), "…")
		w = ansi.StringWidth(line)
	}
	if w < width {
		line += strings.Repeat(" ", width-w)
	}
	return line
}

// overlay lays box over lines with its top left cell at x, y, clipped to the
// window of the lines. It works by cells: a wide character that the box's edge
// cuts in half becomes a blank.
func overlay(lines, box []string, x, y, width int) {
	for i, top := range box {
		if y+i < 0 || y+i >= len(lines) {
			continue
		}
		under := lines[y+i]
		boxWidth := min(ansi.StringWidth(top), width-x)
		left := fit(ansi.Truncate(under, x, ""), x)
		rest := width - x - boxWidth
		right := ansi.TruncateLeft(under, x+boxWidth, "")
		if ansi.StringWidth(right) > rest {
			right = ansi.TruncateLeft(under, x+boxWidth+1, "")
		}
		right = strings.Repeat(" ", max(rest-ansi.StringWidth(right), 0)) + right
		lines[y+i] = left + resetSGR + fit(top, boxWidth) + resetSGR + right
	}
}

// centred returns the top left cell of a box in the middle of a window.
func centred(box []string, width, height int) (x, y int) {
	boxWidth := 0
	for _, line := range box {
		boxWidth = max(boxWidth, ansi.StringWidth(line))
	}
	return max((width-boxWidth)/2, 0), max((height-len(box))/2, 0)
}
