package interop

import (
	"bufio"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"
)

// snapshot is what these tests read of a line of --json, in the words that
// .github/SNAPSHOT.md promises to scripts.
type snapshot struct {
	Gateway string   `json:"gateway"`
	Tracker string   `json:"tracker"`
	Swarms  []status `json:"swarms"`
}

type status struct {
	InfoHash string `json:"info_hash"`
	Name     string `json:"name"`
	State    string `json:"state"`
	Reason   string `json:"reason"`
	Size     *int64 `json:"size"`
	Done     int64  `json:"done"`
	Seeding  bool   `json:"seeding"`
	Uploaded int64  `json:"uploaded"`
	Peers    []struct {
		Address string  `json:"address"`
		Client  *string `json:"client"`
		UpRate  int64   `json:"up_rate"`
	} `json:"peers"`
	Trackers []struct {
		URL       string `json:"url"`
		State     string `json:"state"`
		Seeders   *int   `json:"seeders"`
		Leechers  *int   `json:"leechers"`
		LastError string `json:"last_error"`
	} `json:"trackers"`
	Discovery []struct {
		Source string `json:"source"`
		Peers  int    `json:"peers"`
	} `json:"discovery"`
	Files []struct {
		Path        string `json:"path"`
		Size        int64  `json:"size"`
		ContentType string `json:"content_type"`
	} `json:"files"`
}

// swarm returns the one with the info hash, or one without anything in it.
func (s snapshot) swarm(infoHash string) status {
	for _, w := range s.Swarms {
		if w.InfoHash == infoHash {
			return w
		}
	}
	return status{}
}

// headless is a running `swarmtop --json`.
type headless struct {
	*process
	lines chan snapshot
}

// startHeadless runs swarmtop without a screen, on free ports, with a state
// folder of its own unless args name one.
func startHeadless(t *testing.T, args ...string) *headless {
	t.Helper()
	cmd := exec.Command(swarmtop, append(alone(t), append([]string{"--json"}, args...)...)...)
	cmd.Env = environment(t)
	log, err := os.Create(filepath.Join(t.TempDir(), "swarmtop.log"))
	if err != nil {
		t.Fatal(err)
	}
	cmd.Stderr = log
	out, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	cmd.Stdout = w
	h := &headless{lines: make(chan snapshot, 1000)}
	h.process = supervise(t, cmd, log)
	w.Close()
	read := make(chan struct{})
	go func() {
		defer close(read)
		defer close(h.lines)
		in := bufio.NewScanner(out)
		in.Buffer(nil, 16<<20)
		for in.Scan() {
			var s snapshot
			if err := json.Unmarshal(in.Bytes(), &s); err != nil {
				t.Errorf("a line of --json cannot be read: %v\n%s", err, in.Text())
				continue
			}
			h.lines <- s
		}
	}()
	t.Cleanup(func() {
		h.stop()
		for range h.lines { // what nobody has read
		}
		<-read
		out.Close()
	})
	return h
}

// alone are the flags that keep one swarmtop out of the way of others.
func alone(t *testing.T) []string {
	return []string{
		"--state", t.TempDir(), "--listen", "127.0.0.1:" + freePort(t),
		"--peer-listen", "127.0.0.1:" + freePort(t), "--tracker-listen", "127.0.0.1:" + freePort(t),
	}
}

// environment is this process's, with a home folder in which nothing is.
func environment(t *testing.T) []string {
	home := t.TempDir()
	return append(os.Environ(), "HOME="+home, "XDG_CONFIG_HOME="+home, "XDG_STATE_HOME="+home, "TERM=xterm-256color", "COLORTERM=truecolor")
}

// until reads snapshots in their order until one is as wanted, and returns it.
func (h *headless) until(t *testing.T, what string, wanted func(snapshot) bool) snapshot {
	t.Helper()
	deadline := time.After(patience)
	var last snapshot
	for {
		select {
		case s, ok := <-h.lines:
			if !ok {
				t.Fatalf("swarmtop ended while waiting: %s", what)
			}
			if wanted(s) {
				return s
			}
			last = s
		case <-deadline:
			b, _ := json.MarshalIndent(last, "", "  ")
			t.Fatalf("waited %v in vain: %s; the last snapshot was\n%s", patience, what, b)
		}
	}
}

// quit asks swarmtop to end: it must before stop insists, and say that all was well.
func (h *headless) quit(t *testing.T) {
	t.Helper()
	h.stop()
	if code := h.exitCode(t); code != 0 {
		t.Errorf("exit code %d after SIGTERM, want 0", code)
	}
}
