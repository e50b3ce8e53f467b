package ui_test

import (
	"strings"
	"testing"
	"time"

	"github.com/charmbracelet/x/ansi"

	"swarmtop/swarm"
)

// words joins what is on the screen into one text, first line by line, then as it
// stands in the left and in the right column: what a pane has wrapped is one
// sentence there.
func (s *screen) words() string {
	const left, all = 106, 200
	var text strings.Builder
	for _, column := range [][2]int{{0, all}, {0, left}, {left, all}} {
		for line := range strings.Lines(s.text()) {
			text.WriteString(ansi.Cut(strings.TrimSuffix(line, "\n"), column[0], column[1]) + " ")
		}
	}
	plain := strings.Map(func(r rune) rune {
		if strings.ContainsRune("│┃└▏", r) {
			return ' '
		}
		return r
	}, text.String())
	return strings.Join(strings.Fields(plain), " ")
}

// lone is a snapshot of one swarm that is complete and alone.
func lone(change func(snap *swarm.Snapshot, w *swarm.Swarm)) *swarm.Snapshot {
	snap := later(healthy(), func(snap *swarm.Snapshot) {
		snap.Responses, snap.Probes, snap.Events, snap.Sources, snap.Demo = swarm.Responses{}, nil, nil, nil, false
		snap.History, snap.LongHistory = swarm.History{}, nil
		h := swarm.InfoHash{1}
		ours := swarm.NewBitfield(2)
		ours.SetAll()
		snap.Swarms = []swarm.Swarm{{
			InfoHash: h, Name: "page.html", Size: swarm.Known(int64(20_000)), Done: 20_000, State: swarm.Complete, Seeding: true,
			Copies: swarm.Known(1.0), Added: snap.At,
			Pieces: swarm.Pieces{Count: 2, Length: 16 << 10, Have: 2, Ours: ours, Availability: make([]uint16, 2)},
		}}
		if change != nil {
			change(snap, &snap.Swarms[0])
		}
		snap.Totals = swarm.Sum(snap.Swarms)
	})
	return snap
}

// stalled takes a swarm's pieces away and says why none come.
func stalled(w *swarm.Swarm, reason string) {
	w.State, w.Reason, w.Done, w.Copies = swarm.Stalled, reason, 0, swarm.Known(0.0)
	w.Pieces.Have, w.Pieces.Ours = 0, swarm.NewBitfield(2)
}

