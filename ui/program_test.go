package ui_test

import (
	"context"
	"errors"
	"io"
	"strings"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/exp/teatest/v2"
	"go.uber.org/goleak"

	"swarmtop/swarm"
	"swarmtop/ui"
	"swarmtop/ui/internal/fixture"
)

// teatest leaves a goroutine that waits for a signal.
func TestMain(m *testing.M) {
	goleak.VerifyTestMain(m, goleak.IgnoreTopFunction("github.com/charmbracelet/x/exp/teatest/v2.NewTestModel.func2"))
}

// TestProgram runs the whole program on a terminal that a test reads, through a
// toggle, a filter and a zoom, and looks at the model that is left.
func TestProgram(t *testing.T) {
	snap := healthy()
	f, c := &feed{snap: snap}, &recorder{}
	toggled := make(chan []swarm.InfoHash, 1)
	c.onToggle = func(hashes []swarm.InfoHash, _ bool) { toggled <- hashes }
	model, err := ui.New(f, c, ui.Options{Demo: true})
	if err != nil {
		t.Fatal(err)
	}
	tm := teatest.NewTestModel(t, model, teatest.WithInitialTermSize(120, 35))
	tm.Send(keyPress("j"))
	tm.Send(keyPress("space"))
	select {
	case hashes := <-toggled:
		if len(hashes) == 0 {
			t.Error("space toggled nothing")
		}
	case <-t.Context().Done():
		t.Fatal("space toggled nothing before the test ended")
	}
	for _, k := range []string{"/", "s", "p", "r", "i", "t", "e", "enter", "z", "q"} {
		tm.Send(keyPress(k))
	}
	final := tm.FinalModel(t, teatest.WithFinalTimeout(time.Minute))
	content := (&screen{t: t, model: final.(*ui.Model)}).text()
	if !strings.Contains(content, "sprite.png") || strings.Contains(content, "robots.txt") || strings.Contains(content, "Trackers") {
		t.Errorf("the program left with:\n%s", content)
	}
}

// keyboard is a terminal on which keys are typed by writing to it.
func keyboard(t *testing.T) (in io.Reader, keys io.WriteCloser) {
	in, keys = io.Pipe()
	t.Cleanup(func() { keys.Close() })
	return in, keys
}

func TestRunEndsWithItsContextAndWaitsForItsCommands(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	in, keys := keyboard(t)
	adding := make(chan struct{})
	c := &recorder{hold: make(chan struct{}), onAdd: func() { close(adding) }} // Add ends only when its context does
	ended := make(chan error)
	go func() { ended <- ui.RunOn(ctx, &feed{snap: healthy()}, c, in, io.Discard) }()
	for _, k := range []string{"a", "x", "\r"} {
		if _, err := io.WriteString(keys, k); err != nil {
			t.Fatal(err)
		}
	}
	<-adding
	cancel()
	if err := <-ended; err != nil {
		t.Errorf("Run says %v when its context ends", err)
	}
}

func TestRunEndsOnQuit(t *testing.T) {
	in, keys := keyboard(t)
	ended := make(chan error)
	go func() { ended <- ui.RunOn(t.Context(), &feed{snap: healthy()}, &recorder{}, in, io.Discard) }()
	if _, err := io.WriteString(keys, "q"); err != nil {
		t.Fatal(err)
	}
	if err := <-ended; err != nil {
		t.Errorf("Run says %v after q", err)
	}
}

// telling is a feed that tells of what it shows.
type telling struct {
	feed
	wake chan struct{}
}

func (f *telling) Subscribe() (<-chan struct{}, func()) { return f.wake, func() {} }

// watcher closes found when want has been written to it.
type watcher struct {
	want  string
	found chan struct{}
	text  strings.Builder
}

func (w *watcher) Write(p []byte) (int, error) {
	if w.text.Write(p); strings.Contains(w.text.String(), w.want) && w.want != "" {
		w.want = ""
		close(w.found)
	}
	return len(p), nil
}

func TestASnapshotIsShownWhenTheScreenIsToldOfIt(t *testing.T) {
	in, keys := keyboard(t)
	f := &telling{feed{snap: healthy()}, make(chan struct{}, 1)}
	out := &watcher{want: "\x1b]2;swarmtop ✗", found: make(chan struct{})} // the title in an alarm
	ended := make(chan error)
	go func() { ended <- ui.RunOn(t.Context(), f, &recorder{}, in, out) }()
	f.show(fixture.Degraded())
	f.wake <- struct{}{}
	select {
	case <-out.found:
	case err := <-ended:
		t.Fatalf("Run has ended: %v", err)
	}
	if _, err := io.WriteString(keys, "q"); err != nil {
		t.Fatal(err)
	}
	if err := <-ended; err != nil {
		t.Error(err)
	}
}

// broken panics when the screen first pulls from it.
type broken struct{ feed }

func (b *broken) Latest() *swarm.Snapshot {
	if b.snap == nil {
		panic("no snapshot")
	}
	snap := b.snap
	b.snap = nil
	return snap
}

func TestPanicIsAnErrorAndLeavesTheAlternateScreen(t *testing.T) {
	in, _ := keyboard(t)
	var out strings.Builder
	err := ui.RunOn(t.Context(), &broken{feed{snap: healthy()}}, &recorder{}, in, &out)
	if !errors.Is(err, tea.ErrProgramPanic) {
		t.Errorf("Run says %v", err)
	}
	on, off := strings.LastIndex(out.String(), "\x1b[?1049h"), strings.LastIndex(out.String(), "\x1b[?1049l")
	if on < 0 || off < on {
		t.Errorf("the alternate screen is left on: entered at %d, left at %d", on, off)
	}
}
