package cli_test

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"swarmtop/swarm"
)

// patience is how long anything may take that ought to take a moment.
const patience = 60 * time.Second

// promptly is how long an end may take that waits for nothing. Two seconds are
// promised; a machine that runs other tests beside gets more, and still less than
// anything takes that is waited for in vain.
const promptly = 8 * time.Second

// house is where one user lives: nothing that a swarmtop does there reaches another.
type house struct{ home, temp string }

func newHouse(t testing.TB) house {
	return house{t.TempDir(), t.TempDir()}
}

// command is swarmtop as the user of the house calls it.
func (h house) command(args ...string) *exec.Cmd {
	cmd := exec.Command(binary, args...)
	for _, v := range os.Environ() {
		if name, _, _ := strings.Cut(v, "="); !strings.HasPrefix(name, "SWARMTOP_") && !strings.HasPrefix(name, "XDG_") {
			cmd.Env = append(cmd.Env, v)
		}
	}
	cmd.Env = append(cmd.Env, "HOME="+h.home, "XDG_CONFIG_HOME="+h.home, "XDG_STATE_HOME="+h.home,
		"TMPDIR="+h.temp, "TERM=xterm-256color", "COLORTERM=truecolor")
	return cmd
}

// onAnyPort are the flags of a swarmtop that is alone on its addresses.
func onAnyPort(args ...string) []string {
	return append([]string{"--listen=127.0.0.1:0", "--peer-listen=127.0.0.1:0", "--tracker-listen=127.0.0.1:0"}, args...)
}

// running is a program that runs beside a test and never outlives it.
type running struct {
	cmd    *exec.Cmd
	stderr *bytes.Buffer // read it after done
	done   chan struct{} // closed when it has ended

	wake chan struct{} // capacity one: there is a new line
	mu   sync.Mutex
	out  []string // lines of standard output that nobody has taken
}

// start runs a program whose standard output is read to its end.
func start(t testing.TB, cmd *exec.Cmd) *running {
	t.Helper()
	r := &running{cmd: cmd, stderr: new(bytes.Buffer), done: make(chan struct{}), wake: make(chan struct{}, 1)}
	cmd.Stderr = r.stderr
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	go func() {
		defer close(r.done)
		r.read(stdout)
		cmd.Wait()
	}()
	t.Cleanup(func() {
		cmd.Process.Kill()
		<-r.done
		if t.Failed() {
			t.Logf("%s said:\n%s", strings.Join(cmd.Args[1:], " "), r.stderr)
		}
	})
	return r
}

func (r *running) read(stdout io.Reader) {
	in := bufio.NewScanner(stdout)
	in.Buffer(nil, 64<<20)
	for in.Scan() {
		r.mu.Lock()
		r.out = append(r.out, in.Text())
		r.mu.Unlock()
		select {
		case r.wake <- struct{}{}:
		default:
		}
	}
}

// line returns the next line of standard output.
func (r *running) line(t testing.TB, what string) string {
	t.Helper()
	limit := time.After(patience)
	for ended := false; ; {
		r.mu.Lock()
		if len(r.out) > 0 {
			first := r.out[0]
			r.out = r.out[1:]
			r.mu.Unlock()
			return first
		}
		r.mu.Unlock()
		if ended {
			t.Fatalf("%s: the program ended\n%s", what, r.stderr)
		}
		select {
		case <-r.wake:
		case <-r.done:
			ended = true
		case <-limit:
			t.Fatalf("%s: not within %v", what, patience)
		}
	}
}

// until reads snapshots until one is as wanted.
func (r *running) until(t testing.TB, what string, wanted func(*swarm.Snapshot) bool) *swarm.Snapshot {
	t.Helper()
	limit := time.Now().Add(patience)
	for {
		text := r.line(t, what)
		var s swarm.Snapshot
		if err := json.Unmarshal([]byte(text), &s); err != nil {
			t.Fatalf("%s: a line that is no snapshot: %v\n%s", what, err, text)
		}
		if wanted(&s) {
			return &s
		}
		if time.Now().After(limit) {
			t.Fatalf("%s: not within %v; the last snapshot was\n%s", what, patience, text)
		}
	}
}

// exit waits for the end and returns the exit code; −1 stands for a signal.
func (r *running) exit(t testing.TB) int {
	t.Helper()
	select {
	case <-r.done:
	case <-time.After(patience):
		t.Fatalf("%v still runs", r.cmd.Args)
	}
	return r.cmd.ProcessState.ExitCode()
}

// quits asks the program to end, which it does promptly and well.
func (r *running) quits(t testing.TB) {
	t.Helper()
	asked := time.Now()
	if err := r.cmd.Process.Signal(syscall.SIGTERM); err != nil && !errors.Is(err, os.ErrProcessDone) {
		t.Fatal(err)
	}
	if code := r.exit(t); code != 0 {
		t.Errorf("exit code %d after SIGTERM, want 0\n%s", code, r.stderr)
	}
	inTime(t, "quit", asked)
}

// inTime fails the test if what was asked for took too long.
func inTime(t testing.TB, what string, asked time.Time) {
	t.Helper()
	if took := time.Since(asked); took > promptly {
		t.Errorf("%s: it took %v, want %v at most", what, took, promptly)
	}
}

// complete tells whether the swarm is there and every byte of it is.
func complete(h swarm.InfoHash) func(*swarm.Snapshot) bool {
	return func(s *swarm.Snapshot) bool {
		w := s.Swarm(h)
		return w != nil && w.State == swarm.Complete
	}
}

// write puts files into a new folder, by path, and returns it.
func write(t testing.TB, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range files {
		path := filepath.Join(dir, name)
		if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o700), os.WriteFile(path, []byte(text), 0o600)); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// isEmpty fails the test if anything is in the folder.
func isEmpty(t testing.TB, dir string) {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for e := range slices.Values(entries) {
		t.Errorf("%s was left behind", e.Name())
	}
}
