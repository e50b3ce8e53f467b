package announce_test

import (
	"context"
	"fmt"
	"net"
	"strings"
	"testing"
	"time"

	"swarmtop/swarm"
	"swarmtop/swarm/announce"
)

func TestUDPTrackerWhosePortIsClosedRefuses(t *testing.T) {
	for _, network := range []string{"127.0.0.1:0", "[::1]:0"} {
		at, err := net.ResolveUDPAddr("udp", network)
		if err != nil {
			t.Fatal(err)
		}
		conn, err := net.ListenUDP("udp", at)
		if err != nil {
			t.Fatal(err)
		}
		closed := conn.LocalAddr().String()
		conn.Close()
		began := time.Now()
		r := askUDP(t, "udp://"+closed, &progress{left: 1}, make(chan struct{}, 16))
		if r.History[0].Outcome != swarm.FailedRefused || r.LastError != "ask udp "+closed+": connection refused" {
			t.Errorf("%v %q after %v", r.History[0].Outcome, r.LastError, time.Since(began))
		}
	}
}

// A closed port is no news of the trackers that share the socket.
func TestRefusalOfOneUDPTrackerHoldsUpNoOther(t *testing.T) {
	good := udpTracker(t, func(action uint32, _ []byte) []byte {
		if action == 0 {
			return []byte("\x00\x00\x00\x00....connects")
		}
		return []byte("\x00\x00\x00\x01....\x00\x00\x07\x08\x00\x00\x00\x02\x00\x00\x00\x03\x0a\x00\x00\x01\x1a\xe1")
	})
	const many = 40
	urls := make([]string, 0, 2*many)
	for i := range many { // discard, which nobody serves, at as many addresses
		urls = append(urls, fmt.Sprintf("udp://127.5.0.%d:9", 1+i), good+fmt.Sprintf("/%d", i))
	}
	swarms := &foundSwarms{progress: progress{left: 1}, landed: make(chan struct{}, 16*many)}
	a := announce.New(announce.Config{Swarms: swarms, Resolve: resolve})
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- a.Run(ctx) }()
	a.Add(hashA, urls, nil, true)
	for range many {
		<-swarms.landed
	}
	cancel()
	<-done
	for _, r := range a.Trackers(hashA) {
		if o := r.History[0].Outcome; strings.HasPrefix(r.URL, good) && o != swarm.AnswerOK || o == swarm.FailedTimeout {
			t.Errorf("%s: %v %q", r.URL, o, r.LastError)
		}
	}
}
