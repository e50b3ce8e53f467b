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
