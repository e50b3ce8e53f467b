package panes_test

import (
	"strings"
	"testing"
	"time"

	"github.com/charmbracelet/x/ansi"

	"swarmtop/swarm"
	"swarmtop/ui/internal/fixture"
	"swarmtop/ui/panes"
)

func TestDetailsOfAResponseTellAllOfItAtEveryWidth(t *testing.T) {
	snap := fixture.Degraded()
	tail := snap.Responses.Tail
	r := &tail[len(tail)-1]
	r.Range, r.FirstByte, r.Origin = "bytes=0-10", swarm.Known(time.Millisecond), swarm.FromWebSeed
	w := snap.Swarm(r.InfoHash)
	w.ReceivedMinute = swarm.Received{Peers: 3 << 20, Origin: 1 << 20}
	for _, width := range []int{20, 40, 100} {
		p := new(panes.Responses)
		v := view(snap, 0, 100, 30)
		if p.Details(v, width) != nil {
			t.Error("details of nothing")
		}
		p.Move(v, panes.Down)
		lines := p.Details(v, width)
		for _, l := range lines {
			if n := ansi.StringWidth(l); n > width {
				t.Errorf("%d cells wide: %q", n, l)
			}
		}
		text := strings.Join(strings.Fields(ansi.Strip(strings.Join(lines, " "))), " ")
		if width < 100 {
			continue // wrapped
		}
		for _, part := range []string{
			"GET /widgets/button.html", "✗ wrong: application/x-bittorrent came, text/html was expected", "“d8:announce39:http://tracker.example”",
			"bytes=0-10", "502, the content is not of its type", "127.0.0.1:50122", "web seed", "1.0 ms", "2.0 ms", "311 B", "The asset: ", "wrong type",
			"75 % (3.00 MiB from peers, 1.00 MiB from web seeds) in the last minute",
		} {
			if !strings.Contains(text, part) {
				t.Errorf("the details lack %q:\n%s", part, text)
			}
		}
		v.Mask = true
		if masked := strings.Join(p.Details(v, width), "\n"); strings.Contains(masked, "127.0.0.1") {
			t.Error("a masked client is shown")
		}
	}
}

func TestResponsesAreFilteredByClientAndSource(t *testing.T) {
	snap := fixture.Healthy()
	snap.Responses.Tail[3].Client, snap.Responses.Tail[5].Origin = "192.0.2.77:1", swarm.FromWebSeed
	for filter, rows := range map[string]int{"192.0.2.77": 1, "WEB SEED": 1, "no such thing": 0} {
		p := new(panes.Responses)
		p.SetFilter(filter)
		text := ansi.Strip(strings.Join(p.Render(view(snap, 0, 110, 30)), "\n"))
		if got := strings.Count(text, "\n│ 15:0"); got != rows {
			t.Errorf("%q: %d rows\n%s", filter, got, text)
		}
	}
}
