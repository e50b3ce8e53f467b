package announce

import (
	"testing"

	"swarmtop/swarm"
)

func checkFigures(t *testing.T, s scraped, asked int) {
	t.Helper()
	if len(s.figures) != asked || s.wait < 0 || s.wait > maxInterval {
		t.Errorf("%d figures for %d swarms, wait %v", len(s.figures), asked, s.wait)
	}
	for _, f := range s.figures {
		if f.seeders.Or(0) < 0 || f.leechers.Or(0) < 0 || f.downloads.Or(0) < 0 {
			t.Errorf("%+v", f)
		}
	}
}

func FuzzScrape(f *testing.F) {
	f.Fuzz(func(t *testing.T, body []byte) {
		s, err := parseScrape(body, []swarm.InfoHash{{'a'}, {'b', 'c'}})
		if err == nil {
			checkFigures(t, s, 2)
		}
	})
}

func FuzzPackedScrape(f *testing.F) {
	f.Fuzz(func(t *testing.T, body []byte, asked uint8) {
		checkFigures(t, parsePackedScrape(body, int(asked)), int(asked))
	})
}

func FuzzPackedAnswer(f *testing.F) {
	f.Fuzz(func(t *testing.T, body []byte, six bool) {
		size := 4
		if six {
			size = 16
		}
		a, err := parsePackedAnswer(body, size)
		if err != nil {
			return
		}
		if d := a.interval.Or(0); d < 0 || d > maxInterval || a.seeders.Or(0) < 0 || a.leechers.Or(0) < 0 || len(a.peers) > (len(body)-12)/(size+2) {
			t.Errorf("%+v of % x", a, body)
		}
		seen := map[string]bool{}
		for _, p := range a.peers {
			if p.Port() == 0 || p.Addr().IsUnspecified() || seen[p.String()] {
				t.Errorf("peer %v", p)
			}
			seen[p.String()] = true
		}
	})
}
