package session

import (
	"fmt"
	"testing"
	"time"

	"swarmtop/swarm"
)

// TestFailuresAreBounded holds that whoever fails however often fills no memory, and
// that the latest of each swarm stay.
func TestFailuresAreBounded(t *testing.T) {
	s := &Session{}
	start := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	hash := func(i int) swarm.InfoHash { return swarm.InfoHash{1, byte(i)} }
	for i := range 4000 {
		s.failures.note(swarm.FailedPeer{
			InfoHash: swarm.Known(hash(i % 20)), Address: fmt.Sprintf("10.0.%d.%d:6881", i/250, i%250),
			Kind: swarm.DialRefused, Count: 1, Last: start.Add(time.Duration(i) * time.Second),
		})
	}
	rows, of := s.FailedPeers(), map[swarm.InfoHash]int{}
	for i, r := range rows {
		of[r.InfoHash.Or(swarm.InfoHash{})]++
		if i > 0 && r.Last.After(rows[i-1].Last) {
			t.Fatalf("row %d is later than the one before", i)
		}
	}
	if len(rows) != failuresInAll || len(of) != 20 {
		t.Errorf("%d rows of %d swarms, want %d of 20", len(rows), len(of), failuresInAll)
	}
	for h, n := range of {
		if n > failuresPerSwarm {
			t.Errorf("%d rows of %s, want at most %d", n, h.Short(), failuresPerSwarm)
		}
	}
	if want := start.Add(3999 * time.Second); !rows[0].Last.Equal(want) {
		t.Errorf("the first row is of %v, want the latest, %v", rows[0].Last, want)
	}
	for i := range 20 {
		s.failures.forget(hash(i))
	}
	if rows := s.FailedPeers(); len(rows) != 0 || len(s.failures.perSwarm) != 0 {
		t.Errorf("%d rows and %d counts of swarms that are gone", len(rows), len(s.failures.perSwarm))
	}
}

// TestSameFailureIsOneRowWithACount sums what happens again and keeps the latest words.
func TestSameFailureIsOneRowWithACount(t *testing.T) {
	s := &Session{}
	at := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	row := swarm.FailedPeer{Address: "10.0.0.1:1", Kind: swarm.Broken, Error: "first", Count: 1, Last: at}
	s.failures.note(row)
	before := s.FailedPeers()
	row.Error, row.Count, row.Last = "then\x1b", 2, at.Add(time.Minute)
	s.failures.note(row)
	if before[0].Count != 1 {
		t.Error("a list that was handed out has changed")
	}
	rows := s.FailedPeers()
	if len(rows) != 1 || rows[0].Count != 3 || rows[0].Error != "then" || !rows[0].First.Equal(at) || !rows[0].Last.Equal(row.Last) {
		t.Errorf("%+v", rows)
	}
}
