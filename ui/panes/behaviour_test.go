package panes_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/charmbracelet/x/ansi"

	"swarmtop/swarm"
	"swarmtop/ui/internal/fixture"
	"swarmtop/ui/panes"
)

// marked returns the line with the mark of the selection.
func marked(lines []string) string {
	for _, l := range lines {
		if text := ansi.Strip(l); strings.Contains(text, "▌") {
			return strings.TrimRight(text, "│┃█ ")
		}
	}
	return ""
}

func lineWith(lines []string, text string) int {
	return slices.IndexFunc(lines, func(l string) bool { return strings.Contains(ansi.Strip(l), text) })
}

// choose moves down until the marked line has the text.
func choose(t *testing.T, p panes.Pane, v panes.View, text string) {
	t.Helper()
	p.Move(v, panes.Top)
	for range 200 {
		if strings.Contains(marked(p.Render(v)), text) {
			return
		}
		p.Move(v, panes.Down)
	}
	t.Fatalf("%s: no row with %q can be selected", p.Title(), text)
}

func TestSelectionStaysWithItsRowWhateverTheOrder(t *testing.T) {
	snap := fixture.Healthy()
	for _, c := range []struct {
		pane panes.Pane
		row  string
	}{
		{new(panes.Swarms), "icon.svg"},
		{new(panes.Peers), "127.0.0.5"},
		{new(panes.Trackers), "tracker.example.net"},
	} {
		v := view(snap, 7, 120, 30)
		choose(t, c.pane, v, c.row)
		for i := range 20 {
			c.pane.SortNext()
			if i%3 == 0 {
				c.pane.Reverse()
			}
			if got := marked(c.pane.Render(v)); !strings.Contains(got, c.row) {
				t.Fatalf("%s: after %d changes of the order %q is selected, want %s", c.pane.Title(), i+1, got, c.row)
			}
		}
	}
}

func TestSelectionStaysWithItsSwarmAcrossSnapshots(t *testing.T) {
	p, before := new(panes.Swarms), fixture.Healthy()
	choose(t, p, view(before, 0, 100, 30), "icon.svg")
	want, _, _ := p.Selected()

	after := fixture.Healthy()
	slices.Reverse(after.Swarms)
	after.Swarms = append([]swarm.Swarm{{InfoHash: swarm.InfoHash{1}, Name: "aaa"}}, after.Swarms...)
	p.Sync(view(after, 0, 100, 30))
	if got, _, _ := p.Selected(); got != want {
		t.Errorf("selected %v, want %v", got, want)
	}
}

func TestSelectionOfARemovedSwarmGoesToItsNeighbour(t *testing.T) {
	p, snap := new(panes.Swarms), fixture.Healthy()
	choose(t, p, view(snap, 0, 100, 30), "icon.svg")
	gone, _, _ := p.Selected()
	snap = fixture.Healthy()
	snap.Swarms = slices.DeleteFunc(snap.Swarms, func(s swarm.Swarm) bool { return s.InfoHash == gone })
	v := view(snap, 0, 100, 30)
	if got := marked(p.Render(v)); !strings.Contains(got, "sprite.png") {
		t.Errorf("selected %q, want the row that took its place", got)
	}
	if hash, _, ok := p.Selected(); !ok || snap.Swarm(hash) == nil {
		t.Errorf("selected %v, which is not in the snapshot", hash)
	}
}

func TestNothingIsSelectedWhereNothingIs(t *testing.T) {
	p := new(panes.Swarms)
	v := view(fixture.Empty(), 0, 80, 20)
	p.Move(v, panes.Down)
	p.Click(v, 3)
	p.Toggle(v)
	if _, _, ok := p.Selected(); ok {
		t.Error("a row of an empty pane is selected")
	}
	if h := p.SelectedHashes(v); len(h) != 0 {
		t.Errorf("selected %v", h)
	}
}

func TestFirstSelectionIsASwarm(t *testing.T) {
	snap := fixture.Healthy()
	snap.Swarms = snap.Swarms[:6] // all of one widget
	p := new(panes.Swarms)
	p.Sync(view(snap, 0, 80, 20))
	if hash, widget, ok := p.Selected(); !ok || widget != "" || snap.Swarm(hash) == nil {
		t.Errorf("selected %v %q %v, want a swarm", hash, widget, ok)
	}
}

func TestWidgetRowStandsForItsSwarmsAndFolds(t *testing.T) {
	p, v := new(panes.Swarms), view(fixture.Healthy(), 0, 100, 30)
	choose(t, p, v, "▾ share-button")
	if _, widget, ok := p.Selected(); !ok || widget != "share-button" {
		t.Fatalf("selected widget %q", widget)
	}
	if got := p.SelectedHashes(v); len(got) != 6 {
		t.Errorf("%d swarms are selected, want 6", len(got))
	}
	p.Toggle(v)
	if lines := p.Render(v); lineWith(lines, "icon.svg") >= 0 || lineWith(lines, "▸ share-button") < 0 {
		t.Errorf("the widget did not fold:\n%s", plain(lines))
	}
	if got := p.SelectedHashes(v); len(got) != 6 {
		t.Errorf("%d swarms are selected when folded, want 6", len(got))
	}
	p.Toggle(v)
	choose(t, p, v, "icon.svg")
	p.Toggle(v)
	if got := marked(p.Render(v)); !strings.Contains(got, "▸ share-button") {
		t.Errorf("folding from a swarm selects %q, want its widget", got)
	}
}

