package cli_test

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"net"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"

	"swarmtop/swarm"
)

const lonelyMagnet = "magnet:?xt=urn:btih:0123456789abcdef0123456789abcdef01234567&dn=lonely.html"

// TestJSONHasTheWordsThatScriptsRead reads a snapshot as a script does: by name.
func TestJSONHasTheWordsThatScriptsRead(t *testing.T) {
	h := newHouse(t)
	page := filepath.Join(write(t, map[string]string{"page.html": "<!doctype html><p>page"}), "page.html")
	r := start(t, h.command(onAnyPort("--json", page, lonelyMagnet)...))
	r.until(t, "both swarms are there, one announced", func(s *swarm.Snapshot) bool {
		return len(s.Swarms) == 2 && s.Totals.Complete == 1 && s.Swarms[0].TrackerVerdict == swarm.Fine
	})
	var s map[string]any
	if err := json.Unmarshal([]byte(r.line(t, "one more line")), &s); err != nil {
		t.Fatal(err)
	}
	has(t, s, "at", "gateway", "tracker", "totals", "responses", "swarms")
	for _, v := range s["swarms"].([]any) {
		w := v.(map[string]any)
		has(t, w, "info_hash", "name", "size", "done", "state", "seeding", "connected", "copies", "down_rate",
			"up_rate", "downloaded", "uploaded", "peers", "trackers", "verdict")
		if w["name"] == "page.html" {
			tracker := w["trackers"].([]any)[0].(map[string]any)
			has(t, tracker, "url", "tier", "state", "seeders", "leechers", "latency_ms", "next_announce", "last_error")
			if w["state"] != "complete" || w["size"] != 22.0 || w["done"] != 22.0 || tracker["state"] != "working" {
				t.Errorf("the published page is %v", w)
			}
			continue
		}
		if w["state"] != "stalled" || w["size"] != nil || w["verdict"] != "unknown" {
			t.Errorf("of a magnet without peers: state %v, size %v, verdict %v; want stalled, null, unknown", w["state"], w["size"], w["verdict"])
		}
	}
	r.quits(t)
}

func has(t *testing.T, object map[string]any, names ...string) {
	t.Helper()
	for _, name := range names {
		if _, ok := object[name]; !ok {
			t.Errorf("no %q among %v", name, object)
		}
	}
}

func TestASwarmThatCannotFindAnyoneSaysWhy(t *testing.T) {
	r := start(t, newHouse(t).command(onAnyPort("--json", lonelyMagnet)...))
	r.until(t, "the reason", func(s *swarm.Snapshot) bool {
		return len(s.Swarms) == 1 && s.Swarms[0].Reason == "no trackers, DHT is off"
	})
}

func TestTheGoodSourcesGoOnBesideTheBadOnes(t *testing.T) {
	dir := write(t, map[string]string{"a.html": "<!doctype html>a", "b.css": "b{}"})
	r := start(t, newHouse(t).command(onAnyPort("nothing.torrent", filepath.Join(dir, "a.html"), "magnet:?dn=x", "--json", filepath.Join(dir, "b.css"))...))
	r.until(t, "two swarms", func(s *swarm.Snapshot) bool { return s.Totals.Complete == 2 })
	r.quits(t)
	if said := r.stderr.String(); strings.Count(said, "\n") != 2 || !strings.Contains(said, "swarmtop: nothing.torrent: ") || !strings.Contains(said, "swarmtop: magnet") {
		t.Errorf("of two bad sources it said\n%s", said)
	}
}

var totalsLine = regexp.MustCompile(`^\d\d:\d\d:\d\d swarms 1, complete [01], seeding [01], peers 0, down 0 B/s, up 0 B/s, offload –, types \w+, trackers \w+, gateway http://127\.0\.0\.1:\d+$`)

// TestPlainLinesInsteadOfAScreen holds wherever there is no screen to draw on.
func TestPlainLinesInsteadOfAScreen(t *testing.T) {
	dir := write(t, map[string]string{"a.html": "<!doctype html>a"})
	for _, args := range [][]string{{dir}, {"--no-screen", dir}} {
		r := start(t, newHouse(t).command(onAnyPort(args...)...)) // standard output is a pipe
		for line := ""; !totalsLine.MatchString(line); {
			line = r.line(t, "a line of totals")
			if strings.Contains(line, "\x1b") {
				t.Fatalf("an escape sequence in %q", line)
			}
		}
		r.quits(t)
	}
}

