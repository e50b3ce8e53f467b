package app

import "testing"

func TestDescriptorsAreKeptInReserve(t *testing.T) {
	for _, n := range []uint64{leastDescriptors + 1, 64, 100, 1024, 4096, 1 << 20, 1<<63 - 1} {
		r := roomFor(n)
		if r.readers < 1 || r.peers < 1 || r.announces < 1 {
			t.Errorf("%d descriptors leave no room: %+v", n, r)
		}
		if used := uint64(r.readers + r.peers + r.announces + r.announces/4); used > n-n/4 {
			t.Errorf("of %d descriptors %d may be connections", n, used)
		}
	}
	if r := roomFor(1 << 40); r != (room{mostReaders, mostPeers, mostAnnounces}) {
		t.Errorf("with descriptors in plenty there is room for %+v", r)
	}
}
