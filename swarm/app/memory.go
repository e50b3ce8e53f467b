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
	// worthIt is how many bytes more than after the last time make it worth to collect them.
	worthIt = 12 << 20
)

// giveBack returns memory to the system after a burst of work, until ctx ends. The
// runtime by itself keeps it for minutes once little is going on.
func (a *App) giveBack(ctx context.Context) {
	tick := time.NewTicker(tidyEvery)
	defer tick.Stop()
	var kept uint64 // bytes, after the last time
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		a.session.DropUnused()
		if held() > kept+worthIt {
			debug.FreeOSMemory()
			kept = held()
		}
	}
}

// held returns the bytes of the heap that the system cannot use.
func held() uint64 {
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapSys - m.HeapReleased
}
