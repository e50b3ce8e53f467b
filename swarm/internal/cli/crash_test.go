package cli_test

import (
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/charmbracelet/x/term"
	"golang.org/x/sys/unix"
)

// shown starts a screen of one published page on a terminal and waits for it. It
// returns the process that draws, and how the terminal was before.
func shown(t *testing.T, h house) (s *terminal, worker int, was *term.State) {
	t.Helper()
	cmd := h.command(onAnyPort(write(t, map[string]string{"page.html": "<!doctype html>page"}))...)
	s = onTerminal(t, cmd, 120, 35)
	was = s.discipline(t)
	s.shows(t, "page.html")
	text, err := os.ReadFile(filepath.Join(h.home, "swarmtop", "lock"))
	if err != nil {
		t.Fatal(err)
	}
	if worker, err = strconv.Atoi(strings.TrimSpace(string(text))); err != nil || worker == s.cmd.Process.Pid {
		t.Fatalf("the lock names %q, and the guard is %d: %v", text, s.cmd.Process.Pid, err)
	}
	if raw := s.discipline(t); *raw == *was {
		t.Fatal("the terminal is not raw under the screen")
	}
	return s, worker, was
}

// discipline returns the terminal's line discipline. Before a program has changed
// it, it is that of a new terminal.
func (s *terminal) discipline(t *testing.T) *term.State {
	t.Helper()
	state, err := term.GetState(s.tty.Fd())
	if err != nil {
		t.Fatal(err)
	}
	return state
}

// usable fails the test unless the terminal is as a shell wants it.
func (s *terminal) usable(t *testing.T, was *term.State) {
	t.Helper()
	if on, _ := s.alternate(); on {
		t.Error("the alternate screen is left on")
	}
	if is := s.discipline(t); *is != *was {
		t.Errorf("the line discipline is %+v, want %+v", *is, *was)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.hidden {
		t.Error("the cursor is left hidden")
	}
	for _, mode := range slices.Sorted(maps.Keys(s.set)) {
		if mode != 25 && mode != 7 { // a visible cursor and wrapped lines
			t.Errorf("the mode ?%d is left on", mode)
		}
	}
}

// reports returns the reports that a house has.
func (h house) reports(t *testing.T) []string {
	t.Helper()
	paths, err := filepath.Glob(filepath.Join(h.home, "swarmtop", "reports", "*"))
	if err != nil {
		t.Fatal(err)
	}
	var all []string
	for _, path := range paths {
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, string(text))
	}
	return all
}

// TestACrashLeavesAUsableTerminal ends the process that draws in ways that none of
// its goroutines can recover from.
func TestACrashLeavesAUsableTerminal(t *testing.T) {
	tests := []struct {
		signal syscall.Signal
		reason string
		stack  string // in the report
		code   int
	}{
		{syscall.SIGABRT, "SIGABRT: abort", "goroutine ", 1},
		{syscall.SIGQUIT, "SIGQUIT: quit", "goroutine ", 1},
		{syscall.SIGSEGV, "SIGSEGV: segmentation violation", "goroutine ", 1},
		{syscall.SIGKILL, "killed by SIGKILL", "There is none", 128 + 9},
	}
	for _, tt := range tests {
		t.Run(tt.signal.String(), func(t *testing.T) {
			h := newHouse(t)
			s, worker, was := shown(t, h)
			if err := syscall.Kill(worker, tt.signal); err != nil {
				t.Fatal(err)
			}
			if code := s.exit(t); code != tt.code {
				t.Errorf("exit code %d, want %d", code, tt.code)
			}
			s.usable(t, was)
			text := strings.Join(strings.Fields(s.text()), "") // a long path is broken
			for _, part := range []string{"swarmtop: " + tt.reason, "what to do now is told in " + h.home} {
				if !strings.Contains(text, strings.ReplaceAll(part, " ", "")) {
					t.Errorf("after the crash the terminal says %q without %q", text, part)
				}
			}
			reports := h.reports(t)
			if len(reports) != 1 {
				t.Fatalf("%d reports, want 1", len(reports))
			}
			for _, part := range []string{"swarmtop has crashed: " + tt.reason, "What to do\n", "called as: ", tt.stack} {
				if !strings.Contains(reports[0], part) {
					t.Errorf("the report lacks %q:\n%.2000s", part, reports[0])
				}
			}

			again := onTerminal(t, h.command(onAnyPort()...), 120, 35)
			again.shows(t, "page.html", "1 seeding") // the lock is free, the asset is there
			again.press(t, "q")
			if code := again.exit(t); code != 0 {
				t.Errorf("after the restart: exit code %d, want 0", code)
			}
		})
	}
}

// TestTheScreenEndsWithItsGuard takes the guard away from it.
func TestTheScreenEndsWithItsGuard(t *testing.T) {
	s, worker, _ := shown(t, newHouse(t))
	ends := watch(t, worker)
	if err := s.cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	ends("the process that draws")
}

// TestSignalsReachTheProcessThatDraws sends them to the guard, which is the one that a user knows.
func TestSignalsReachTheProcessThatDraws(t *testing.T) {
	h := newHouse(t)
	s, _, was := shown(t, h)
	asked := time.Now()
	if err := s.cmd.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	s.ends(t, h)
	inTime(t, "the end", asked)
	s.usable(t, was)
	if n := len(h.reports(t)); n > 0 {
		t.Errorf("%d reports after an orderly end", n)
	}
}

