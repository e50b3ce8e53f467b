package gateway

import (
	"strings"
	"sync"
	"time"

	"swarmtop/swarm"
)

// serverLogPause is how long net/http says nothing of a kind again: strangers and
// a lack of descriptors make it say as much as they like.
const serverLogPause = time.Minute

// serverLog passes on what net/http has to say, of each kind one line in a while.
type serverLog struct {
	log func(swarm.Level, string)
	now func() time.Time

	mu   sync.Mutex
	said map[string]time.Time // by kind; there are but a few
}

// Write is called with one message at a time, whose first two words are its kind:
// what comes from elsewhere stands behind them.
func (l *serverLog) Write(p []byte) (int, error) {
	words := strings.SplitN(string(p), " ", 3)
	kind := strings.Join(words[:min(2, len(words))], " ")
	now := l.now()
	l.mu.Lock()
	last, said := l.said[kind]
	ago := now.Sub(last)
	tell := !said || ago < 0 || ago >= serverLogPause
	if tell {
		l.said[kind] = now
	}
	l.mu.Unlock()
	if tell {
		l.log(swarm.Warn, swarm.Clean("gateway: "+string(p), 300))
	}
	return len(p), nil
}
