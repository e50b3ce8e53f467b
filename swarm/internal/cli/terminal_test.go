package cli_test

import (
	"bytes"
	"errors"
	"io"
	"os"
	"os/exec"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/charmbracelet/x/ansi"
	"github.com/charmbracelet/x/vt"
	"github.com/creack/pty"
)

// terminal is a screen and a keyboard with a program on them.
type terminal struct {
	*running
	tty *os.File

	drawn chan struct{} // capacity one: something was written
	mu    sync.Mutex    // guards what follows
	term  *vt.Emulator
	modes []bool // the alternate screen entered and left, in order

	hidden bool             // the cursor is
	set    map[int]struct{} // the private modes that are
}

// onTerminal starts a command on a terminal of a size.
func onTerminal(t testing.TB, cmd *exec.Cmd, columns, rows int) *terminal {
	t.Helper()
	s := &terminal{term: vt.NewEmulator(columns, rows), drawn: make(chan struct{}, 1),
		running: &running{cmd: cmd, stderr: new(bytes.Buffer), done: make(chan struct{})}}
	s.set = map[int]struct{}{}
	s.term.SetCallbacks(vt.Callbacks{
		AltScreen:        func(on bool) { s.modes = append(s.modes, on) },
		CursorVisibility: func(visible bool) { s.hidden = !visible },
		EnableMode:       func(m ansi.Mode) { s.set[m.Mode()] = struct{}{} },
		DisableMode:      func(m ansi.Mode) { delete(s.set, m.Mode()) },
	})
	var err error
	if s.tty, err = pty.StartWithSize(cmd, &pty.Winsize{Cols: uint16(columns), Rows: uint16(rows)}); err != nil {
		t.Fatal(err)
	}
	var pumps sync.WaitGroup
	shown := make(chan struct{})
	pumps.Go(func() { defer close(shown); s.show(t) })
	pumps.Go(func() { io.Copy(s.tty, s.term) }) // the terminal's answers to queries
	go func() {
		cmd.Wait()
		<-shown
		close(s.done)
	}()
	t.Cleanup(func() {
		cmd.Process.Kill()
		<-s.done
		s.tty.Close()
		s.term.InputPipe().(io.Closer).Close() // Close of the terminal itself races with Read
		pumps.Wait()
		if t.Failed() {
			t.Logf("the screen:\n%s", s.text())
		}
	})
	return s
}

// show feeds the terminal with what the program writes, until it ends.
func (s *terminal) show(t testing.TB) {
	buf := make([]byte, 32<<10)
	for {
		n, err := s.tty.Read(buf)
		s.mu.Lock()
		s.term.Write(buf[:n])
		s.mu.Unlock()
		select {
		case s.drawn <- struct{}{}:
		default:
		}
		if err != nil {
			if !errors.Is(err, io.EOF) && !errors.Is(err, os.ErrClosed) && !errors.Is(err, syscall.EIO) {
				t.Errorf("read the screen: %v", err)
			}
			return
		}
	}
}

// text returns what is on the screen.
func (s *terminal) text() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.term.String()
}

// alternate tells whether the alternate screen is on, and every change of it.
func (s *terminal) alternate() (on bool, changes []bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.term.IsAltScreen(), append(changes, s.modes...)
}

// press sends keys as a keyboard would.
func (s *terminal) press(t testing.TB, keys string) {
	t.Helper()
	if _, err := io.WriteString(s.tty, keys); err != nil {
		t.Fatal(err)
	}
}

// resize changes the size of the window.
func (s *terminal) resize(t testing.TB, columns, rows int) {
	t.Helper()
	s.mu.Lock()
	s.term.Resize(columns, rows)
	s.mu.Unlock()
	s.window(t, columns, rows)
}

// window tells the program a size that the terminal itself need not have.
func (s *terminal) window(t testing.TB, columns, rows int) {
	t.Helper()
	if err := pty.Setsize(s.tty, &pty.Winsize{Cols: uint16(columns), Rows: uint16(rows)}); err != nil {
		t.Fatal(err)
	}
}

// until waits until the screen is as wanted, and returns it.
func (s *terminal) until(t testing.TB, what string, wanted func(text string) bool) string {
	t.Helper()
	limit := time.After(patience)
	for ended := false; ; {
		text := s.text()
		if wanted(text) {
			return text
		}
		if ended {
			t.Fatalf("%s: the program ended", what)
		}
		select {
		case <-s.drawn:
		case <-s.done:
			ended = true
		case <-limit:
			t.Fatalf("%s: not within %v", what, patience)
		}
	}
}

// shows waits until the screen has all of the texts on it.
func (s *terminal) shows(t testing.TB, texts ...string) string {
	t.Helper()
	return s.until(t, "the screen shows "+strings.Join(texts, ", "), func(screen string) bool {
		for _, text := range texts {
			if !strings.Contains(screen, text) {
				return false
			}
		}
		return true
	})
}

// row returns the first line of the screen with a text in it, "" for none.
func row(screen, text string) string {
	for line := range strings.Lines(screen) {
		if strings.Contains(line, text) {
			return line
		}
	}
	return ""
}