// TestTheEnvironmentNamesTheSameThings covers values that come once and several times.
func TestTheEnvironmentNamesTheSameThings(t *testing.T) {
	h := newHouse(t)
	dir := write(t, map[string]string{"a.html": "<!doctype html>a"})
	cmd := h.command(onAnyPort("--no-screen=false", dir)...)
	state := filepath.Join(t.TempDir(), "elsewhere")
	cmd.Env = append(cmd.Env, "SWARMTOP_JSON=true", "SWARMTOP_NO_SEED=1", "SWARMTOP_STATE="+state,
		"SWARMTOP_TRACKER=http://127.0.0.1:1/announce udp://127.0.0.1:1", "SWARMTOP_NO_SCREEN=true")
	r := start(t, cmd)
	s := r.until(t, "a swarm", func(s *swarm.Snapshot) bool { return len(s.Swarms) == 1 && len(s.Swarms[0].Trackers) == 3 })
	if s.Swarms[0].Seeding {
		t.Error("SWARMTOP_NO_SEED did not count")
	}
	r.quits(t) // after which the list of swarms has been written
	if _, err := os.Stat(filepath.Join(state, "swarms.json")); err != nil {
		t.Errorf("SWARMTOP_STATE did not count: %v", err)
	}
}

func TestTheFirstLineShowsWhatWasAdded(t *testing.T) {
	h := newHouse(t)
	dir := write(t, map[string]string{"a.html": "<!doctype html>a"})
	cmd := h.command(onAnyPort("--json", dir)...)
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	var first swarm.Snapshot
	if err := json.NewDecoder(stdout).Decode(&first); err != nil || len(first.Swarms) != 1 {
		t.Errorf("first line: %d swarms, %v; want 1", len(first.Swarms), err)
	}
	stdout.Close()
	if err := cmd.Wait(); err != nil {
		t.Error(err)
	}
}

func TestAClosedPipeIsAnOrderlyEnd(t *testing.T) {
	for _, args := range [][]string{{"demo", "--json"}, {"demo"}} {
		h := newHouse(t)
		cmd := h.command(onAnyPort(args...)...)
		stdout, err := cmd.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		if _, err := bufio.NewReader(stdout).ReadString('\n'); err != nil {
			t.Error(err)
		}
		stdout.Close()
		if err := cmd.Wait(); err != nil {
			t.Errorf("%v with a closed pipe: %v", args, err)
		}
		isEmpty(t, h.temp)
	}
}

// TestAReaderThatStoppedReadingDoesNotHoldUpTheEnd fills the pipe, then asks for the end.
func TestAReaderThatStoppedReadingDoesNotHoldUpTheEnd(t *testing.T) {
	h := newHouse(t)
	cmd := h.command(onAnyPort("demo", "--json")...)
	out, in, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer out.Close()
	// So full that the next line does not fit.
	if err := in.SetWriteDeadline(soon()); err != nil {
		t.Fatal(err)
	}
	for err == nil {
		_, err = in.Write(make([]byte, 4096))
	}
	if !errors.Is(err, os.ErrDeadlineExceeded) {
		t.Fatal(err)
	}
	r := &running{cmd: cmd, stderr: new(bytes.Buffer), done: make(chan struct{})}
	cmd.Stdout, cmd.Stderr = in, r.stderr
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	in.Close()
	go func() { cmd.Wait(); close(r.done) }()
	t.Cleanup(func() { cmd.Process.Kill(); <-r.done })
	untilListening(t, h)
	r.quits(t)
	isEmpty(t, h.temp)
}

func TestABusyDefaultPortGivesWay(t *testing.T) {
	// Whoever holds the port, it is busy then.
	if l, err := net.Listen("tcp", "127.0.0.1:8413"); err == nil {
		defer l.Close()
	} else if !errors.Is(err, syscall.EADDRINUSE) {
		t.Fatal(err)
	}
	h := newHouse(t)
	args := []string{"--json", "--peer-listen=127.0.0.1:0", "--tracker-listen=127.0.0.1:0", write(t, map[string]string{"a.html": "a"})}
	r := start(t, h.command(args...))
	first := r.until(t, "a gateway", func(s *swarm.Snapshot) bool { return s.Gateway != "" }).Gateway
	if strings.HasSuffix(first, ":8413") {
		t.Fatalf("the gateway is %s, which is taken", first)
	}
	r.quits(t)
	again := start(t, h.command(args...))
	again.until(t, "the same gateway", func(s *swarm.Snapshot) bool { return s.Gateway == first })
	again.quits(t)
}
