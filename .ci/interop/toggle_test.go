package interop

import (
	"strings"
	"testing"
	"time"
)

// TestSpaceTogglesSeeding presses the key on the real screen and watches aria2:
// nothing comes while seeding is off, bytes flow when it is switched on, stop when
// it is switched off with the connection kept, and flow again.
func TestSpaceTogglesSeeding(t *testing.T) {
	tracker := startOpentracker(t)
	m := makeTorrent(t, assets, "bootstrap-icons.svg", tracker.announceURL())
	tracker.allow(t, m.infoHash)
	state := t.TempDir()
	fill(t, state, tracker, m)

	s := startTmux(t)
	s.prompts()
	s.types(swarmtop + " " + strings.Join(append(alone(t), "--state", state, "--no-seed", m.file), " "))
	s.shows("bootstrap-icons.svg", "100 %")

	a := startAria2(t)
	d := a.add(t, readFile(t, m.file), map[string]string{"max-download-limit": "100K"})
	eventually(t, "aria2 has asked the tracker", patience, func() bool {
		seeders, leechers := tracker.scrape(t, m.infoHash)
		return seeders == 0 && leechers == 1
	})
	steady(t, "seeding is off from the start", func() int64 { return d.progress(t).done })
	if p := d.progress(t); p.done != 0 {
		t.Fatalf("aria2 received %d bytes from a swarmtop that does not seed", p.done)
	}

	s.press("Space")
	eventually(t, "the tracker counts a seeder", patience, func() bool { n, _ := tracker.scrape(t, m.infoHash); return n == 1 })
	eventually(t, "bytes flow", patience, func() bool { return d.progress(t).done > 0 })

	s.press("Space")
	eventually(t, "the tracker counts no seeder", patience, func() bool { n, _ := tracker.scrape(t, m.infoHash); return n == 0 })
	stopped := steady(t, "seeding is off", func() int64 { return d.progress(t).done })
	if p := d.progress(t); stopped == p.total {
		t.Fatalf("after switching off aria2 received all %d bytes", p.total)
	}
	if n := d.chokingSeeders(t); n != 1 {
		t.Errorf("after switching off aria2 is connected to %d seeders that choke it, want swarmtop", n)
	}

	a.call(t, "aria2.changeOption", []any{d.gid, map[string]string{"max-download-limit": "0"}}, new(string))
	s.press("Space")
	d.finish(t)
	sameFile(t, a.path("bootstrap-icons.svg"), assets.bytes(t, "bootstrap-icons.svg"))

	s.press("q")
	s.prompts()
	s.types("echo it ended with $?")
	eventually(t, "it has ended with 0", patience, func() bool { return strings.Contains(s.text(), "it ended with 0") })
	if n, _ := tracker.scrape(t, m.infoHash); n != 0 {
		t.Errorf("after quitting the tracker counts %d seeders, want none", n)
	}
}

// fill has a swarmtop complete the swarm from transmission, and leaves the tracker
// with nobody in it.
func fill(t *testing.T, state string, tracker *opentracker, m torrent) {
	t.Helper()
	seeder := startTransmission(t, 100_000)
	seeder.seed(t, assets, m)
	eventually(t, "the tracker counts the seeder", patience, func() bool { n, _ := tracker.scrape(t, m.infoHash); return n == 1 })
	h := startHeadless(t, "--state", state, m.file)
	h.until(t, "the swarm is complete", func(s snapshot) bool { return s.swarm(m.infoHash).State == "complete" })
	h.quit(t)
	seeder.call(t, "torrent-stop", map[string]any{"ids": []string{m.infoHash}}, nil)
	eventually(t, "the tracker counts nobody", patience, func() bool { n, _ := tracker.scrape(t, m.infoHash); return n == 0 })
}

// steady waits until a count has not moved for four seconds, in which aria2 asks
// the tracker twice, and returns it.
func steady(t *testing.T, what string, count func() int64) int64 {
	t.Helper()
	const quiet = 4 * time.Second
	last, since := count(), time.Now()
	eventually(t, "no more bytes come while "+what, patience, func() bool {
		if n := count(); n != last {
			last, since = n, time.Now()
		}
		return time.Since(since) >= quiet
	})
	return last
}
