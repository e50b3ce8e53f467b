package interop

import (
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"

	"github.com/charmbracelet/x/vt"
	"github.com/creack/pty"
)

// onScreen is a swarmtop that runs in a terminal.
type onScreen struct {
	*process
	tty *os.File

	mu   sync.Mutex // guards term
	term *vt.Emulator
}

// startOnScreen opens the monitor in a terminal of 120×35 cells.
func startOnScreen(t *testing.T, args ...string) *onScreen {
	t.Helper()
	const columns, rows = 120, 35
	cmd := exec.Command(swarmtop, append(alone(t), args...)...)
	cmd.Env = environment(t)
	tty, err := pty.StartWithSize(cmd, &pty.Winsize{Cols: columns, Rows: rows})
	if err != nil {
		t.Fatal(err)
	}
	log, err := os.Create(filepath.Join(t.TempDir(), "screen.log"))
	if err != nil {
		t.Fatal(err)
	}
	s := &onScreen{tty: tty, term: vt.NewEmulator(columns, rows)}
	var pumps sync.WaitGroup
	pumps.Go(func() { s.show(t) })
	pumps.Go(func() { io.Copy(tty, s.term) }) // the terminal's answers to queries
	t.Cleanup(func() {
		tty.Close()
		s.term.InputPipe().(io.Closer).Close()
		pumps.Wait()
	})
	s.process = adopt(t, cmd, log)
	t.Cleanup(func() {
		if t.Failed() {
			t.Logf("the screen:\n%s", s.text())
		}
	})
	return s
}

// show feeds the terminal with what the program writes, until it ends.
func (s *onScreen) show(t *testing.T) {
	buf := make([]byte, 32<<10)
	for {
		n, err := s.tty.Read(buf)
		s.mu.Lock()
		s.term.Write(buf[:n])
		s.mu.Unlock()
		if err != nil {
			if !errors.Is(err, io.EOF) && !errors.Is(err, os.ErrClosed) && !errors.Is(err, syscall.EIO) {
				t.Errorf("read the screen: %v", err)
			}
			return
		}
	}
}

// text returns what is on the screen.
func (s *onScreen) text() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.term.String()
}

// press sends keys as a keyboard would.
func (s *onScreen) press(t *testing.T, keys string) {
	t.Helper()
	if _, err := io.WriteString(s.tty, keys); err != nil {
		t.Fatal(err)
	}
}

// shows waits until the screen has the text on it.
func (s *onScreen) shows(t *testing.T, text string) {
	t.Helper()
	eventually(t, "the screen shows "+text, patience, func() bool { return strings.Contains(s.text(), text) })
}