func TestWidgetSaysWhatBlocksIt(t *testing.T) {
	p := new(panes.Swarms)
	lines := p.Render(view(fixture.Degraded(), 0, 200, 30))
	for _, want := range []string{"blocked by button.html: wrong type", "stalled: piece 7 missing", "failed: write to the state folder", "seeding off"} {
		if lineWith(lines, want) < 0 {
			t.Errorf("%q is not shown:\n%s", want, plain(lines))
		}
	}
}

func TestFilterShowsOnlyWhatMatches(t *testing.T) {
	snap := fixture.Healthy()
	for _, c := range []struct {
		pane      panes.Pane
		text      string
		has, lost string
	}{
		{new(panes.Swarms), "ICON", "icon.svg", "sprite.png"},
		{new(panes.Peers), "aria", "aria2", "Deluge"},
		{new(panes.Trackers), "udp:", "udp://", "127.0.0.1"},
		{new(panes.Responses), "304", "304", "✓ 200"},
	} {
		v := view(snap, 7, 120, 30)
		c.pane.SetFilter(c.text)
		if c.pane.Filter() != c.text {
			t.Errorf("%s: filter is %q", c.pane.Title(), c.pane.Filter())
		}
		lines := c.pane.Render(v)
		if lineWith(lines, c.has) < 0 || lineWith(lines, c.lost) >= 0 {
			t.Errorf("%s filtered by %q:\n%s", c.pane.Title(), c.text, plain(lines))
		}
		c.pane.SetFilter("no such thing")
		if lines := c.pane.Render(v); lineWith(lines, "esc to drop it") < 0 {
			t.Errorf("%s: nothing says that the filter hides all:\n%s", c.pane.Title(), plain(lines))
		}
	}
}

func TestClickSelectsTheRowUnderIt(t *testing.T) {
	snap := fixture.Degraded()
	for _, c := range []struct {
		pane panes.Pane
		row  string
	}{
		{new(panes.Swarms), "icon.svg"},
		{new(panes.Peers), "127.0.0.5"},
		{new(panes.Trackers), "backup.example.org"},
		{new(panes.Responses), "15:09:20"},
	} {
		v := view(snap, 1, 120, 30)
		lines := c.pane.Render(v)
		at := lineWith(lines, c.row)
		if at < 0 {
			t.Fatalf("%s does not show %s:\n%s", c.pane.Title(), c.row, plain(lines))
		}
		c.pane.Click(v, at)
		if got := marked(c.pane.Render(v)); !strings.Contains(got, c.row) {
			t.Errorf("%s: a click on %s selects %q", c.pane.Title(), c.row, got)
		}
		for _, frame := range []int{-1, 0, 29, 30} {
			c.pane.Click(v, frame)
			if got := marked(c.pane.Render(v)); !strings.Contains(got, c.row) {
				t.Errorf("%s: a click on line %d selects %q", c.pane.Title(), frame, got)
			}
		}
	}
}

func TestSelectionIsAlwaysSeen(t *testing.T) {
	snap := fixture.Busy(100, 120)
	for _, p := range []panes.Pane{new(panes.Swarms), new(panes.Peers), new(panes.Responses)} {
		v := view(snap, 0, 100, 16)
		for _, m := range []panes.Motion{panes.Down, panes.Bottom, panes.Up, panes.PageUp, panes.PageUp, panes.PageDown, panes.PageUp, panes.Up} {
			p.Move(v, m)
			if marked(p.Render(v)) == "" {
				t.Errorf("%s: the selection is out of sight after motion %d", p.Title(), m)
			}
		}
	}
}

func TestResponsesFollowUntilOneIsSelected(t *testing.T) {
	p, snap := new(panes.Responses), fixture.Healthy()
	v := view(snap, 0, 100, 20)
	p.Move(v, panes.Down)
	p.Move(v, panes.Down)
	first := marked(p.Render(v))

	more := fixture.Healthy()
	last := more.Responses.Tail[len(more.Responses.Tail)-1]
	for range 50 {
		last.Seq++
		last.Path = "/new"
		more.Responses.Tail = append(more.Responses.Tail, last)
	}
	v.Snapshot = more
	if got := marked(p.Render(v)); got != first {
		t.Errorf("the selection went from %q to %q", first, got)
	}
	p.Move(v, panes.Top)
	if lines := p.Render(v); marked(lines) != "" || lineWith(lines, "/new") < 0 {
		t.Errorf("Top does not follow what comes:\n%s", plain(lines))
	}
}

