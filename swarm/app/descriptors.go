package app

import (
	"fmt"
	"syscall"

	"swarmtop/swarm"
)

// How the descriptors that this process may have are shared out. What is left, three
// eighths, is for listeners, DNS, trackers, probes and files: a blob, a log and a
// record can be opened when every connection is taken.
const (
	readersShare  = 4 // a quarter for connections of the gateway
	peersShare    = 4 // a quarter for peers
	announceShare = 8 // an eighth for connections of the embedded tracker

	mostReaders   = 8192 // whatever the limit is: a connection costs some 20 kB
	mostPeers     = 2000
	mostAnnounces = 1024

	fewDescriptors   = 1024 // below this the user is told
	leastDescriptors = 48   // this many or fewer do not carry a swarm
)

// room is how many connections there may be at once.
type room struct{ readers, peers, announces int }

// roomFor shares out descriptors.
func roomFor(descriptors uint64) room {
	share := func(part uint64, most int) int { return int(min(descriptors/part, uint64(most))) }
	return room{share(readersShare, mostReaders), share(peersShare, mostPeers), share(announceShare, mostAnnounces)}
}

// fitRoom fits the number of connections to the limit of descriptors, which the
// runtime has raised as far as it may (ulimit -Hn).
func (a *App) fitRoom() error {
	var limit syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_NOFILE, &limit); err != nil {
		limit.Cur = fewDescriptors
	}
	n := limit.Cur
	if n <= leastDescriptors {
		return fmt.Errorf("only %d files and connections may be open at once, and it takes more than %d: raise the limit with ulimit -n", n, leastDescriptors)
	}
	a.room = roomFor(n)
	if n < fewDescriptors {
		a.shortage = fmt.Sprintf("only %d files and connections may be open at once: %d peers, %d readers, %d announces; ulimit -n raises it",
			n, a.room.peers, a.room.readers, a.room.announces)
		a.log.Add(swarm.Warn, a.shortage)
	}
	return nil
}

// Shortage returns a line on what this machine lets the program have too little of,
// which is in the event log as well; empty when there is enough.
func (a *App) Shortage() string { return a.shortage }
