package recording_test

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"swarmtop/swarm"
	"swarmtop/swarm/recording"
)

// clock is a time that a test moves on.
type clock struct{ time.Time }

func (c *clock) now() time.Time          { return c.Time }
func (c *clock) passes(d time.Duration)  { c.Time = c.Add(d) }
func (c *clock) seconds(seconds float64) { c.passes(time.Duration(seconds * float64(time.Second))) }

func play(t *testing.T, all ...*swarm.Snapshot) (*recording.Player, *clock) {
	t.Helper()
	r, err := recording.Open(record(t, filepath.Join(t.TempDir(), "recording"), all...))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { r.Close() })
	c := &clock{start()}
	p, err := recording.Play(r, c.now)
	if err != nil {
		t.Fatal(err)
	}
	return p, c
}

// shows holds which snapshot is shown.
func shows(t *testing.T, p *recording.Player, want int, when string) {
	t.Helper()
	if got := p.Latest().Version; got != uint64(want) {
		t.Errorf("%s: snapshot %d is shown, want %d", when, got, want)
	}
	if n, _ := p.Place(); n != want+1 {
		t.Errorf("%s: the place is %d, want %d", when, n, want+1)
	}
}

func TestARecordingPlaysInItsOwnTimeAndStopsAtItsEnd(t *testing.T) {
	p, c := play(t, plains(100)...)
	shows(t, p, 0, "at the start")
	c.seconds(0.9)
	shows(t, p, 0, "before the next is due")
	c.seconds(0.2)
	shows(t, p, 1, "when it is due")
	c.seconds(59)
	shows(t, p, 60, "a minute later, across a block")
	c.seconds(3600)
	shows(t, p, 99, "at the end")
	if !p.Ended() || p.Paused() {
		t.Errorf("at the end: ended %v, paused %v", p.Ended(), p.Paused())
	}
	p.Pause()
	shows(t, p, 0, "begun anew")
}

func TestStepsPauseAndJumpsDoNot(t *testing.T) {
	p, c := play(t, plains(200)...)
	p.Step(true)
	p.Step(true)
	p.Step(false)
	c.seconds(30)
	shows(t, p, 1, "two forth and one back")
	if !p.Paused() {
		t.Error("a step did not pause")
	}
	p.Pause()
	c.seconds(2)
	shows(t, p, 3, "gone on")
	p.Jump(time.Minute)
	shows(t, p, 63, "a minute on")
	p.Jump(-30 * time.Second)
	shows(t, p, 33, "half a minute back")
	p.Jump(-time.Hour)
	shows(t, p, 0, "far back")
	p.Jump(time.Hour)
	shows(t, p, 199, "far on")
	p.Step(true)
	shows(t, p, 199, "beyond the end")
	c.seconds(1)
	p.Step(false)
	shows(t, p, 198, "back from the end")
}

func TestSpeedsAndGaps(t *testing.T) {
	all := plains(40)
	for i := 10; i < 40; i++ { // nothing was recorded for an hour
		all[i].At = all[i].At.Add(time.Hour)
	}
	p, c := play(t, all...)
	p.Faster(true)
	p.Faster(true)
	c.seconds(2)
	shows(t, p, 8, "at four times the speed")
	for range 3 {
		p.Faster(false)
	}
	c.seconds(2)
	shows(t, p, 9, "at half the speed")
	p.Faster(true)
	c.seconds(2.9)
	shows(t, p, 9, "in the gap")
	c.seconds(1.2)
	shows(t, p, 11, "behind it")
	for range 20 {
		p.Faster(true)
	}
	if p.Speed() > 64 {
		t.Errorf("it plays at %v times the speed", p.Speed())
	}
}

func TestWhatIsCutOffIsTold(t *testing.T) {
	name := record(t, filepath.Join(t.TempDir(), "recording"), plains(3)...)
	info, err := os.Stat(name)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Truncate(name, info.Size()-10); err != nil {
		t.Fatal(err)
	}
	r, err := recording.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	p, err := recording.Play(r, time.Now)
	if err != nil {
		t.Fatal(err)
	}
	if _, n := p.Place(); n != 2 || p.Problem() == "" {
		t.Errorf("%d snapshots, problem %q; want 2 and one", n, p.Problem())
	}
}
