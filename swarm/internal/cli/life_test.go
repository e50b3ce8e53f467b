package cli_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"swarmtop/swarm"
)

// soon is when a write that cannot go on is given up.
func soon() time.Time { return time.Now().Add(time.Second / 10) }

// untilListening waits until the demo of a house has bound its addresses.
func untilListening(t testing.TB, h house) {
	t.Helper()
	eventually(t, "the demo listens", func() bool {
		found, err := filepath.Glob(filepath.Join(h.temp, "*", "assets", "*"))
		return err == nil && len(found) > 0
	})
}

// eventually asks until the answer is yes.
func eventually(t testing.TB, what string, holds func() bool) {
	t.Helper()
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	for limit := time.After(patience); !holds(); {
		select {
		case <-tick.C:
		case <-limit:
			t.Fatalf("%s: not within %v", what, patience)
		}
	}
}

func TestTheDemoIsAliveAndLeavesNothingBehind(t *testing.T) {
	h := newHouse(t)
	r := start(t, h.command("--json")) // no source, and nothing in the state folder
	s := r.until(t, "every pane is alive", func(s *swarm.Snapshot) bool {
		return len(s.Swarms) >= 6 && len(addresses(s)) >= 2 && s.Totals.Peers >= 6 && s.Totals.UpRate > 0 && s.Totals.DownRate > 0 &&
			s.Totals.Trackers == swarm.Fine && len(s.Responses.Tail) > 0
	})
	if !s.Demo || !strings.HasPrefix(s.Gateway, "http://127.0.0.1:") || !strings.HasPrefix(s.Tracker, "http://127.0.0.1:") {
		t.Errorf("demo %v, gateway %s, tracker %s", s.Demo, s.Gateway, s.Tracker)
	}
	for address := range addresses(s) {
		if !strings.HasPrefix(address, "127.") {
			t.Errorf("peer %s is not on this machine", address)
		}
	}
	r.quits(t)
	isEmpty(t, h.temp)
	isEmpty(t, h.home)
}

// addresses are those of all peers, without ports.
func addresses(s *swarm.Snapshot) map[string]bool {
	all := map[string]bool{}
	for i := range s.Swarms {
		for _, p := range s.Swarms[i].Peers {
			host, _, _ := strings.Cut(p.Address, ":")
			all[host] = true
		}
	}
	return all
}

func TestASecondOneOnTheSameFolderIsRefused(t *testing.T) {
	h := newHouse(t)
	state := filepath.Join(t.TempDir(), "state")
	args := onAnyPort("--json", "--state", state, write(t, map[string]string{"a.html": "a"}))
	first := start(t, h.command(args...))
	first.until(t, "the first runs", func(s *swarm.Snapshot) bool { return s.Totals.Complete == 1 })

	second := start(t, h.command(args...))
	if code := second.exit(t); code != 1 {
		t.Errorf("exit code %d, want 1", code)
	}
	said := second.stderr.String()
	if strings.Count(said, "\n") != 1 || !strings.HasPrefix(said, "swarmtop: state folder is in use by process ") ||
		!strings.Contains(said, state) || !strings.Contains(said, "--state") {
		t.Errorf("it said %q", said)
	}
	first.until(t, "the first goes on", func(s *swarm.Snapshot) bool { return s.Totals.Complete == 1 })
	first.quits(t)

	third := start(t, h.command(onAnyPort("--json", "--state", state)...))
	third.until(t, "the folder is free, and holds what it held", func(s *swarm.Snapshot) bool { return s.Totals.Complete == 1 && !s.Demo })
	third.quits(t)
}

// TestABadManifestInItsUsualPlace keeps nobody from what the state folder holds.
func TestABadManifestInItsUsualPlace(t *testing.T) {
	h := newHouse(t)
	first := start(t, h.command(onAnyPort("--json", write(t, map[string]string{"a.html": "a"}))...))
	first.until(t, "the page is published", func(s *swarm.Snapshot) bool { return s.Totals.Complete == 1 })
	first.quits(t)
	if err := os.WriteFile(filepath.Join(h.home, "swarmtop", "manifest.toml"), []byte("[[asset]]\nsorce = 1\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	second := start(t, h.command(onAnyPort("--json")...))
	second.until(t, "the page is there", func(s *swarm.Snapshot) bool { return s.Totals.Complete == 1 })
	second.quits(t)
	if !strings.Contains(second.stderr.String(), "manifest.toml:2: sorce: unknown key") {
		t.Errorf("of the manifest it said %q", second.stderr)
	}
}

// TestQuittingDoesNotWaitForTrackers has one that accepts and never answers.
func TestQuittingDoesNotWaitForTrackers(t *testing.T) {
	h := newHouse(t)
	r := start(t, h.command(onAnyPort("--json", "--tracker", blackHole(t), write(t, map[string]string{"a.html": "a"}))...))
	r.until(t, "it announces", func(s *swarm.Snapshot) bool {
		return s.Totals.Complete == 1 && len(s.Swarms[0].Trackers) == 2 && s.Totals.Trackers == swarm.Fine
	})
	r.quits(t)
}

// TestSIGTERMWhileASourceIsAskedIsNoFailure has a source that never answers.
func TestSIGTERMWhileASourceIsAskedIsNoFailure(t *testing.T) {
	asked := make(chan struct{}, 1)
	url := blackHoleThat(t, func() { asked <- struct{}{} })
	r := start(t, newHouse(t).command(onAnyPort("--json", strings.TrimSuffix(url, "announce")+"x.torrent")...))
	select {
	case <-asked:
	case <-time.After(patience):
		t.Fatal("nobody asked")
	}
	r.quits(t)
	if r.stderr.Len() > 0 {
		t.Errorf("it said %q", r.stderr)
	}
}
