package ui_test

import (
	"strings"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"

	"swarmtop/swarm"
	"swarmtop/ui"
	"swarmtop/ui/internal/fixture"
)

// probing returns the healthy screen with the probes, changed.
func probing(after time.Duration, change func(edges []swarm.Probe)) *swarm.Snapshot {
	s := fixture.Poisoned()
	s.At = s.At.Add(after)
	s.Version += uint64(after / time.Second)
	change(s.Probes)
	worst := swarm.Fine
	for i := range s.Probes {
		worst = worst.Worst(s.Probes[i].Verdict.Verdict())
	}
	s.Totals.Types, s.Swarms[0].Verdict = worst, worst
	return s
}

func as(v swarm.ProbeVerdict) func([]swarm.Probe) {
	return func(p []swarm.Probe) { p[0].Verdict = v }
}

func TestAlarmStaysUntilFineAgainAndAcknowledged(t *testing.T) {
	onScreen(t, 160, 40, probing(0, as(swarm.ProbeFine)), func(t *testing.T, s *screen) {
		s.misses("WRONG", "acknowledge")
		s.next(probing(5*time.Second, as(swarm.ProbeWrongType)))
		s.sees("✗ WRONG TYPE", "https://cdn.example.net/widgets/button.html", "answered application/x-bittorrent, expected text/html",
			"203.0.113.7:443", "since 15:08:05, 2×", "came d8:announce43", "wanted <!doctype html>", "Age 1m", "edge; hit", "nginx", "A acknowledges", "curl -sS -i --resolve")
		if title := s.model.View().WindowTitle; title != "swarmtop ✗ wrong type" {
			t.Errorf("the window's title is %q", title)
		}
		s.press("A")
		s.sees("acknowledged; 1 is wrong still", "WRONG TYPE")
		s.next(probing(65*time.Second, as(swarm.ProbeUnreachable)))
		s.sees("WRONG TYPE")
		s.next(probing(125*time.Second, as(swarm.ProbeAtRisk)))
		s.misses("WRONG", "FINE AGAIN")
		if title := s.model.View().WindowTitle; title != "swarmtop" {
			t.Errorf("the window's title is %q", title)
		}
	})
}

func TestAlarmThatWentByItselfIsToldUntilAcknowledged(t *testing.T) {
	onScreen(t, 160, 40, probing(0, as(swarm.ProbeWrongBytes)), func(t *testing.T, s *screen) {
		s.sees("✗ WRONG BYTES")
		s.next(probing(60*time.Second, as(swarm.ProbeFine)))
		s.next(probing(90*time.Second, as(swarm.ProbeFine)))
		s.sees("✓ FINE AGAIN for 30s, it was: WRONG BYTES")
		s.next(probing(120*time.Second, as(swarm.ProbeWrongType)))
		s.sees("✗ WRONG TYPE")
		s.next(probing(180*time.Second, as(swarm.ProbeFine)))
		s.press("A")
		s.sees("acknowledged; all of it is fine again")
		s.misses("FINE AGAIN")
		s.press("A")
		s.sees("there is no alarm")
	})
}

func TestBellRingsOnceForEachAlarm(t *testing.T) {
	onScreen(t, 160, 40, probing(0, as(swarm.ProbeFine)), func(t *testing.T, s *screen) {
		bells := func(snap *swarm.Snapshot) int {
			s.feed.show(snap)
			return s.bells()
		}
		for i, step := range []struct {
			change func([]swarm.Probe)
			want   int
		}{
			{as(swarm.ProbeFine), 0},
			{as(swarm.ProbeWrongType), 1},
			{as(swarm.ProbeWrongType), 0},
			{as(swarm.ProbeFine), 0},
			{as(swarm.ProbeWrongType), 0}, // it was not acknowledged
			{func(p []swarm.Probe) { p[0].Verdict, p[1].Verdict = swarm.ProbeWrongType, swarm.ProbeWrongBytes }, 1},
			{as(swarm.ProbeFine), 0},
		} {
			if got := bells(probing(time.Duration(i+1)*time.Second, step.change)); got != step.want {
				t.Errorf("step %d rings %d times, want %d", i, got, step.want)
			}
		}
		s.press("A")
		if got := bells(probing(time.Minute, as(swarm.ProbeWrongType))); got != 1 {
			t.Errorf("a new alarm rings %d times", got)
		}
	})
}

// bells ticks and counts what rings.
func (s *screen) bells() int {
	n := 0
	_, cmd := s.model.Update(ui.Tick())
	var count func(tea.Msg)
	count = func(msg tea.Msg) {
		switch msg := msg.(type) {
		case tea.RawMsg:
			if msg.Msg == "\a" {
				n++
			}
		case tea.BatchMsg:
			for _, c := range msg {
				if c != nil {
					count(c())
				}
			}
		}
	}
	if cmd != nil {
		count(cmd())
	}
	return n
}

func TestCopyTakesTheAlarmsCommandUntilAcknowledged(t *testing.T) {
	onScreen(t, 160, 40, fixture.Poisoned(), func(t *testing.T, s *screen) {
		s.press("y")
		if !strings.HasPrefix(s.clipboard, "curl -sS -i --resolve cdn.example.net:443:203.0.113.7") {
			t.Errorf("copied %q", s.clipboard)
		}
		s.press("A", "y")
		if strings.HasPrefix(s.clipboard, "curl") {
			t.Errorf("copied %q after the acknowledgement", s.clipboard)
		}
	})
}

func TestKeysProbeAndBreak(t *testing.T) {
	onScreen(t, 160, 40, fixture.Poisoned(), func(t *testing.T, s *screen) {
		h := s.choose("robots.txt")
		s.press("p", "b", "B")
		if got := strings.Join(s.commands.calls, "; "); got != "probe "+h.Short()+"; break; stop" {
			t.Errorf("commands: %s", got)
		}
	})
}

func TestSelectedProbeIsExplainedCopiedAndAskedAgain(t *testing.T) {
	onScreen(t, 160, 40, probing(0, as(swarm.ProbeFine)), func(t *testing.T, s *screen) {
		s.choose("robots.txt")
		s.press("5", "g", "enter")
		s.sees("What came, and what was wanted", "Cache-Control: max-age=60", "To ask the same again")
		s.press("esc", "y", "p")
		if !strings.HasPrefix(s.clipboard, "curl -sS -i --resolve cdn.example.net:443:198.51.100.3") {
			t.Errorf("copied %q", s.clipboard)
		}
		if got := strings.Join(s.commands.calls, "; "); got != "probe "+fixture.Poisoned().Probes[4].InfoHash.Short() {
			t.Errorf("commands: %s", got)
		}
	})
}

func TestMaskedAlarmNamesNoAddress(t *testing.T) {
	onScreen(t, 160, 40, fixture.Poisoned(), func(t *testing.T, s *screen) {
		s.press("P")
		s.misses("cdn.example.net", "203.0.113")
		s.sees("WRONG TYPE", "/widgets/button.html")
	})
}

// TestDemoTellsTheKeysThatBreakIt: also on the smallest of the usual screens.
func TestDemoTellsTheKeysThatBreakIt(t *testing.T) {
	for width, words := range map[int]string{80: "demo: b B break it", 120: "b breaks its cache, B stops its origin", 200: "b breaks its cache, B stops its origin"} {
		onScreen(t, width, 24, healthy(), func(t *testing.T, s *screen) { s.sees(words) })
	}
}