func TestRarePieceNeverVanishesInTheGrid(t *testing.T) {
	snap := fixture.Healthy()
	w := &snap.Swarms[9]
	for _, missing := range []int{0, 1, 1471, w.Pieces.Count - 1} {
		w.Pieces.Availability = slices.Repeat([]uint16{40}, w.Pieces.Count)
		w.Pieces.Availability[missing] = 0
		for _, size := range [][2]int{{40, 10}, {80, 20}, {150, 60}, {24, 9}} {
			v := view(snap, 9, size[0], size[1])
			grid := plain(new(panes.Pieces).Render(v))
			if n := strings.Count(grid, "×"); n < 1 || n > 2 { // one cell, and the legend where there is room
				t.Errorf("%v: piece %d is shown %d times:\n%s", size, missing, n, grid)
			}
		}
	}
}

func TestUnknownIsADashAndNeverAZero(t *testing.T) {
	snap := fixture.Empty()
	snap.Swarms = []swarm.Swarm{{
		InfoHash: swarm.InfoHash{7}, Name: "magnet", Pieces: swarm.Pieces{Count: 1, Availability: []uint16{0}},
		Peers:    []swarm.Peer{{Key: 1, Address: "127.0.0.9:1"}},
		Trackers: []swarm.Tracker{{URL: "http://t/announce"}},
	}}
	v := view(snap, 0, 200, 20)
	for p, want := range map[panes.Pane]int{new(panes.Swarms): 5, new(panes.Peers): 6, new(panes.Trackers): 5} {
		lines := p.Render(v)
		row := ansi.Strip(lines[2])
		if n := strings.Count(row, "–"); n < want {
			t.Errorf("%s shows %d unknowns, want at least %d: %s", p.Title(), n, want, row)
		}
	}
}

func TestSeedingOffIsSaidInPeersAndSwarms(t *testing.T) {
	v := view(fixture.Degraded(), 3, 120, 20) // icon.svg
	if lines := new(panes.Peers).Render(v); lineWith(lines, "seeding off: we send to nobody") != 0 {
		t.Errorf("peers:\n%s", plain(lines))
	}
	if lines := new(panes.Swarms).Render(v); !strings.Contains(ansi.Strip(lines[lineWith(lines, "icon.svg")]), "seeding off") {
		t.Errorf("swarms:\n%s", plain(lines))
	}
}

func TestTrackersByHostSumAllSwarms(t *testing.T) {
	p, v := new(panes.Trackers), view(fixture.Degraded(), 3, 120, 20)
	p.ToggleHosts()
	lines := p.Render(v)
	at := lineWith(lines, "127.0.0.1:6969")
	if at < 0 || !strings.Contains(ansi.Strip(lines[at]), " 9 ") { // eleven swarms, one without trackers, one with another
		t.Errorf("by host:\n%s", plain(lines))
	}
	p.SortNext()
	p.ToggleHosts()
	if lines := p.Render(v); lineWith(lines, "udp://tracker.example.net") < 0 {
		t.Errorf("back again:\n%s", plain(lines))
	}
}

func TestHistoryTellsAnsweredSlowAndFailedByShape(t *testing.T) {
	v := view(fixture.Degraded(), 1, 160, 20)
	lines := new(panes.Trackers).Render(v)
	row := ansi.Strip(lines[lineWith(lines, "backup.example.org/announce")])
	for _, shape := range []string{"✕", "~", "▂"} {
		if !strings.Contains(row, shape) {
			t.Errorf("%q is not in %s", shape, row)
		}
	}
}

func TestAgesComeFromTheSnapshotsOwnTime(t *testing.T) {
	snap := fixture.Healthy()
	p := new(panes.Trackers)
	before := plain(p.Render(view(snap, 1, 120, 20)))
	later := *snap
	later.At = snap.At.Add(time.Hour)
	if after := plain(p.Render(view(&later, 1, 120, 20))); after == before || !strings.Contains(after, "1h") {
		t.Errorf("an hour later:\n%s", after)
	}
}

func TestTypesWithAWrongAnswerComeFirst(t *testing.T) {
	lines := new(panes.Responses).Render(view(fixture.Degraded(), 0, 100, 24))
	if got := ansi.Strip(lines[2]); !strings.Contains(got, "application/x-bittorrent") || !strings.Contains(got, "✗ 1 wrong") {
		t.Errorf("the first type is %s", got)
	}
	for _, want := range []string{"application/x-bittorrent came, text/html was expected: “d8:announce", "✗ 502"} {
		if lineWith(lines, want) < 0 {
			t.Errorf("%q is not shown:\n%s", want, plain(lines))
		}
	}
}

func TestTroubleIsToldAtEveryWidth(t *testing.T) {
	for width := 44; width <= 220; width += 8 {
		lines := new(panes.Swarms).Render(view(fixture.Degraded(), 0, width, 40))
		if lineWith(lines, "stalled: piece") < 0 {
			t.Errorf("%d cells:\n%s", width, plain(lines))
		}
	}
}
