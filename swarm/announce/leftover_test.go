package announce

import (
	"context"
	"errors"
	"net/http"
	"net/netip"
	"testing"
	"testing/synctest"
	"time"

	"swarmtop/swarm"
)

type noSwarms struct{}

func (noSwarms) Progress(swarm.InfoHash) (Progress, bool)                            { return Progress{}, false }
func (noSwarms) FoundPeers(swarm.InfoHash, []netip.AddrPort, swarm.Opt[int]) (n int) { return 0 }

type roundTrip func(*http.Request) (*http.Response, error)

func (f roundTrip) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

func TestRemovedSwarmsLeaveNothingBehind(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		client := &http.Client{Transport: roundTrip(func(r *http.Request) (*http.Response, error) {
			<-time.After(time.Second)
			return nil, errors.New("no")
		})}
		a := New(Config{Swarms: noSwarms{}, Client: func(string) *http.Client { return client }})
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan error, 1)
		go func() { done <- a.Run(ctx) }()
		defer func() { cancel(); <-done }()
		tiers := [][]string{{"http://t/announce", "http://t/other"}, {"http://u/announce"}}
		for i := range byte(9) {
			a.Add(swarm.InfoHash{i}, nil, tiers, true)
		}
		synctest.Wait()
		for i := range byte(8) {
			a.Remove(swarm.InfoHash{i})
		}
		<-time.After(time.Minute)
		a.mu.Lock()
		if len(a.members) != 1 || len(a.hosts) != 2 || a.hosts["http://t"].entries != 2 {
			t.Errorf("with one left: %d swarms, hosts %v", len(a.members), a.hosts)
		}
		a.mu.Unlock()
		a.Remove(swarm.InfoHash{8})
		<-time.After(time.Minute)
		a.mu.Lock()
		defer a.mu.Unlock()
		if len(a.members)+len(a.hosts)+len(a.ready)+a.future.Len()+a.inFlight != 0 {
			t.Errorf("left: %d swarms, %d hosts, %d ready, %d waiting, %d under way", len(a.members), len(a.hosts), len(a.ready), a.future.Len(), a.inFlight)
		}
	})
}
