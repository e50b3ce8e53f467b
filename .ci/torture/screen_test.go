package torture

import (
	"bytes"
	"io"
	"os"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/creack/pty"
)

// screen is a swarmtop on a terminal.
type screen struct {
	t     *testing.T
	tty   *os.File
	fresh chan struct{} // capacity one: there is more

	mu   sync.Mutex
	text []byte
}

// open opens the screen on sources.
func open(t *testing.T, sources ...string) *screen {
	t.Helper()
	cmd := command(t, t.TempDir(), sources...)
	tty, err := pty.StartWithSize(cmd, &pty.Winsize{Cols: 100, Rows: 30})
	if err != nil {
		t.Fatal(err)
	}
	s := &screen{t: t, tty: tty, fresh: make(chan struct{}, 1)}
	ended := make(chan struct{})
	go func() { defer close(ended); io.Copy(s, tty) }()
	t.Cleanup(func() {
		killGroup(cmd)
		tty.Close()
		<-ended
	})
	s.until("Swarms")
	return s
}

// judge presses a key so many times and returns how long it took at most until its
// effect was seen, the least of three tries each time. In the short form, whose
// machine has others to serve as well, half of them are judged.
func (s *screen) judge(times int) time.Duration {
	s.t.Helper()
	var took []time.Duration
	for range times {
		took = append(took, min(s.keyTakes(), s.keyTakes(), s.keyTakes()))
	}
	slices.Sort(took)
	if judged := took[scaled(times-1, times/2)]; judged > 100*time.Millisecond {
		s.t.Errorf("a key took %v, want 100 ms at most", judged)
	}
	return took[times-1]
}

// keyTakes opens the help and closes it, and returns how long it took to open.
func (s *screen) keyTakes() time.Duration {
	s.t.Helper()
	s.reset()
	began := time.Now()
	io.WriteString(s.tty, "?")
	s.until("undo")
	took := time.Since(began)
	s.reset()
	io.WriteString(s.tty, "\x1b")
	s.until("Swarms")
	return took
}

// Write takes what the program writes to its terminal.
func (s *screen) Write(b []byte) (int, error) {
	s.mu.Lock()
	s.text = append(s.text, b...)
	s.mu.Unlock()
	select {
	case s.fresh <- struct{}{}:
	default:
	}
	return len(b), nil
}

func (s *screen) reset() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.text = s.text[:0]
}

// until waits until a text was written.
func (s *screen) until(text string) {
	s.t.Helper()
	for limit := time.After(patience); ; {
		s.mu.Lock()
		found := bytes.Contains(s.text, []byte(text))
		s.mu.Unlock()
		if found {
			return
		}
		select {
		case <-s.fresh:
		case <-limit:
			s.t.Fatalf("the screen does not show %q", text)
		}
	}
}
