package panes_test

import (
	"strings"
	"testing"

	"github.com/charmbracelet/x/ansi"

	"swarmtop/swarm"
	"swarmtop/ui/internal/fixture"
	"swarmtop/ui/panes"
)

func TestOwnTrackersStandBeforeTheTiersAndOtherWaysBehind(t *testing.T) {
	v := view(fixture.Healthy(), 7, 120, 20)
	lines := new(panes.Trackers).Render(v)
	last := 0
	for _, row := range []string{"own  127.0.0.1:6969", "1  udp://tracker.example.net", "DHT off · --dht turns it on", "PEX 2 peers now", "LSD"} {
		at := lineWith(lines, row)
		if at <= last {
			t.Errorf("%q is on line %d:\n%s", row, at, plain(lines))
		}
		last = at
	}
}

func TestRefusedTrackerSaysSoAndWhy(t *testing.T) {
	snap := fixture.Healthy()
	refused := &snap.Swarms[7].Trackers[1]
	refused.State, refused.LastError = swarm.Disabled, "dial: address 10.0.0.1 is refused: it is private"
	refused.FailingSince = swarm.Known(snap.At)
	lines := new(panes.Trackers).Render(view(snap, 7, 120, 20))
	at := lineWith(lines, "udp://tracker.example.net")
	if !strings.Contains(ansi.Strip(lines[at]), "✗") || !strings.Contains(ansi.Strip(lines[at]), "refused") ||
		!strings.Contains(ansi.Strip(lines[at+1]), "not asked: dial: address 10.0.0.1 is refused: it is private") {
		t.Errorf("\n%s", plain(lines))
	}
}

func TestWorstHostComesFirst(t *testing.T) {
	p, v := new(panes.Trackers), view(fixture.Degraded(), 3, 120, 20)
	p.ToggleHosts()
	lines := p.Render(v)
	bad, good := lineWith(lines, "tracker.example.org:6969"), lineWith(lines, "127.0.0.1:6969")
	if bad < 0 || good < bad {
		t.Errorf("\n%s", plain(lines))
	}
	p.Reverse()
	lines = p.Render(v)
	if bad, good = lineWith(lines, "tracker.example.org:6969"), lineWith(lines, "127.0.0.1:6969"); good > bad {
		t.Errorf("turned round:\n%s", plain(lines))
	}
}

func TestClickOnATitleSortsTrackersByIt(t *testing.T) {
	for _, c := range []struct {
		hosts              bool
		title, first, then string
	}{
		{false, "next", "127.0.0.1:6969", "udp://tracker.example.net"},
		{false, "tracker", "127.0.0.1:6969", "udp://tracker.example.net"},
		{true, "swarms", "127.0.0.1:6969", "tracker.example.org:6969"},
	} {
		p, v := new(panes.Trackers), view(fixture.Degraded(), 3, 140, 20)
		if c.hosts {
			p.ToggleHosts()
		}
		var orders []bool
		for range 2 {
			titles, _, ok := strings.Cut(ansi.Strip(p.Render(v)[1]), c.title)
			if !ok {
				t.Fatalf("no title %q\n%s", c.title, plain(p.Render(v)))
			}
			p.SortAt(v, ansi.StringWidth(titles))
			lines := p.Render(v)
			orders = append(orders, lineWith(lines, c.first) < lineWith(lines, c.then))
		}
		if orders[0] == orders[1] {
			t.Errorf("%q: a second click does not turn the order round\n%s", c.title, plain(p.Render(v)))
		}
	}
}

func TestDetailsOfATrackerTellAllOfItAtEveryWidth(t *testing.T) {
	long := strings.Repeat("the database is down; ", 20) + "the end"
	snap := fixture.Degraded()
	snap.Swarms[1].Trackers[2].LastError = long
	for _, hosts := range []bool{false, true} {
		p := new(panes.Trackers)
		if hosts {
			p.ToggleHosts()
		}
		for _, row := range []string{"tracker.example.net", "DHT", "PEX", "backup.example.org"} {
			if hosts && len(row) == 3 {
				continue
			}
			choose(t, p, view(snap, 1, 160, 30), row)
			for _, width := range []int{20, 40, 76, 120} {
				lines := p.Details(view(snap, 1, 160, 30), width)
				for _, l := range lines {
					if w := ansi.StringWidth(l); w > width {
						t.Errorf("%s: %d cells, want %d at most: %s", row, w, width, ansi.Strip(l))
					}
				}
				text := strings.Join(strings.Fields(ansi.Strip(strings.Join(lines, " "))), " ")
				if row == "backup.example.org" && width > 30 && !(strings.Contains(text, "the end") && strings.Contains(text, "✕ timeout")) {
					t.Errorf("%d cells: %s", width, text)
				}
			}
		}
	}
}
