package ui_test

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"

	"swarmtop/swarm"
	"swarmtop/swarm/recording"
	"swarmtop/ui"
	"swarmtop/ui/internal/fixture"
)

// recorded is a screen on a recording of some snapshots, and the clock that plays it.
func recorded(t testing.TB, snaps ...*swarm.Snapshot) (*screen, *time.Time) {
	t.Helper()
	name := filepath.Join(t.TempDir(), "recording")
	w, err := recording.Create(name)
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range snaps {
		if err := w.Write(s); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return replayed(t, name)
}

func replayed(t testing.TB, name string) (*screen, *time.Time) {
	t.Helper()
	r, err := recording.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { r.Close() })
	now := fixture.At()
	p, err := recording.Play(r, func() time.Time { return now })
	if err != nil {
		t.Fatal(err)
	}
	m, err := ui.New(nil, nil, ui.Options{Recording: p})
	if err != nil {
		t.Fatal(err)
	}
	s := &screen{model: m, commands: &recorder{}}
	if real, ok := t.(*testing.T); ok {
		s.t = real
	}
	s.send(tea.WindowSizeMsg{Width: 120, Height: 35})
	return s, &now
}

// minutes are snapshots a second apart, the last of them with an alarm.
func minutes(n int) (all []*swarm.Snapshot) {
	for i := range n {
		snap := at(time.Duration(i)*time.Second, 1000+i)
		snap.At = snap.At.Local()
		if i == n-1 {
			snap.Probes, snap.Totals.Types = fixture.Probes(snap), swarm.Bad
		}
		all = append(all, snap)
	}
	return all
}

func TestARecordingIsPlayedSteppedAndSkipped(t *testing.T) {
	s, now := recorded(t, minutes(200)...)
	clock := func(seconds int) string {
		return fixture.At().Local().Add(time.Duration(seconds) * time.Second).Format(time.TimeOnly)
	}
	s.sees("replay "+clock(0)+" (1/200)", "1000 peers")
	*now = now.Add(3 * time.Second)
	s.send(ui.Tick())
	s.sees("replay "+clock(3)+" (4/200)", "1003 peers")
	s.press("]")
	s.sees("(5/200) paused")
	s.press("[", "[", "[", "[", "[")
	s.sees("(1/200) paused", "this is the beginning of the recording")
	s.press("f")
	s.misses("paused", "beginning")
	s.press("}", "}")
	s.sees("(121/200)", "replay "+clock(120))
	s.press("{")
	s.sees("(61/200)")
	s.press("+")
	s.sees("it plays at 2× the speed", "(61/200) 2×")
	*now = now.Add(10 * time.Second)
	s.send(ui.Tick())
	s.sees("(81/200) 2×")
	*now = now.Add(time.Hour)
	s.send(ui.Tick())
	s.sees("(200/200) end", "WRONG TYPE")
	s.press("}")
	s.sees("this is the end of the recording · f plays it again")
	s.press("[")
	s.sees("(199/200) paused")
	s.misses("WRONG TYPE", "FINE AGAIN")
	s.press("]", "f")
	s.sees("(1/200)")
}

func TestARecordingTakesNoCommands(t *testing.T) {
	s, _ := recorded(t, minutes(2)...)
	for _, k := range []string{"space", "S", "u", "a", "d", "r", "R", "p", "b", "B", "x", "X"} {
		s.press("esc", k)
		s.sees("this is a recording: nothing in it can be changed")
		s.misses("Add a source", "Remove")
	}
	s.press("esc")
	s.misses("seed on/off", "remove")
	s.press("enter")
	s.sees("info hash")
}

// FuzzRecordingOnTheScreen draws recordings as strangers may make them, at several
// sizes and with all panes: nothing panics.
func FuzzRecordingOnTheScreen(f *testing.F) {
	for _, snap := range []*swarm.Snapshot{fixture.Empty(), small()} {
		name := filepath.Join(f.TempDir(), "recording")
		w, err := recording.Create(name)
		if err != nil {
			f.Fatal(err)
		}
		if err := w.Write(snap); err != nil {
			f.Fatal(err)
		}
		w.Close()
		b, err := os.ReadFile(name)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(b)
	}
	f.Fuzz(func(t *testing.T, content []byte) {
		name := filepath.Join(t.TempDir(), "recording")
		if err := os.WriteFile(name, content, 0o600); err != nil {
			t.Fatal(err)
		}
		r, err := recording.Open(name)
		if err != nil {
			return
		}
		defer r.Close()
		p, err := recording.Play(r, fixture.At)
		if err != nil {
			return
		}
		tour(t, p)
	})
}

// small is a screen of which little suffices to be recorded.
func small() *swarm.Snapshot {
	s := fixture.Degraded()
	s.Swarms = s.Swarms[7:9]
	s.Responses.Tail = s.Responses.Tail[:3]
	s.History = swarm.History{Step: time.Second, Down: []int64{1, -1}, Up: []int64{2, -1}}
	return s
}

// tour looks at everything in a recording.
func tour(t *testing.T, p *recording.Player) {
	m, err := ui.New(nil, nil, ui.Options{Recording: p})
	if err != nil {
		t.Fatal(err)
	}
	for _, size := range [][2]int{{200, 60}, {80, 24}, {41, 11}} {
		m.Update(tea.WindowSizeMsg{Width: size[0], Height: size[1]})
		for _, k := range []string{"1", "j", "enter", "esc", "2", "enter", "esc", "3", "right", "enter", "esc", "4", "h", "enter", "esc", "5", "enter", "esc", "L", "esc", "z", "t", "]", "z"} {
			m.Update(keyPress(k))
			if m.View().Content == "" {
				t.Error("nothing is drawn")
			}
		}
	}
}
