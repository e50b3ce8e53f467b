package torture

import (
	"bufio"
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"os"
	"os/exec"
	"sync"
	"syscall"
	"testing"
	"time"

	"swarmtop/swarm"
)

// running is a swarmtop that runs beside a test and never outlives it.
type running struct {
	cmd    *exec.Cmd
	stderr *bytes.Buffer // read it after done
	done   chan struct{} // closed when it has ended

	mu    sync.Mutex
	last  *swarm.Snapshot // nil before the first
	fresh chan struct{}   // capacity one: there is another
}

// command is swarmtop in a home of its own, on free ports.
func command(t testing.TB, state string, args ...string) *exec.Cmd {
	t.Helper()
	cmd := exec.Command(built(t, swarmtop), append([]string{"--state", state, "--listen=127.0.0.1:0", "--peer-listen=127.0.0.1:0",
		"--tracker-listen=127.0.0.1:0", "--probe-every=0"}, args...)...)
	home := t.TempDir()
	cmd.Env = append(os.Environ(), "HOME="+home, "XDG_CONFIG_HOME="+home, "XDG_STATE_HOME="+home, "TERM=xterm-256color", "COLORTERM=truecolor", "LC_ALL=C.UTF-8")
	return cmd
}

// start runs swarmtop without a screen and follows its snapshots.
func start(t testing.TB, state string, args ...string) *running {
	t.Helper()
	return follow(t, command(t, state, append([]string{"--json"}, args...)...))
}

// follow runs a command that writes snapshots.
func follow(t testing.TB, cmd *exec.Cmd) *running {
	t.Helper()
	r := &running{cmd: cmd, stderr: new(bytes.Buffer), done: make(chan struct{}), fresh: make(chan struct{}, 1)}
	r.cmd.Stderr = r.stderr
	out, err := r.cmd.StdoutPipe()
	if err == nil {
		err = r.cmd.Start()
	}
	if err != nil {
		t.Fatal(err)
	}
	go func() {
		defer close(r.done)
		r.follow(out)
		r.cmd.Wait()
	}()
	t.Cleanup(func() {
		r.kill()
		if t.Failed() {
			t.Logf("%v said:\n%s", r.cmd.Args[1:], r.stderr)
		}
	})
	return r
}

func (r *running) follow(out io.Reader) {
	in := bufio.NewScanner(out)
	in.Buffer(nil, 64<<20)
	for in.Scan() {
		var s swarm.Snapshot
		if json.Unmarshal(in.Bytes(), &s) != nil {
			continue // the half line of one that was killed
		}
		r.mu.Lock()
		r.last = &s
		r.mu.Unlock()
		select {
		case r.fresh <- struct{}{}:
		default:
		}
	}
}

// until waits for a snapshot that is as wanted.
func (r *running) until(t testing.TB, what string, wanted func(*swarm.Snapshot) bool) *swarm.Snapshot {
	t.Helper()
	for limit := time.After(patience); ; {
		r.mu.Lock()
		s := r.last
		r.mu.Unlock()
		if s != nil && wanted(s) {
			return s
		}
		select {
		case <-r.fresh:
		case <-r.done:
			t.Fatalf("%s: the program ended", what)
		case <-limit:
			b, _ := json.Marshal(s)
			t.Fatalf("%s: not within %v; the last snapshot was\n%.3000s", what, patience, b)
		}
	}
}

// kill ends it as a power cut would.
func (r *running) kill() {
	r.cmd.Process.Kill()
	<-r.done
}

// quit asks it to end.
func (r *running) quit(t testing.TB) {
	t.Helper()
	asked := time.Now()
	r.cmd.Process.Signal(syscall.SIGTERM)
	select {
	case <-r.done:
	case <-time.After(patience):
		t.Fatal("it does not end")
	}
	if took := time.Since(asked); *long && took > 2*time.Second {
		t.Errorf("quitting took %v, want 2 s at most", took)
	}
	if code := r.cmd.ProcessState.ExitCode(); code != 0 {
		t.Errorf("exit code %d, want 0\n%s", code, r.stderr)
	}
}

// allComplete tells whether so many swarms are there and complete.
func allComplete(n int) func(*swarm.Snapshot) bool {
	return func(s *swarm.Snapshot) bool { return s.Totals.Swarms == n && s.Totals.Complete == n }
}

// get returns a body and the status; the error tells that the body was cut.
func get(url string) (status int, body []byte, err error) {
	resp, err := http.Get(url)
	if err != nil {
		return 0, nil, err
	}
	defer resp.Body.Close()
	body, err = io.ReadAll(resp.Body)
	return resp.StatusCode, body, err
}

// cpu returns the time that a process has used.
func cpu(t testing.TB, pid int) time.Duration {
	t.Helper()
	fields := statFields(t, pid)
	return time.Duration(fields[11]+fields[12]) * (time.Second / 100) // utime and stime, in clock ticks
}
