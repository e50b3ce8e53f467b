package torture

import (
	"context"
	"errors"
	"net"
	"net/netip"
	"strings"
	"testing"

	"swarmtop/swarm"
	"swarmtop/swarm/app"
	"swarmtop/swarm/config"
)

// inside is swarmtop in this process, whose event log can be read.
type inside struct {
	*app.App
	peers netip.AddrPort // where it listens for them
	end   func()
}

// startInside runs swarmtop over a state folder, with nothing kept in memory.
func startInside(t *testing.T, state string) *inside {
	t.Helper()
	peers := freeAddress(t)
	cfg := config.Config{State: state, Listen: "127.0.0.1:0", PeerListen: peers.String(), TrackerListen: "127.0.0.1:0"}
	if err := cfg.Check(); err != nil {
		t.Fatal(err)
	}
	a, err := app.New(cfg, false)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	ran := make(chan error, 1)
	go func() { ran <- a.Run(ctx) }()
	in := &inside{App: a, peers: peers}
	ended := false
	in.end = func() {
		if !ended {
			ended = true
			cancel()
			if err := errors.Join(<-ran, a.Close()); err != nil {
				t.Errorf("close: %v", err)
			}
		}
	}
	t.Cleanup(in.end)
	return in
}

// freeAddress returns one of loopback that was free a moment ago.
func freeAddress(t *testing.T) netip.AddrPort {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().(*net.TCPAddr).AddrPort()
}

// now returns the latest snapshot.
func (in *inside) now() *swarm.Snapshot { return in.Snapshots().Latest() }

// told counts the lines of the event log that have a text in them.
func (in *inside) told(text string) int {
	n := 0
	for _, e := range in.now().Events {
		if strings.Contains(e.Text, text) {
			n++
		}
	}
	return n
}
