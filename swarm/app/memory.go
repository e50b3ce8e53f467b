package app

import (
	"context"
	"runtime"
	"runtime/debug"
	"time"
)

const (
	// tidyEvery is the time between two looks at what memory is not needed any more.
	tidyEvery = 5 * time.Second
	// worthIt is how many bytes that may be garbage make it worth to collect them, and
	// worthShare, one in so many, what part of those that were kept the last time.
	worthIt    = 4 << 20
	worthShare = 4
)

// giveBack returns memory to the system after a burst of work, until ctx ends. The
// runtime by itself keeps it for minutes once little is going on.
func (a *App) giveBack(ctx context.Context) {
	tick := time.NewTicker(tidyEvery)
	defer tick.Stop()
	var kept, dropped uint64 // bytes: after the last time, and since
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		dropped += uint64(a.session.DropUnused())
		if held()+dropped > kept+max(worthIt, kept/worthShare) {
			debug.FreeOSMemory()
			kept, dropped = held(), 0
		}
	}
}

// held returns the bytes of the heap that the system cannot use.
func held() uint64 {
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapSys - m.HeapReleased
}
