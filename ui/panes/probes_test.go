package panes_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/charmbracelet/x/exp/golden"

	"swarmtop/swarm"
	"swarmtop/ui/internal/fixture"
	"swarmtop/ui/panes"
)

func TestPicturesOfProbes(t *testing.T) {
	for _, size := range [][2]int{{40, 10}, {78, 20}, {140, 48}} {
		t.Run(fmt.Sprintf("%dx%d", size[0], size[1]), func(t *testing.T) {
			golden.RequireEqual(t, plain(new(panes.Responses).Render(view(fixture.Poisoned(), 0, size[0], size[1]))))
		})
	}
}

func TestWorstProbeComesFirstAndIsSummedUp(t *testing.T) {
	snap := fixture.Poisoned()
	v := view(snap, 0, 120, 20)
	lines := strings.Split(plain(new(panes.Responses).Render(v)), "\n")
	if !strings.Contains(lines[2], "✗ wrong type") || !strings.Contains(lines[3], "d8:announce") || !strings.Contains(lines[3], "<!doctype html") {
		t.Errorf("the first lines are\n%s", strings.Join(lines[:5], "\n"))
	}
	if got := new(panes.Responses).Summary(v, 60); got != "✗ 1 public URL wrong" {
		t.Errorf("summary %q", got)
	}
	v.Mask = true
	if text := plain(new(panes.Responses).Render(v)); strings.Contains(text, "cdn.example.net") || strings.Contains(text, "203.0.113") {
		t.Errorf("masked, it shows\n%s", text)
	}
	for i := range snap.Probes {
		if snap.Probes[i].Verdict.Wrong() {
			snap.Probes[i].Verdict = swarm.ProbeFine
		}
	}
	if got := new(panes.Responses).Summary(v, 60); got != "! public URLs: unreachable" {
		t.Errorf("summary %q", got)
	}
}

func TestAClickHitsTheRowUnderThePointerBelowProbes(t *testing.T) {
	v := view(fixture.Poisoned(), 0, 120, 30)
	v.Focused = true
	r := new(panes.Responses)
	lines := strings.Split(plain(r.Render(v)), "\n")
	row := -1
	for i, l := range lines {
		if strings.Contains(l, "time") && strings.Contains(l, "code") {
			row = i + 2 // the second response
		}
	}
	want := lines[row][:30]
	r.Click(v, row)
	after := strings.Split(plain(r.Render(v)), "\n")
	if got := strings.Replace(after[row][:33], "▌", " ", 1); !strings.Contains(got, strings.TrimSpace(strings.Trim(want, "│ "))[:8]) || !strings.Contains(after[row], "▌") {
		t.Errorf("clicked %q, selected %q", want, after[row])
	}
}

func TestUpFromTheLatestResponseLeadsToTheProbes(t *testing.T) {
	v := view(fixture.Poisoned(), 0, 120, 35)
	v.Focused = true
	p := new(panes.Responses)
	worst := v.Snapshot.Probes[0]
	p.Move(v, panes.Down)
	if p.Probe(v) != nil {
		t.Error("a response is selected, and a probe too")
	}
	p.Move(v, panes.Up)
	if got := p.Probe(v); got == nil || got.Verdict != swarm.ProbeFine {
		t.Errorf("above the latest response is %+v", got)
	}
	p.Move(v, panes.Top)
	if got := p.Probe(v); got == nil || got.URL != worst.URL || got.Address != worst.Address {
		t.Errorf("at the top is %+v", got)
	}
	lines := strings.Split(plain(p.Render(v)), "\n")
	if !strings.Contains(lines[2], "▌") || !strings.Contains(lines[2], "wrong type") {
		t.Errorf("the selection is not seen:\n%s", strings.Join(lines[:6], "\n"))
	}
	for range len(v.Snapshot.Probes) {
		p.Move(v, panes.Down)
	}
	if p.Probe(v) != nil || p.Details(v, 80) == nil {
		t.Error("the way down from the last probe does not lead to the responses")
	}
	p.Click(v, 2)
	if got := p.Probe(v); got == nil || got.Verdict != swarm.ProbeWrongType {
		t.Errorf("a click on the first probe selects %+v", got)
	}
	v.Snapshot.Probes = nil
	if p.Render(v); p.Probe(v) != nil {
		t.Error("a probe that is gone is selected")
	}
}

func TestEverySelectedProbeIsSeen(t *testing.T) {
	for _, height := range []int{10, 14, 20, 40} {
		v := view(fixture.Poisoned(), 0, 80, height)
		v.Focused = true
		p := new(panes.Responses)
		p.Move(v, panes.Top)
		for i := range v.Snapshot.Probes {
			if text := plain(p.Render(v)); strings.Count(text, "▌") == 0 {
				t.Errorf("height %d: probe %d is selected and not seen\n%s", height, i, text)
			}
			p.Move(v, panes.Down)
		}
	}
}

func TestDetailsOfAProbeAreTheWholeEvidence(t *testing.T) {
	v := view(fixture.Poisoned(), 0, 120, 35)
	p := new(panes.Responses)
	p.Move(v, panes.Top)
	text := strings.Join(strings.Fields(plain(p.Details(v, 110))), " ")
	for _, part := range []string{
		"https://cdn.example.net/widgets/button.html", "✗ wrong type", "the body is application/x-bittorrent, expected text/html",
		"since 1m", "in a row 2 rounds", "asked 21s ago", "again in 39s", "last fine 2m",
		"asked by GET", "address 203.0.113.7:443", "status 200", "type application/x-bittorrent", "expected text/html; charset=utf-8",
		"it began “d8:announce43:", "wanted “<!doctype html>", "Age: 1m", "Cache-Status: edge; hit", "Cache-Control: max-age=60", "Server: nginx",
		"curl -sS -i --resolve cdn.example.net:443:203.0.113.7", "The asset: button.html", "probes ✗ bad",
	} {
		if !strings.Contains(text, part) {
			t.Errorf("the details lack %q:\n%s", part, text)
		}
	}
	v.Mask = true
	if masked := plain(p.Details(v, 110)); strings.Contains(masked, "203.0.113") || strings.Contains(masked, "cdn.example.net") {
		t.Errorf("masked, they show\n%s", masked)
	}
}

func TestFilterIsForProbesToo(t *testing.T) {
	v := view(fixture.Poisoned(), 0, 120, 30)
	p := new(panes.Responses)
	for filter, want := range map[string]string{
		"unreachable": "1 public URL, 0 responses with “unreachable”",
		"203.0.113.9": "2 public URLs, 0 responses with “203.0.113.9”",
		"avatar.webp": "0 public URLs, ",
	} {
		p.SetFilter(filter)
		if text := plain(p.Render(v)); !strings.Contains(text, want) || strings.Contains(text, "wrong type") {
			t.Errorf("%q shows\n%s", filter, text)
		}
	}
}

// TestSmallPaneHasProbesTotalsAndResponses: that is the pane at 120×35.
func TestSmallPaneHasProbesTotalsAndResponses(t *testing.T) {
	text := plain(new(panes.Responses).Render(view(fixture.Poisoned(), 0, 54, 14)))
	for _, part := range []string{"✗ wrong type", "more public URLs", "plain ━━━━ 43  html ━━━━ 41  webp ━━━━ 40", "200 ×197", "p50 1.9 ms", "offload 87 % (1m: 93 %)", "✓ 200  /widgets/button.html"} {
		if !strings.Contains(text, part) {
			t.Errorf("it lacks %q:\n%s", part, text)
		}
	}
}
