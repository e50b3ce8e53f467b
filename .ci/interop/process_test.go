package interop

import (
	"errors"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"syscall"
	"testing"
	"time"
)

// patience is how long anything may take that ought to take a moment.
const patience = 60 * time.Second

// process is a program that runs beside a test and never outlives it.
type process struct {
	cmd  *exec.Cmd
	log  string        // file with what it printed
	done chan struct{} // closed when it has ended
	err  error         // of Wait; read it after done
}

// start runs a program with its output in a file, which is shown if the test fails.
func start(t *testing.T, name string, args ...string) *process {
	t.Helper()
	cmd := exec.Command(name, args...)
	log, err := os.Create(filepath.Join(t.TempDir(), filepath.Base(name)+".log"))
	if err != nil {
		t.Fatal(err)
	}
	cmd.Stdout, cmd.Stderr = log, log
	return supervise(t, cmd, log)
}

// supervise starts cmd, whose output goes to log, and sees to the end of both.
func supervise(t *testing.T, cmd *exec.Cmd, log *os.File) *process {
	t.Helper()
	if err := cmd.Start(); err != nil {
		t.Fatalf("start %s: %v", cmd.Path, err)
	}
	p := &process{cmd: cmd, log: log.Name(), done: make(chan struct{})}
	go func() {
		defer close(p.done)
		p.err = cmd.Wait()
		log.Close()
	}()
	t.Cleanup(func() {
		p.stop()
		if t.Failed() {
			b, _ := os.ReadFile(p.log)
			t.Logf("%s printed:\n%s", filepath.Base(cmd.Path), b[max(0, len(b)-4000):])
		}
	})
	return p
}

// stop asks the program to end, and insists after a while.
func (p *process) stop() {
	p.cmd.Process.Signal(syscall.SIGTERM)
	select {
	case <-p.done:
	case <-time.After(10 * time.Second):
		p.cmd.Process.Kill()
		<-p.done
	}
}

// exitCode waits for the end of the program; −1 means that a signal ended it.
func (p *process) exitCode(t *testing.T) int {
	t.Helper()
	select {
	case <-p.done:
	case <-time.After(patience):
		t.Fatalf("%s still runs after %v", p.cmd.Path, patience)
	}
	var exit *exec.ExitError
	if p.err != nil && !errors.As(p.err, &exit) {
		t.Fatalf("%s: %v", p.cmd.Path, p.err)
	}
	return p.cmd.ProcessState.ExitCode()
}

// eventually asks until the answer is yes, and fails the test when it stays no.
func eventually(t *testing.T, what string, within time.Duration, holds func() bool) {
	t.Helper()
	deadline := time.After(within)
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	for !holds() {
		select {
		case <-deadline:
			t.Fatalf("waited %v in vain: %s", within, what)
		case <-tick.C:
		}
	}
}

// freePort returns a port of 127.0.0.1 that is free for TCP and UDP.
func freePort(t *testing.T) string {
	t.Helper()
	for range 20 {
		l, err := net.Listen("tcp4", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		port := strconv.Itoa(l.Addr().(*net.TCPAddr).Port)
		u, err := net.ListenPacket("udp4", "127.0.0.1:"+port)
		l.Close()
		if err == nil {
			u.Close()
			return port
		}
	}
	t.Fatal("no port is free for both TCP and UDP")
	return ""
}

// answers tells whether an HTTP server speaks at url, whatever it says.
func answers(url string) bool {
	c := http.Client{Timeout: time.Second}
	r, err := c.Get(url)
	if err != nil {
		return false
	}
	r.Body.Close()
	return true
}