// TestAClosedTerminalEndsTheProgram closes the window under it.
func TestAClosedTerminalEndsTheProgram(t *testing.T) {
	h := newHouse(t)
	s, worker, _ := shown(t, h)
	ends := watch(t, worker)
	closed := time.Now()
	if err := s.tty.Close(); err != nil {
		t.Fatal(err)
	}
	s.exit(t)
	ends("the process that draws")
	inTime(t, "the end", closed)
	if n := len(h.reports(t)); n > 0 {
		t.Errorf("%d reports after an orderly end", n)
	}
}

// TestTheSmallestWindows and storms of sizes neither end nor hang the screen.
func TestTheSmallestWindows(t *testing.T) {
	h := newHouse(t)
	s, _, was := shown(t, h)
	for _, size := range [][2]int{{1, 1}, {0, 0}, {1, 60}, {300, 1}, {2, 2}} {
		s.window(t, size[0], size[1])
	}
	for i := range 500 {
		s.window(t, i%250, (i*7)%80)
	}
	s.resize(t, 120, 35)
	s.shows(t, "page.html", "Trackers")
	s.window(t, 0, 0)
	s.press(t, "q")
	if code := s.exit(t); code != 0 {
		t.Errorf("exit code %d, want 0", code)
	}
	s.usable(t, was)
}

// TestAShellStopsAndContinuesTheScreen by its own keys and by signals from elsewhere.
func TestAShellStopsAndContinuesTheScreen(t *testing.T) {
	s, worker, guard, was := inShell(t)
	prompts := func(text string) bool { // what was half written when it was stopped may stand around it, and wrap it
		on, _ := s.alternate()
		lines := strings.Split(strings.TrimRight(text, " \n"), "\n")
		return !on && strings.Contains(strings.Join(lines[max(0, len(lines)-2):], ""), "ready>")
	}
	for _, stop := range []struct {
		how string
		do  func() error
	}{
		{"a key", func() error { s.press(t, "\x1a"); return nil }},
		{"SIGTSTP to the guard", func() error { return syscall.Kill(guard, syscall.SIGTSTP) }},
		{"SIGTSTP to both", func() error { return syscall.Kill(-guard, syscall.SIGTSTP) }},
		{"SIGSTOP to the process that draws", func() error { return syscall.Kill(worker, syscall.SIGSTOP) }},
	} {
		if err := stop.do(); err != nil {
			t.Fatal(err)
		}
		s.until(t, "stopped by "+stop.how, prompts)
		s.usable(t, was)
		s.press(t, "clear; fg\n")
		s.until(t, "continued after "+stop.how, func(text string) bool {
			on, _ := s.alternate()
			return on && strings.Contains(text, "page.html") && strings.Contains(text, "Trackers")
		})
	}
	s.press(t, "q")
	s.until(t, "the shell is back", prompts)
	s.press(t, "exit\n")
	if code := s.exit(t); code != 0 {
		t.Errorf("exit code %d, want 0", code)
	}
	s.usable(t, was)
}

// inShell starts the screen of one published page from an interactive shell. It
// returns the process that draws, its guard, and how the terminal was before.
func inShell(t *testing.T) (s *terminal, worker, guard int, was *term.State) {
	t.Helper()
	h := newHouse(t)
	args := onAnyPort(write(t, map[string]string{"page.html": "<!doctype html>page"}))
	cmd := h.command()
	cmd.Path, cmd.Args = "/bin/sh", []string{"sh", "-i"}
	cmd.Env = append(cmd.Env, "PS1=ready> ", "ENV=")
	s = onTerminal(t, cmd, 120, 35)
	s.shows(t, "ready>")
	was = s.discipline(t)
	s.press(t, "set -m; "+binary+" '"+strings.Join(args, "' '")+"'\n")
	s.shows(t, "page.html", "Trackers")
	text, err := os.ReadFile(filepath.Join(h.home, "swarmtop", "lock"))
	if err != nil {
		t.Fatal(err)
	}
	worker, err = strconv.Atoi(strings.TrimSpace(string(text)))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = syscall.Kill(worker, syscall.SIGKILL) }) // it may outlive its shell
	return s, worker, parent(t, worker), was
}

// TestAShellThatDiesTakesTheScreenWithIt though the terminal stays: nobody could
// bring the program to the fore again.
func TestAShellThatDiesTakesTheScreenWithIt(t *testing.T) {
	s, worker, guard, _ := inShell(t)
	program, itsGuard := watch(t, worker), watch(t, guard)
	if err := s.cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	program("the program, without its shell,")
	itsGuard("its guard")
}

// watch returns what waits for the end of a process that is no child of the test.
func watch(t *testing.T, pid int) (ends func(what string)) {
	t.Helper()
	fd, err := unix.PidfdOpen(pid, 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { unix.Close(fd) })
	return func(what string) {
		t.Helper()
		wait := []unix.PollFd{{Fd: int32(fd), Events: unix.POLLIN}}
		n, err := unix.Poll(wait, int(patience.Milliseconds()))
		for err == unix.EINTR {
			n, err = unix.Poll(wait, int(patience.Milliseconds()))
		}
		if n != 1 || err != nil {
			t.Errorf("%s runs on: %v", what, err)
		}
	}
}

// parent returns the parent of a process, as ps tells it.
func parent(t *testing.T, pid int) int {
	t.Helper()
	text, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/stat")
	if err != nil {
		t.Fatal(err)
	}
	_, rest, _ := strings.Cut(string(text), ") ")
	n, err := strconv.Atoi(strings.Fields(rest)[1])
	if err != nil {
		t.Fatal(err)
	}
	return n
}
