package recording_test

import (
	"path/filepath"
	"testing"
	"time"

	"swarmtop/swarm"
	"swarmtop/swarm/recording"
)

// busy is a screen of so many swarms, each with some peers and two trackers.
func busy(swarms int) *swarm.Snapshot {
	s := plain(0)
	one := s.Swarms[0]
	for range 4 {
		one.Peers = append(one.Peers, swarm.Peer{Address: "127.0.0.2:50000", Client: swarm.Known("a client"), Pieces: one.Pieces.Ours, Have: 1})
	}
	for range 2 {
		t := swarm.Tracker{URL: "http://127.0.0.1:6969/announce"}
		for i := range 60 {
			t.History = append(t.History, swarm.Announce{At: s.At.Add(time.Duration(i) * time.Minute), Latency: time.Duration(i) * time.Millisecond})
		}
		one.Trackers = append(one.Trackers, t)
	}
	for i := range swarms {
		one.InfoHash = swarm.InfoHash{1, byte(i >> 8), byte(i)}
		s.Swarms = append(s.Swarms, one)
	}
	return s
}

func BenchmarkWrite1000(b *testing.B) {
	w, err := recording.Create(filepath.Join(b.TempDir(), "recording"))
	if err != nil {
		b.Fatal(err)
	}
	defer w.Close()
	s := busy(1000)
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		s.At = start().Add(time.Duration(i) * time.Second)
		if err := w.Write(s); err != nil {
			b.Fatal(err)
		}
	}
}
