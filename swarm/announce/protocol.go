package announce

import (
	"context"
	"net/netip"
	"net/url"
	"strconv"
	"time"

	"swarmtop/swarm"
)

// protocol speaks one kind of announce, and is safe for concurrent use.
type protocol interface {
	announce(context.Context, request) (answer, error)
	// scrape asks for the figures of at most scrapeBatch swarms. raw and announce
	// are the tracker's announce URL, as it was given and parsed.
	scrape(ctx context.Context, raw string, announce *url.URL, hashes []swarm.InfoHash) (scraped, error)
}

// event is what an announce tells beside the figures (BEP 3). The values are those of BEP 15.
type event uint32

const (
	eventNone event = iota
	eventCompleted
	eventStarted
	eventStopped
)

func (e event) String() string {
	return [...]string{"", "completed", "started", "stopped"}[e]
}

// request is one announce.
type request struct {
	raw       string // the tracker's URL as it was given
	url       *url.URL
	hash      swarm.InfoHash
	peerID    [20]byte
	port      uint16
	key       uint32
	event     event
	progress  Progress
	want      int // peers
	trackerID string
}

// answer is what a tracker said. With a failure reason only the retry fields count.
type answer struct {
	failure string
	warning string

	interval, minInterval swarm.Opt[time.Duration]
	seeders, leechers     swarm.Opt[int]
	trackerID             string
	peers                 []netip.AddrPort
	externalIP            netip.Addr // ours, as the tracker sees it (BEP 24); invalid if it is not told

	retryIn    time.Duration // BEP 31; 0 if it is not told
	neverRetry bool          // BEP 31
}

// retryWords tell when a tracker that refused wants to be asked again.
func (a *answer) retryWords() string {
	switch {
	case a.neverRetry:
		return "; it never wants to be asked again"
	case a.retryIn > 0:
		return "; it wants to be asked again in " + strconv.Itoa(int(a.retryIn/time.Minute)) + " min"
	}
	return ""
}
