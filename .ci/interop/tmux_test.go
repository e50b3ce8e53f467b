package interop

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// multiplexer is a tmux server with one window, in which a shell runs.
type multiplexer struct {
	t      *testing.T
	socket string
}

func startTmux(t *testing.T) multiplexer {
	m := multiplexer{t, filepath.Join(t.TempDir(), "tmux")}
	cmd := exec.Command("tmux", "-S", m.socket, "-f", os.DevNull, "new-session", "-d", "-x", "120", "-y", "35", "sh", "-i")
	cmd.Env = append(environment(t), "PS1=ready> ", "ENV=", "LC_ALL=C.UTF-8")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("tmux: %v: %s", err, out)
	}
	t.Cleanup(func() {
		if t.Failed() {
			t.Logf("the screen:\n%s", m.text())
		}
		m.do("kill-server")
	})
	return m
}

func (m multiplexer) do(args ...string) string {
	m.t.Helper()
	out, err := exec.Command("tmux", append([]string{"-S", m.socket}, args...)...).CombinedOutput()
	if err != nil {
		m.t.Errorf("tmux %q: %v: %s", args, err, out)
	}
	return string(out)
}

func (m multiplexer) press(keys ...string) {
	m.t.Helper()
	m.do(append([]string{"send-keys"}, keys...)...)
}

// types writes a line to the shell.
func (m multiplexer) types(line string) {
	m.t.Helper()
	m.press("-l", line)
	m.press("Enter")
}

func (m multiplexer) text() string { m.t.Helper(); return m.do("capture-pane", "-p") }

// alternate tells whether the screen is that of a full-screen program.
func (m multiplexer) alternate() bool {
	m.t.Helper()
	return strings.TrimSpace(m.do("display-message", "-p", "#{alternate_on}")) == "1"
}

// shows waits until all of the texts stand on a full-screen program's screen.
func (m multiplexer) shows(texts ...string) {
	m.t.Helper()
	eventually(m.t, "tmux shows "+strings.Join(texts, ", "), patience, func() bool {
		screen := m.text()
		for _, text := range texts {
			if !strings.Contains(screen, text) {
				return false
			}
		}
		return m.alternate()
	})
}

// prompts waits until the shell has the terminal again.
func (m multiplexer) prompts() {
	m.t.Helper()
	eventually(m.t, "the shell is back", patience, func() bool {
		lines := strings.Split(strings.TrimSpace(m.text()), "\n")
		return !m.alternate() && strings.Contains(lines[len(lines)-1], "ready>")
	})
}

// TestTmuxShowsResizesSuspendsAndContinuesTheScreen, and gets its terminal back.
func TestTmuxShowsResizesSuspendsAndContinuesTheScreen(t *testing.T) {
	m := startTmux(t)
	m.prompts()
	m.types("set -m; " + swarmtop + " demo")
	m.shows("1 Swarms", "share-button.html", "5 Responses")
	m.press("?")
	m.shows("page down", "esc close")
	m.press("Escape")
	m.do("resize-window", "-x", "80", "-y", "24")
	m.shows("2 Peers", "5 Responses ✓")
	m.do("resize-window", "-x", "200", "-y", "60")
	m.shows("Rates", "3 Pieces")
	m.press("C-z")
	m.prompts()
	m.types("clear; fg")
	m.shows("1 Swarms", "share-button.html")
	m.press("q")
	m.prompts()
}
