package ui

import (
	"fmt"
	"slices"
	"strings"
	"time"

	tea "charm.land/bubbletea/v2"

	"swarmtop/swarm"
	"swarmtop/theme"
	"swarmtop/ui/draw"
	"swarmtop/ui/panes"
)

// drawn holds the lines of a pane and what they were drawn from.
type drawn struct {
	from  drawing
	lines []string
}

// drawing is all that a pane's lines depend on.
type drawing struct {
	snapshot *swarm.Snapshot
	hash     swarm.InfoHash
	widget   string
	width    int
	height   int
	focused  bool
	mask     bool
	theme    *theme.Theme
	revision uint64
	span     time.Duration
}

// View implements [tea.Model].
func (m *Model) View() tea.View {
	if !m.drawn {
		m.drawn, m.screen = true, m.draw()
	}
	return m.screen
}

func (m *Model) draw() tea.View {
	v := tea.View{AltScreen: true, WindowTitle: m.title()}
	if !m.mouseOff {
		v.MouseMode = tea.MouseModeCellMotion
	}
	if m.themeName != "" {
		v.BackgroundColor, v.ForegroundColor = m.theme.Background(), m.theme.Color(theme.Text)
	}
	v.Content, v.WindowTitle = m.symbols.Text(m.content()), m.symbols.Text(v.WindowTitle)
	return v
}

// chooseSymbols takes those that the user named, else those that the terminal can show.
func (m *Model) chooseSymbols(o Options) (err error) {
	switch {
	case o.Symbols != "":
		m.symbols, err = draw.SymbolsNamed(o.Symbols)
	case o.Getenv != nil:
		m.symbols = draw.SymbolsOf(o.Getenv)
	}
	return err
}

// title is the window's, so that an alarm is seen from other windows.
func (m *Model) title() string {
	if a := m.alarms.top(); a != nil && a.probe != nil && a.wrong {
		return "swarmtop ✗ " + a.probe.Verdict.String()
	} else if a != nil && a.wrong {
		return "swarmtop ✗ wrong type"
	}
	return "swarmtop"
}

// content draws the whole window: never a line wider nor lines more than it has.
func (m *Model) content() string {
	a := m.arrange()
	if a.tooSmall {
		return m.tooSmall()
	}
	tiles := m.tiles(a)
	if m.dialog == nil {
		if m.frame.of(tiles) {
			return m.frame.text
		}
		var b strings.Builder
		b.Grow(len(m.frame.text) + len(m.frame.text)/8)
		for y := range m.height {
			if y > 0 {
				b.WriteByte('\n')
			}
			writeLine(&b, tiles, y)
		}
		m.frame = frame{tiles, b.String()}
		return m.frame.text
	}
	lines := make([]string, m.height)
	for y := range lines {
		var b strings.Builder
		writeLine(&b, tiles, y)
		lines[y] = b.String()
	}
	room := m.width
	if room >= 100 { // a narrower one is covered from edge to edge
		room -= 8
	}
	box := m.dialog.draw(m, room, m.height-2)
	x, y := centred(box, m.width, m.height)
	overlay(lines, box, x, y, m.width)
	return strings.Join(lines, "\n")
}

// arrange lays out the window as it is now.
func (m *Model) arrange() arrangement {
	return layout(m.width, m.height, m.focus, m.zoom, len(m.alarms) > 0)
}

// tile is a rectangle of the window and the lines that fill it.
type tile struct {
	rect
	lines []string
}

// frame is the window as it was drawn last without a dialog.
type frame struct {
	tiles []tile
	text  string
}

// of tells whether the frame was drawn of the same tiles. Lines that come from a
// cache are the same strings, which costs nothing to see.
func (f *frame) of(tiles []tile) bool {
	return len(tiles) > 0 && slices.EqualFunc(f.tiles, tiles, func(a, b tile) bool {
		return a.rect == b.rect && slices.Equal(a.lines, b.lines)
	})
}

// writeLine writes the parts of tiles that lie on line y, from left to right.
func writeLine(b *strings.Builder, tiles []tile, y int) {
	for i := range tiles {
		if t := &tiles[i]; y >= t.y && y < t.y+t.height {
			b.WriteString(t.lines[y-t.y])
		}
	}
}

// tiles draws what the arrangement names. Of those that share a line the left one
// comes first.
func (m *Model) tiles(a arrangement) []tile {
	snap := m.snapshot()
	tiles := []tile{{a.header, m.header(snap, a.header.width, a.header.height)}}
	if !a.graph.empty() {
		tiles = append(tiles, tile{a.graph, m.cached(paneCount, m.view(-1, a.graph), 0, panes.Graph)})
	}
	for i, r := range a.panes {
		if !r.empty() {
			tiles = append(tiles, tile{r, m.cached(i, m.view(i, r), m.revisions[i], m.panes[i].Render)})
		}
	}
	if !a.strip.empty() {
		tiles = append(tiles, tile{a.strip, m.strip(a.strip.width, a.strip.height)})
	}
	return append(tiles, tile{a.footer, []string{m.footer(a.footer.width)}})
}

// cached draws pane i, or takes the lines that were drawn from the same.
func (m *Model) cached(i int, v panes.View, revision uint64, draw func(panes.View) []string) []string {
	from := drawing{v.Snapshot, swarm.InfoHash{}, v.Widget, v.Width, v.Height, v.Focused, v.Mask, v.Theme, revision, v.Span}
	if v.Swarm != nil {
		from.hash = v.Swarm.InfoHash
	}
	if c := &m.cache[i]; c.from != from {
		*c = drawn{from, draw(v)}
	}
	return m.cache[i].lines
}

// view is what pane i is drawn from in r.
func (m *Model) view(i int, r rect) panes.View {
	return panes.View{
		Snapshot: m.snapshot(), Swarm: m.selected, Widget: m.widget, Kin: m.kin,
		Theme: m.theme, Width: r.width, Height: r.height,
		Focused: i == m.focus, Mask: m.mask, Span: panes.Spans()[m.span], Keys: m.key, Plain: m.symbols == draw.ASCII,
	}
}

// tooSmall asks for a larger window.
func (m *Model) tooSmall() string {
	words := []string{
		fmt.Sprintf("swarmtop needs %d×%d,", minWidth, minHeight),
		fmt.Sprintf("this is %d×%d", m.width, m.height),
	}
	lines := make([]string, 0, m.height)
	for _, w := range words[:min(len(words), m.height)] {
		lines = append(lines, fit(w, m.width))
	}
	return strings.Join(lines, "\n")
}
