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

// detailsOf tells of a swarm by itself.
func detailsOf(change func(*swarm.Swarm)) string {
	snap := fixture.Healthy()
	snap.Swarms = snap.Swarms[7:8]
	change(&snap.Swarms[0])
	v := view(snap, 0, 120, 40)
	s := new(panes.Swarms)
	s.Sync(v)
	return ansi.Strip(strings.Join(s.Details(v, 100), "\n"))
}

func TestDetailsSayWhatBlocks(t *testing.T) {
	for want, change := range map[string]func(*swarm.Swarm){
		"no peers: nobody is connected": func(s *swarm.Swarm) { s.Peers, s.WebSeeds = nil, nil },
		"no tracker works":              func(s *swarm.Swarm) { s.TrackerVerdict = swarm.Bad },
		"the first is 90":               func(s *swarm.Swarm) { s.Pieces.Ours, s.Pieces.Availability[90] = swarm.NewBitfield(91), 0 },
		"every peer that has what is missing chokes us": func(s *swarm.Swarm) {
			for i := range s.Peers {
				s.Peers[i].TheyChoke = swarm.Yes
			}
		},
	} {
		if text := detailsOf(change); !strings.Contains(text, want) {
			t.Errorf("nothing says %q:\n%s", want, text)
		}
	}
}

func TestDetailsTellFilesAndWhereTheyAreServed(t *testing.T) {
	text := detailsOf(func(s *swarm.Swarm) {
		s.Created = swarm.Known(fixture.At().Add(-50 * time.Hour))
		s.Pieces.Length = 100
		s.Files = []swarm.File{{Path: "box/a.js", Size: 250, ContentType: "text/javascript", URLPath: "/w/a.js"}, {Path: "box/b.js", Size: 10}}
	})
	for _, want := range []string{"0–2", "http://127.0.0.1:8913/w/a.js", "text/javascript", ".torrent", "magnet:?xt=urn:btih:", "created      2d ago", "  pieces     2\n"} {
		if !strings.Contains(text, want) {
			t.Errorf("nothing says %q:\n%s", want, text)
		}
	}
}