// TestEveryStateSaysWhatItMeansAndWhatToDo goes through states, errors and empty
// panes: keys, and what has to stand on the screen then.
func TestEveryStateSaysWhatItMeansAndWhatToDo(t *testing.T) {
	at := healthy().At
	tracker := func(state swarm.TrackerState, change func(*swarm.Tracker)) []swarm.Tracker {
		tr := swarm.Tracker{URL: "http://tracker.example/announce", Tier: 1, State: state, LastAnnounce: swarm.Known(at.Add(-time.Minute))}
		if change != nil {
			change(&tr)
		}
		return []swarm.Tracker{tr}
	}
	empty := func(change func(snap *swarm.Snapshot)) *swarm.Snapshot {
		return lone(func(snap *swarm.Snapshot, _ *swarm.Swarm) {
			snap.Swarms = nil
			if change != nil {
				change(snap)
			}
		})
	}
	resting := lone(func(_ *swarm.Snapshot, w *swarm.Swarm) {
		w.Seeding, w.Resting, w.Copies = false, true, swarm.Known(0.0)
	})
	failing := lone(func(_ *swarm.Snapshot, w *swarm.Swarm) {
		w.TrackerVerdict = swarm.Bad
		w.Trackers = tracker(swarm.Failing, func(t *swarm.Tracker) {
			t.LastError, t.FailingSince = "timed out after 15s", swarm.Known(at.Add(-time.Hour))
		})
	})
	for _, c := range []struct {
		name string
		snap *swarm.Snapshot
		keys string // pressed one after another
		want []string
	}{
		{"nothing at all", empty(nil), "", []string{
			"No swarms yet. Press a to add one",
			"No swarm is selected. Choose one in pane 1.",
			"Nothing served yet. Open http://127.0.0.1:8913/ in a browser",
			"No rates yet. A point is added each second.",
		}},
		{"seeding of nothing", empty(nil), "space", []string{"no swarm is selected: a adds one"}},
		{"removal of nothing", empty(nil), "d", []string{"no swarm is selected to remove: choose one in pane 1"}},
		{"announce of nothing", empty(nil), "r", []string{"no swarm is selected: a adds one"}},
		{"copy of nothing", empty(nil), "y", []string{"nothing is selected to copy: choose a swarm in pane 1, or a peer in pane 2"}},
		{"details of nothing", empty(nil), "enter", []string{"there is no swarm yet: a adds one"}},
		{"no peer to disconnect", lone(nil), "2 x", []string{"no peer is selected: choose a connected one in pane 2"}},
		{"nothing to undo", lone(nil), "u", []string{"nothing to undo: no start, stop or removal of the last minute is left"}},
		{"nothing to acknowledge", lone(nil), "A", []string{"there is no alarm to acknowledge"}},
		{"no columns", lone(nil), "3 o", []string{"Pieces has no columns to sort by: Swarms, Peers and Trackers have"}},
		{"no rows", lone(nil), "3 /", []string{"Pieces has no rows to filter: the other panes have"}},
		{"an empty log", lone(nil), "L", []string{"Nothing has happened yet. What swarmtop does and what fails will stand here, the latest last."}},
		{"a log without such a level", lone(func(snap *swarm.Snapshot, _ *swarm.Swarm) {
			snap.Events = []swarm.Event{{At: at, Level: swarm.Info, Text: "page.html: complete"}}
		}), "L w w", []string{"Event log: errors", "Nothing of this level has happened. Press w for other levels."}},
		{"help without a match", lone(nil), "? / ~ ~", []string{"Nothing here has “~~”. Press esc to drop the search."}},
		{"a filter without a match, swarms", lone(nil), "/ ~ ~ enter", []string{"No swarm has “~~” in its name, widget or info hash. Press / to change the filter, esc to drop it."}},
		{"a filter without a match, peers", healthy(), "2 / ~ ~ enter", []string{"No peer has “~~” in its address or client. Press / to change the filter, esc to drop it."}},
		{"a filter without a match, trackers", healthy(), "4 / ~ ~ enter", []string{"No tracker has “~~” in its address, state or error. Press / to change the filter, esc to drop it."}},
		{"a filter without a match, responses", healthy(), "5 / ~ ~ enter", []string{"No response has “~~” in its path", "Press / to change the filter, esc to drop it."}},
		{"no gateway", lone(func(snap *swarm.Snapshot, _ *swarm.Swarm) { snap.Gateway = "" }), "", []string{
			"gateway not listening", "The gateway does not listen, so nothing is served. The event log (L) says why."}},
		{"a source that fails", lone(func(snap *swarm.Snapshot, _ *swarm.Swarm) {
			snap.Sources = []swarm.SourceHealth{{Name: "gateway", Good: at.Add(-time.Minute), Error: "it does not answer"}}
		}), "", []string{"! gateway stale 1m", "it does not answer"}},
		{"no tracker", lone(nil), "", []string{"names no tracker", "Press a to add the same asset with a tracker, or start with --tracker URL or --dht."}},
		{"no tracker by host", lone(nil), "h", []string{"No swarm names a tracker. Press h for the selected swarm again; --tracker URL adds one to all."}},
		{"nobody asked yet", lone(func(_ *swarm.Snapshot, w *swarm.Swarm) {
			w.Trackers = tracker(swarm.NeverTried, func(t *swarm.Tracker) { t.LastAnnounce = swarm.Opt[time.Time]{} })
		}), "", []string{"no tracker has been asked yet. Press r to ask now."}},
		{"a tracker that fails", failing, "", []string{"failing for 1h: timed out after 15s", "the tracker was asked 1m ago and failed. Press r to ask again, where the tracker allows it"}},
		{"a tracker that fails, in full", failing, "enter", []string{"no working tracker", "Nobody can find us: pane 4 tells what each tracker said; r asks again."}},
		{"no metadata", lone(func(_ *swarm.Snapshot, w *swarm.Swarm) {
			stalled(w, "no trackers, DHT is off")
			w.State, w.Size, w.Pieces = swarm.Stalled, swarm.Opt[int64]{}, swarm.Pieces{}
		}), "enter", []string{"The pieces are not known yet: the metadata has to come from a peer first.",
			"stalled: no trackers, DHT is off", "Press a to add the same swarm with a tracker, or start with --tracker URL or --dht."}},
		{"no peers", lone(func(_ *swarm.Snapshot, w *swarm.Swarm) {
			stalled(w, "no peers, tracker fine")
			w.Trackers = tracker(swarm.Working, nil)
		}), "enter", []string{"stalled: no peers, tracker fine", "Nobody has it now: it goes on when a peer comes; r asks the trackers again."}},
		{"a piece that nobody has", lone(func(_ *swarm.Snapshot, w *swarm.Swarm) {
			stalled(w, "piece 1 missing: nobody connected has it")
			w.Peers = []swarm.Peer{{Key: 1, Address: "192.0.2.1:1", Connected: at}}
		}), "enter", []string{"piece 1 missing", "It goes on when a peer comes that has what is missing; a web seed (web_seeds in the manifest) has it all."}},
		{"seeding off", lone(func(_ *swarm.Snapshot, w *swarm.Swarm) { w.Seeding, w.Copies = false, swarm.Known(0.0) }), "enter", []string{
			"no full copy for others · seeding off", "Press space to seed it: nobody else who is connected has all of it."}},
		{"at rest", resting, "", []string{"No peers: the swarm is at rest, so nobody is looked for. Press space to wake it"}},
		{"at rest, in full", resting, "enter", []string{
			"■ at rest: no manifest names it", "Press space to wake it, or name it in the manifest again; d removes it."}},
		{"disk full", lone(func(_ *swarm.Snapshot, w *swarm.Swarm) {
			w.State, w.Reason = swarm.Failed, "cannot write to disk: no space left on device"
		}), "enter", []string{"failed: cannot write to disk: no space left on device", "Make room on the disk: it goes on by itself within seconds."}},
		{"metadata refused", lone(func(_ *swarm.Snapshot, w *swarm.Swarm) {
			w.State, w.Reason = swarm.Failed, "metadata refused: piece length 1 is not a power of two"
		}), "enter", []string{"failed: metadata refused", "The event log (L) tells when it began; d removes the swarm, a adds it again."}},
		{"a wrong type", lone(func(_ *swarm.Snapshot, w *swarm.Swarm) { w.Verdict = swarm.Bad }), "enter", []string{
			"wrong type", "Pane 5 shows what was answered; content_type in the manifest says what is expected."}},
		{"details of no response", lone(nil), "5 enter", []string{"no response has come yet"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			onScreen(t, 200, 60, c.snap, func(t *testing.T, s *screen) {
				s.press(strings.Fields(c.keys)...)
				words := s.words()
				for _, want := range c.want {
					if !strings.Contains(words, want) {
						t.Errorf("the screen lacks %q:\n%s", want, s.text())
					}
				}
			})
		})
	}
}
