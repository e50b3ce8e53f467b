package interop

import (
	"bytes"
	"fmt"
	"os"
	"strings"
	"testing"
)

// TestForeignClientsMeetAtTheEmbeddedTracker has transmission, aria2 and rtorrent
// find one another through swarmtop's tracker alone, in a swarm of which swarmtop
// itself is no part: each gets everything from those before it, and the last one
// from rtorrent, which is then alone.
func TestForeignClientsMeetAtTheEmbeddedTracker(t *testing.T) {
	h := startHeadless(t, "--open-tracker", assets.path("button"))
	now := h.until(t, "the tracker listens", func(s snapshot) bool { return s.Tracker != "" })
	tracker := &opentracker{base: strings.TrimSuffix(now.Tracker, "/announce")} // as far as a scrape goes
	const name = "bootstrap-icons.woff2"
	m := makeTorrent(t, assets, name, now.Tracker)
	counts := func(peers int) { // rtorrent does not tell at once that it has become a seeder
		t.Helper()
		eventually(t, fmt.Sprintf("the tracker counts %d", peers), patience, func() bool {
			seeders, leechers := tracker.scrape(t, m.infoHash)
			return seeders+leechers == peers
		})
	}

	first := startTransmission(t, 10_000)
	first.seed(t, assets, m)
	counts(1)

	// rtorrent comes before aria2: beside an aria2 that is connected to it and idle it
	// sometimes does not begin to ask.
	second := startRtorrent(t, m)
	counts(2)
	eventually(t, "rtorrent has everything", patience, func() bool {
		b, _ := os.ReadFile(second.path(name))
		return bytes.Equal(b, assets.bytes(t, name))
	})

	third := startAria2(t)
	download := third.add(t, readFile(t, m.file), map[string]string{"seed-time": "10", "seed-ratio": "0.0"})
	eventually(t, "aria2 has everything", patience, func() bool { p := download.progress(t); return p.total > 0 && p.done == p.total })
	sameFile(t, third.path(name), assets.bytes(t, name))
	counts(3)

	first.call(t, "torrent-stop", map[string]any{"ids": []string{m.infoHash}}, nil)
	third.call(t, "aria2.remove", []any{download.gid}, new(string))
	counts(1)

	fourth := startAria2(t)
	fourth.add(t, readFile(t, m.file), nil).finish(t)
	sameFile(t, fourth.path(name), assets.bytes(t, name))
	second.cmd.Process.Signal(os.Interrupt) // a SIGTERM does not leave it the time to say `stopped`
	counts(0)

	h.until(t, "swarmtop has nothing to do with it", func(s snapshot) bool { return s.swarm(m.infoHash).InfoHash == "" && len(s.Swarms) == 2 })
	h.quit(t)
}

// TestEmbeddedTrackerRefusesWhatIsNotPublished asks for a swarm of others.
func TestEmbeddedTrackerRefusesWhatIsNotPublished(t *testing.T) {
	h := startHeadless(t, assets.path("button"))
	now := h.until(t, "both files are published", func(s snapshot) bool { return s.Tracker != "" && len(s.Swarms) == 2 })
	peer := "&peer_id=-XX0001-000000000000&port=7&left=1"
	refused := curl(t, now.Tracker+"?info_hash="+strings.Repeat("x", 20)+peer)
	if refused.status != 200 || !strings.HasPrefix(string(refused.body), "d14:failure reason") {
		t.Errorf("status %d: %q", refused.status, refused.body)
	}
	h.quit(t)
}
