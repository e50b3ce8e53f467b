package app_test

import (
	"context"
	"errors"
	"net/http"
	"os"
	"path/filepath"
	"testing"

	"swarmtop/swarm"
	"swarmtop/swarm/app"
	"swarmtop/swarm/config"
)

// running is an app on free ports with one published page.
func running(tb testing.TB) (a *app.App, page swarm.InfoHash) {
	tb.Helper()
	cfg := config.Config{State: tb.TempDir(), Listen: "127.0.0.1:0", PeerListen: "127.0.0.1:0", TrackerListen: "127.0.0.1:0"}
	a, err := app.New(cfg, false)
	if err != nil {
		tb.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- a.Run(ctx) }()
	tb.Cleanup(func() {
		cancel()
		if err := errors.Join(<-ended, a.Close()); err != nil {
			tb.Error(err)
		}
	})
	file := filepath.Join(tb.TempDir(), "page.html")
	if err := os.WriteFile(file, []byte("<!doctype html><p>page"), 0o600); err != nil {
		tb.Fatal(err)
	}
	if message, err := a.Add(ctx, file); err != nil || message != "added 1 swarm" {
		tb.Fatalf("%q, %v", message, err)
	}
	s := until(tb, a, func(s *swarm.Snapshot) bool { return s.Totals.Complete == 1 })
	return a, s.Swarms[0].InfoHash
}

// until waits for a snapshot as it is wanted; the time that a test has is the limit.
func until(tb testing.TB, a *app.App, wanted func(*swarm.Snapshot) bool) *swarm.Snapshot {
	tb.Helper()
	wake, end := a.Snapshots().Subscribe()
	defer end()
	for {
		if s := a.Snapshots().Latest(); wanted(s) {
			return s
		}
		<-wake
	}
}

func TestTheSwitchShowsInTheNextSnapshot(t *testing.T) {
	a, page := running(t)
	for _, on := range []bool{false, true, false} {
		if err := a.SetSeeding([]swarm.InfoHash{page}, on); err != nil {
			t.Fatal(err)
		}
		s := until(t, a, func(s *swarm.Snapshot) bool { return s.Swarm(page).Seeding == on })
		if want := map[bool]int{true: 1}[on]; s.Totals.Seeding != want {
			t.Errorf("seeding %v: the header counts %d", on, s.Totals.Seeding)
		}
	}
	if err := a.SetSeeding([]swarm.InfoHash{{1}}, true); err == nil {
		t.Error("no error for a swarm that is not here")
	}
}

func TestWhatIsHereAlreadyIsNotAddedTwice(t *testing.T) {
	a, page := running(t)
	message, err := a.Add(t.Context(), page.String())
	if err != nil || message != "already here" {
		t.Errorf("%q, %v", message, err)
	}
	if _, err := a.Add(t.Context(), "nothing.torrent"); err == nil {
		t.Error("no error for a file that is not there")
	}
	if err := a.Remove(page, false); err != nil {
		t.Fatal(err)
	}
	until(t, a, func(s *swarm.Snapshot) bool { return len(s.Swarms) == 0 })
}

// BenchmarkSwitchToSnapshot measures from the command of a key to the snapshot that shows its effect.
func BenchmarkSwitchToSnapshot(b *testing.B) {
	a, page := running(b)
	wake, end := a.Snapshots().Subscribe()
	defer end()
	on := false
	for b.Loop() {
		if err := a.SetSeeding([]swarm.InfoHash{page}, on); err != nil {
			b.Fatal(err)
		}
		for a.Snapshots().Latest().Swarm(page).Seeding != on {
			<-wake
		}
		on = !on
	}
}

// BenchmarkEventToSnapshot measures from a request that the gateway has answered to
// the snapshot that tells of it. Nothing asks for that snapshot: it comes when its time does.
func BenchmarkEventToSnapshot(b *testing.B) {
	a, _ := running(b)
	wake, end := a.Snapshots().Subscribe()
	defer end()
	for b.Loop() {
		before := a.Snapshots().Latest().Responses.Count
		resp, err := http.Get(a.Snapshots().Latest().Gateway + "/")
		if err != nil {
			b.Fatal(err)
		}
		resp.Body.Close()
		for a.Snapshots().Latest().Responses.Count == before {
			<-wake
		}
	}
}
