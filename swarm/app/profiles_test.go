package app_test

import (
	"context"
	"net"
	"net/http"
	"testing"

	"swarmtop/swarm/app"
	"swarmtop/swarm/config"
)

// TestProfilesAnswerToTheirAddressAlone asks by the address and by a name that leads to it.
func TestProfilesAnswerToTheirAddressAlone(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0") // an address that was free a moment ago
	if err != nil {
		t.Fatal(err)
	}
	at := l.Addr().String()
	l.Close()
	cfg := config.Config{State: t.TempDir(), Listen: "127.0.0.1:0", PeerListen: "127.0.0.1:0", Pprof: at}
	a, err := app.New(cfg, false)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	ran := make(chan error, 1)
	go func() { ran <- a.Run(ctx) }()
	for host, want := range map[string]int{at: http.StatusOK, "evil.example": http.StatusMisdirectedRequest} {
		req, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+at+"/debug/pprof/goroutine?debug=1", nil)
		if err != nil {
			t.Fatal(err)
		}
		req.Host = host
		resp, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		resp.Body.Close()
		if resp.StatusCode != want {
			t.Errorf("as %s it answers %s, want %d", host, resp.Status, want)
		}
	}
	cancel()
	if err := <-ran; err != nil {
		t.Error(err)
	}
	if err := a.Close(); err != nil {
		t.Error(err)
	}
}
