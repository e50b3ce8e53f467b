package announce_test

import (
	"context"
	"net/http"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"swarmtop/swarm/announce"
)

// TestAJumpOfTheClockBringsOneAnnounceAtMost has the clock go forward, as after a
// suspension, and back, by an hour and by a year.
func TestAJumpOfTheClockBringsOneAnnounceAtMost(t *testing.T) {
	const year = 365 * 24 * time.Hour
	for _, by := range []time.Duration{time.Hour, year, -time.Hour, -year} {
		t.Run(by.String(), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := newScript()
				s.on("t", ok(1800))
				var jumped atomic.Int64
				now := func() time.Time { return time.Now().Add(time.Duration(jumped.Load())) }
				client := &http.Client{Transport: s}
				a := announce.New(announce.Config{
					Swarms: &progress{left: 100}, PeerID: [20]byte([]byte("-ST0001-abcdefghijkl")), Port: 6881,
					Client: func(string) *http.Client { return client }, Now: now,
				})
				ctx, cancel := context.WithCancel(t.Context())
				done := make(chan error, 1)
				go func() { done <- a.Run(ctx) }()
				a.Add(hashA, nil, [][]string{{urlT}}, true)
				pass(10 * time.Minute)
				jumped.Store(int64(by))
				pass(10 * time.Minute)
				want := "started"
				if by > 0 {
					want = "started -"
				}
				if got := s.events("t"); got != want {
					t.Errorf("ten minutes after a jump of %v: %q, want %q", by, got, want)
				}
				if at := a.Trackers(hashA)[0].NextAnnounce.Or(time.Time{}); by > 0 && (at.Before(now()) || at.Sub(now()) > 40*time.Minute) {
					t.Errorf("after a jump of %v the next announce is in %v", by, at.Sub(now()))
				}
				cancel()
				if err := <-done; err != nil {
					t.Error(err)
				}
			})
		})
	}
}
