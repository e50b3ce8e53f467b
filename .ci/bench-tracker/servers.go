package main

import (
	"bytes"
	"context"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"net"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strconv"
	"syscall"
	"time"

	"swarmtop/swarm"
	"swarmtop/swarm/tracker"
)

// infoHash is that of swarm i. No two begin alike, as if they were real ones.
func infoHash(i int) (h swarm.InfoHash) {
	binary.BigEndian.PutUint32(h[:], uint32(i)*2654435761)
	return h
}

// server is a tracker in a process of its own.
type server struct {
	name string
	port int
	cmd  *exec.Cmd
	dir  string // removed at the end; empty for none
}

// serveEmbedded is what the process of the embedded tracker does.
func serveEmbedded(port int) error {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM)
	defer stop()
	listed := make(map[swarm.InfoHash]bool)
	for i := range swarms {
		listed[infoHash(i)] = true
	}
	t, err := tracker.New(tracker.Config{
		Listen:  net.JoinHostPort("127.0.0.1", strconv.Itoa(port)),
		Allowed: func(h swarm.InfoHash) bool { return listed[h] },
	})
	if err != nil {
		return err
	}
	return t.Run(ctx)
}

func startEmbedded() (*server, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	port, err := freePort()
	if err != nil {
		return nil, err
	}
	return start(&server{name: "embedded", port: port}, self, "-serve", strconv.Itoa(port))
}

func startOpentracker() (*server, error) {
	port, err := freePort()
	if err != nil {
		return nil, err
	}
	dir, err := os.MkdirTemp("", "opentracker")
	if err != nil {
		return nil, err
	}
	var list bytes.Buffer
	for i := range swarms {
		h := infoHash(i)
		list.WriteString(hex.EncodeToString(h[:]) + "\n")
	}
	if err := os.Chmod(dir, 0o755); err != nil { // it reads the list as nobody
		return nil, err
	}
	if err := os.WriteFile(filepath.Join(dir, "list"), list.Bytes(), 0o644); err != nil {
		return nil, err
	}
	p := strconv.Itoa(port)
	return start(&server{name: "opentracker", port: port, dir: dir},
		"opentracker", "-i", "127.0.0.1", "-p", p, "-P", p, "-u", "nobody", "-d", dir, "-w", "list")
}

// start runs a tracker on the server's core and waits until it listens.
func start(s *server, name string, args ...string) (*server, error) {
	s.cmd = exec.Command("taskset", append([]string{"-c", strconv.Itoa(serverCore), name}, args...)...)
	if s.name == "embedded" {
		s.cmd.Stderr = os.Stderr
	}
	if err := s.cmd.Start(); err != nil {
		return nil, err
	}
	for range 100 {
		c, err := net.Dial("tcp", net.JoinHostPort("127.0.0.1", strconv.Itoa(s.port)))
		if err == nil {
			c.Close()
			return s, nil
		}
		<-time.After(20 * time.Millisecond)
	}
	s.stop()
	return nil, fmt.Errorf("%s does not listen", s.name)
}

func (s *server) stop() {
	_ = s.cmd.Process.Signal(syscall.SIGTERM)
	_ = s.cmd.Wait()
	if s.dir != "" {
		os.RemoveAll(s.dir)
	}
}

// cpu is the time that the process has spent on any core, in the system too.
func (s *server) cpu() time.Duration {
	const tick = time.Second / 100 // the unit that Linux promises (proc(5))
	b, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", s.cmd.Process.Pid))
	if err != nil {
		return 0
	}
	fields := bytes.Fields(b[bytes.LastIndexByte(b, ')')+1:])
	var sum time.Duration
	for _, f := range fields[11:13] { // utime, stime
		n, _ := strconv.Atoi(string(f))
		sum += time.Duration(n) * tick
	}
	return sum
}

// freePort returns a port that is free for TCP and UDP.
func freePort() (int, error) {
	for {
		l, err := net.Listen("tcp4", "127.0.0.1:0")
		if err != nil {
			return 0, err
		}
		port := l.Addr().(*net.TCPAddr).Port
		u, err := net.ListenUDP("udp4", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1), Port: port})
		l.Close()
		if err == nil {
			u.Close()
			return port, nil
		}
	}
}
