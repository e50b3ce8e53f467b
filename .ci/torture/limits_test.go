package torture

import (
	"bytes"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"swarmtop/swarm"
	"swarmtop/swarm/recording"
)

// under returns a command whose program begins with a limit, see prlimit(1).
func under(cmd *exec.Cmd, limit string) *exec.Cmd {
	under := exec.Command("prlimit", append([]string{limit, "--", cmd.Path}, cmd.Args[1:]...)...)
	under.Env = cmd.Env
	return under
}

// limit changes a limit of a process that runs.
func limit(t *testing.T, pid int, limit string) {
	t.Helper()
	cmd := exec.Command("prlimit", "--pid", strconv.Itoa(pid), limit)
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v: %v\n%s", cmd.Args, err, out)
	}
}

// events returns the lines of the event log in a recording.
func events(t *testing.T, record string) (lines []string) {
	t.Helper()
	f, err := recording.Open(record)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	last, err := f.Snapshot(f.Count() - 1)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range last.Events {
		lines = append(lines, e.Text)
	}
	return lines
}

// told returns what a program that has ended has told: in the event log, which it
// recorded, and on standard error.
func (r *running) told(t *testing.T, record string) []string {
	t.Helper()
	lines := events(t, record)
	for line := range strings.Lines(r.stderr.String()) {
		lines = append(lines, strings.TrimSpace(line))
	}
	return lines
}

// TestOutOfDescriptors leaves the program fewer descriptors than it has open, while
// strangers connect to all that it listens on, and then gives them back.
func TestOutOfDescriptors(t *testing.T) {
	const strangers = 100
	span := scaled(60*time.Second, 5*time.Second)
	record := filepath.Join(t.TempDir(), "record")
	s := serve(t, 100_000, "--cache-bytes=0", "--record="+record)
	pid := s.cmd.Process.Pid
	alone := load(t, pid, span/2)
	limit(t, pid, "--nofile=4:64")
	var held []net.Conn
	for _, address := range []string{s.now.Gateway, s.now.Tracker, "http://" + peerAddress(t, s.running)} {
		u, err := url.Parse(address)
		if err != nil {
			t.Fatal(err)
		}
		for range strangers {
			conn, err := net.Dial("tcp", u.Host)
			if err != nil {
				t.Fatal(err)
			}
			defer conn.Close()
			held = append(held, conn)
			fmt.Fprint(conn, "GET /") // and no more
		}
	}
	used := load(t, pid, span)
	if most := scaled(0.05, 0.25); used > most {
		t.Errorf("%.1f %% of a core while out of descriptors, want %.0f %% at most", used*100, most*100)
	}
	c := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}, Timeout: time.Second}
	if err := s.fetch(c, nil, false); err == nil {
		t.Error("the asset is served: there are descriptors left")
	}
	limited := time.Now()
	s.until(t, "it goes on", func(now *swarm.Snapshot) bool { return now.At.After(limited) })
	for _, conn := range held {
		conn.Close()
	}
	limit(t, pid, "--nofile=64:64")
	again := time.Now()
	c.Timeout = patience
	eventually(t, "the asset is served again", patience, func() bool { return s.fetch(c, nil, false) == nil })
	took := time.Since(again)
	fresh := start(t, filepath.Join(t.TempDir(), "state"), s.now.Gateway+"/t/"+s.asset.InfoHash.String()+".torrent")
	fresh.until(t, "a fresh peer is served", allComplete(1))
	s.quit(t)
	lines := s.told(t, record)
	if len(lines) >= 100 {
		t.Errorf("%d lines in the event log and on standard error, want fewer than 100, the last %q", len(lines), lines[len(lines)-1])
	}
	measured("out of descriptors (EMFILE) with 300 connections of strangers", "fewer than 100 log lines, under 5 % of a core, goes on by itself",
		"%v: %d lines, %.1f %% of a core (%.1f %% before), serves %.1f s after there were some", span, len(lines), used*100, alone*100, took.Seconds())
}

// TestDiskThatRefusesWrites lets no file grow as large as the asset, so that writes
// fail for another reason than a full disk, and then lets them.
func TestDiskThatRefusesWrites(t *testing.T) {
	span := scaled(60*time.Second, 12*time.Second)
	s := serve(t, 1<<20)
	record := filepath.Join(t.TempDir(), "record")
	cmd := command(t, filepath.Join(t.TempDir(), "state"), "--json", "--record="+record, s.now.Gateway+"/t/"+s.asset.InfoHash.String()+".torrent")
	r := follow(t, under(cmd, "--fsize=500000:unlimited"))
	now := r.until(t, "the row tells of it", func(now *swarm.Snapshot) bool {
		return len(now.Swarms) == 1 && strings.Contains(now.Swarms[0].Reason, "cannot write to disk")
	})
	used := load(t, r.cmd.Process.Pid, span)
	if most := scaled(0.05, 0.25); used > most {
		t.Errorf("%.1f %% of a core while nothing can be written, want %.0f %% at most", used*100, most*100)
	}
	limit(t, r.cmd.Process.Pid, "--fsize=unlimited:unlimited")
	began := time.Now()
	r.until(t, "it is complete, now that it can be written", allComplete(1))
	took := time.Since(began)
	if *long && took > 10*time.Second {
		t.Errorf("it took %v to go on, want 10 s at most", took)
	}
	status, got, err := get(now.Gateway + "/w/" + s.asset.InfoHash.String() + "/asset.bin")
	if status != http.StatusOK || err != nil || !bytes.Equal(got, s.data) {
		t.Errorf("it is answered %d with %d bytes (%v)", status, len(got), err)
	}
	r.quit(t)
	lines, told := r.told(t, record), false
	for _, line := range lines {
		told = told || strings.Contains(line, "cannot write to disk")
	}
	if len(lines) >= 100 || !told {
		t.Errorf("%d lines in the event log and on standard error, want fewer than 100 that tell of it: %q", len(lines), lines)
	}
	measured("writes that fail otherwise (EFBIG)", "fewer than 100 log lines, under 5 % of a core, goes on by itself within 10 s",
		"%v: %d lines, %.1f %% of a core, complete %.1f s after writes were let through", span, len(lines), used*100, took.Seconds())
}
