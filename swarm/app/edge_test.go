package app_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"testing"

	"swarmtop/swarm"
	"swarmtop/swarm/app"
	"swarmtop/swarm/config"
)

// TestStoppedOriginLeavesTheButtonToTheCrowd: with origin and first seeder gone, the
// button still comes, from peers alone, and offload climbs.
func TestStoppedOriginLeavesTheButtonToTheCrowd(t *testing.T) {
	t.Setenv("TMPDIR", t.TempDir())
	a, err := app.New(config.Config{Listen: "127.0.0.1:0", PeerListen: "127.0.0.1:0", TrackerListen: "127.0.0.1:0"}, true)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- a.Run(ctx) }()
	defer func() {
		cancel()
		if err := errors.Join(<-ended, a.Close()); err != nil {
			t.Error(err)
		}
	}()
	if _, err := a.StopOrigin(); err == nil {
		t.Error("the origin stops before anybody else has the button")
	}
	before := until(t, a, func(s *swarm.Snapshot) bool {
		if from := s.Totals.Received; from.Peers == 0 || from.Origin == 0 || !crowdHasButton(s) {
			return false
		}
		_, err := a.StopOrigin()
		return err == nil // else a peer that had it has gone in this very moment
	})
	after := until(t, a, func(s *swarm.Snapshot) bool {
		complete := 0
		for i := range s.Swarms {
			if w := &s.Swarms[i]; w.Widget == "share-button" && w.State == swarm.Complete && w.Downloaded > 0 {
				complete++
			}
		}
		return complete == 6
	})
	for i := range after.Swarms {
		w := &after.Swarms[i]
		if w.Widget == "share-button" && w.Received().Origin != 0 {
			t.Errorf("%s came from the origin: %+v", w.Name, w.Received())
		}
	}
	if was, is := before.Totals.Offload.Or(1), after.Totals.Offload.Or(0); is <= was {
		t.Errorf("offload was %v and is %v", was, is)
	}
	resp, err := http.Get(after.Gateway + "/widgets/share-button.html")
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if b, err := io.ReadAll(resp.Body); resp.StatusCode != 200 || err != nil || !bytes.HasPrefix(b, []byte("<!doctype html>")) {
		t.Errorf("the gateway answers %s with %d bytes, %v", resp.Status, len(b), err)
	}
}

// crowdHasButton tells whether there is a full copy of the button beside our own.
func crowdHasButton(s *swarm.Snapshot) bool {
	full := 0
	for i := range s.Swarms {
		if w := &s.Swarms[i]; w.Widget == "share-button" && w.Copies.Or(0) >= 2 {
			full++
		}
	}
	return full == 6
}
