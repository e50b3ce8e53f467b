package terminal_test

import (
	"bytes"
	"context"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/ansi"
	"go.uber.org/goleak"

	"swarmtop/ui/terminal"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// paper is what was written, each write on its own.
type paper struct {
	mu     sync.Mutex
	writes []string
}

func (p *paper) Write(b []byte) (int, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.writes = append(p.writes, string(b))
	return len(b), nil
}

func (p *paper) all() []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.writes
}

func entered(t *testing.T, getenv func(string) string) (*terminal.Terminal, *paper) {
	t.Helper()
	out := &paper{}
	s := terminal.New(new(bytes.Buffer), out, 20, 2, getenv)
	if err := s.Enter(); err != nil {
		t.Fatal(err)
	}
	return s, out
}

func TestThePictureComesInOneWriteWithTheScreen(t *testing.T) {
	s, out := entered(t, nil)
	s.Show(tea.View{Content: "picture", WindowTitle: "title"})
	s.Flush()
	if n := len(out.all()); n != 1 {
		t.Fatalf("%d writes: %q", n, out.all())
	}
	for _, want := range []string{ansi.SetModeAltScreenSaveCursor, "picture", "title"} {
		if !strings.Contains(out.all()[0], want) {
			t.Errorf("%q lacks %q", out.all()[0], want)
		}
	}
}

func TestLeaveUndoesWhatWasAsked(t *testing.T) {
	s, out := entered(t, nil)
	s.Show(tea.View{Content: "x", MouseMode: tea.MouseModeCellMotion, BackgroundColor: ansi.Black, WindowTitle: "t"})
	s.Flush()
	s.Leave()
	last := out.all()[len(out.all())-1]
	for _, want := range []string{
		ansi.ResetModeAltScreenSaveCursor, ansi.SetModeTextCursorEnable, ansi.ResetModeMouseButtonEvent, ansi.ResetModeMouseExtSgr,
		ansi.ResetModeBracketedPaste, ansi.ResetBackgroundColor, ansi.ResetModifyOtherKeys, "\x1b[<u", ansi.SetWindowTitle(""),
	} {
		if !strings.Contains(last, want) {
			t.Errorf("leaving lacks %q", want)
		}
	}
	before := len(out.all())
	s.Leave()
	s.Show(tea.View{Content: "y"})
	s.Send("\a")
	s.Flush()
	if n := len(out.all()); n != before {
		t.Errorf("written after leaving: %q", out.all()[before:])
	}
	if err := s.Enter(); err != nil {
		t.Fatal(err)
	}
	s.Flush()
	again := out.all()[before]
	if !strings.Contains(again, "y") || !strings.Contains(again, ansi.SetModeAltScreenSaveCursor) {
		t.Errorf("after coming back: %q", again)
	}
}

func TestAResizedWindowIsDrawnAnew(t *testing.T) {
	s, out := entered(t, nil)
	s.Show(tea.View{Content: "one\ntwo"})
	s.Flush()
	s.Resized(30, 3)
	s.Flush()
	last := out.all()[len(out.all())-1]
	if len(out.all()) != 2 || !strings.Contains(last, "one") || !strings.Contains(last, "two") {
		t.Errorf("after another size: %q", out.all())
	}
	s.Resized(30, 3)
	s.Flush()
	if len(out.all()) != 2 {
		t.Errorf("after the same size: %q", out.all()[2:])
	}
}

func TestAPictureIsMarkedWhereTheTerminalKnowsMarks(t *testing.T) {
	s, out := entered(t, func(string) string { return "" })
	s.Show(tea.View{Content: "one"})
	s.Flush()
	if !strings.Contains(out.all()[0], ansi.RequestModeSynchronizedOutput) {
		t.Errorf("the terminal is not asked: %q", out.all())
	}
	s.Answered(tea.ModeReportMsg{Mode: ansi.ModeSynchronizedOutput, Value: ansi.ModeReset})
	s.Show(tea.View{Content: "two"})
	s.Flush()
	last := out.all()[1]
	if !strings.HasPrefix(last, ansi.SetModeSynchronizedOutput) || !strings.HasSuffix(last, ansi.ResetModeSynchronizedOutput) {
		t.Errorf("a picture is written as %q", last)
	}
}

func TestAppleTerminalIsNotAskedForModes(t *testing.T) {
	s, out := entered(t, func(name string) string { return map[string]string{"TERM_PROGRAM": "Apple_Terminal"}[name] })
	s.Flush()
	if strings.Contains(out.all()[0], ansi.RequestModeSynchronizedOutput) {
		t.Error("it is asked for a mode")
	}
}

// TestAPictureIsWrittenAtOnceAndAFloodIsNot shows one, and then a hundred in a row.
func TestAPictureIsWrittenAtOnceAndAFloodIsNot(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, out := entered(t, nil)
		ctx, cancel := context.WithCancel(t.Context())
		var running sync.WaitGroup
		running.Go(func() { s.Run(ctx) })
		defer running.Wait()
		defer cancel()
		<-time.After(time.Second) // of the bubble's own time
		before, began := len(out.all()), time.Now()
		s.Show(tea.View{Content: "first"})
		synctest.Wait()
		if n := len(out.all()); n != before+1 || !time.Now().Equal(began) {
			t.Errorf("%d writes after %v, want one at once", n-before, time.Since(began))
		}
		for i := range 100 {
			s.Show(tea.View{Content: strings.Repeat("x", i%20)})
		}
		s.Show(tea.View{Content: "last"})
		<-time.After(time.Second)
		synctest.Wait()
		if n := len(out.all()); n != before+2 {
			t.Errorf("a flood of pictures made %d writes, want one", n-before-1)
		}
		if last := out.all()[len(out.all())-1]; !strings.Contains(last, "last") {
			t.Errorf("the last write is %q", last)
		}
	})
}
