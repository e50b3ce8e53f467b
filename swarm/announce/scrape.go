package announce

import (
	"context"
	"net/url"
	"strings"
	"time"

	"swarmtop/swarm"
)

// Scrapes go on a clock of their own, slower than that of announces. For a
// tracker on this machine it goes faster by as much as announces may.
const (
	scrapeEvery = 15 * time.Minute
	scrapeDelay = 10 * time.Second // after the first swarm came, so that others join its request
	scrapeBatch = 50               // info hashes in one request; UDP has room for 74 (BEP 15)
	maxScrapes  = 8                // requests under way
)

// scraper asks one tracker for the figures of all swarms that name it (BEP 48),
// also where it stands in a tier that is not announced to.
type scraper struct {
	raw     string
	url     *url.URL // of the announce
	host    *host
	proto   protocol
	entries map[*entry]struct{}
	due     time.Time
	asked   time.Time // the last time
	busy    bool
	down    time.Time // since when it cannot be reached; zero while it can
}

// scraped is the answer to a scrape: figures for each of the info hashes that were asked for.
type scraped struct {
	figures []figures
	wait    time.Duration // the least time between scrapes; 0 if it is not told
}

// figures are what a tracker counts of a swarm.
type figures struct {
	seeders, leechers, downloads swarm.Opt[int]
}

// scrapeURL returns where BEP 48 finds the scrape of an HTTP tracker: the last part
// of the path with "scrape" for "announce"; nil where it does not begin so.
func scrapeURL(announce *url.URL) *url.URL {
	i := strings.LastIndexByte(announce.Path, '/')
	rest, ok := strings.CutPrefix(announce.Path[i+1:], "announce")
	if !ok {
		return nil
	}
	u := *announce
	u.Path, u.RawPath, u.Fragment = announce.Path[:i+1]+"scrape"+rest, "", ""
	return &u
}

// joinScrape has the tracker of e asked for the figures of its swarm.
func (a *Announcer) joinScrape(e *entry) {
	if e.url.Scheme != "udp" && scrapeURL(e.url) == nil {
		return
	}
	s := a.scrapers[e.raw]
	if s == nil {
		s = &scraper{raw: e.raw, url: e.url, host: e.host, proto: e.proto, entries: make(map[*entry]struct{})}
		a.scrapers[e.raw] = s
	}
	e.scraper = s
	s.entries[e] = struct{}{}
	due := latest(a.cfg.Now().Add(min(scrapeDelay, s.host.gap)), s.asked.Add(s.host.gap))
	if s.due.IsZero() || due.Before(s.due) {
		s.due = due
	}
}

func (a *Announcer) leaveScrape(e *entry) {
	if s := e.scraper; s != nil {
		delete(s.entries, e)
		if len(s.entries) == 0 {
			delete(a.scrapers, s.raw)
		}
	}
}

// scrapeLoop starts due scrapes until ctx ends.
func (a *Announcer) scrapeLoop(ctx context.Context) {
	timer := time.NewTimer(0)
	defer timer.Stop()
	for {
		timer.Reset(a.startScrapes(ctx))
		select {
		case <-ctx.Done():
			return
		case <-a.wakeScrapes:
		case <-timer.C:
		}
	}
}

// startScrapes starts what is due and returns how long there is nothing more to start.
func (a *Announcer) startScrapes(ctx context.Context) time.Duration {
	a.mu.Lock()
	defer a.mu.Unlock()
	now, wait := a.cfg.Now(), lookAgain
	for _, s := range a.scrapers {
		switch {
		case s.busy:
		case s.due.After(now):
			wait = min(wait, s.due.Sub(now))
		case a.scraping < maxScrapes:
			s.busy = true
			a.scraping++
			a.running.Go(func() { a.scrape(ctx, s) })
		}
	}
	return wait
}

// scrape asks for the swarms of s, a batch at a time, until all are known or one request fails.
func (a *Announcer) scrape(ctx context.Context, s *scraper) {
	for {
		batch, hashes := a.nextBatch(s)
		if len(batch) == 0 {
			break
		}
		request, cancel := context.WithTimeout(ctx, requestTimeout)
		start := a.cfg.Now()
		answer, err := s.proto.scrape(request, s.raw, s.url, hashes)
		cancel()
		if ctx.Err() != nil {
			break
		}
		a.landScrape(s, batch, answer, start, err)
		if err != nil {
			break
		}
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	s.busy = false
	if now := a.cfg.Now(); !s.due.After(now) { // there was nobody to ask for
		s.due = now.Add(s.every())
	}
	a.scraping--
	a.pokeScrapes()
}

// nextBatch returns swarms that were not asked for lately.
func (a *Announcer) nextBatch(s *scraper) (batch []*entry, hashes []swarm.InfoHash) {
	a.mu.Lock()
	defer a.mu.Unlock()
	old := a.cfg.Now().Add(-s.every() / 2)
	for e := range s.entries {
		if len(batch) == scrapeBatch {
			break
		}
		if e.scrapedAt.Before(old) && !e.member.removed {
			batch, hashes = append(batch, e), append(hashes, e.member.hash)
		}
	}
	return batch, hashes
}

// every is the time between two scrapes.
func (s *scraper) every() time.Duration { return scrapeEvery / (publicGap / s.host.gap) }

// landScrape notes how a scrape went.
func (a *Announcer) landScrape(s *scraper, batch []*entry, answer scraped, start time.Time, err error) {
	now := a.cfg.Now()
	outcome, text := judge(err, now.Sub(start))
	a.mu.Lock()
	defer a.mu.Unlock()
	s.asked = now
	s.due = now.Add(jitter(clamp(answer.wait, s.every())))
	switch {
	case reached(outcome) && outcome != swarm.FailedTimeout:
		s.down = time.Time{}
	case s.down.IsZero():
		s.down = now
	}
	if outcome.Failed() { // it holds for all swarms
		batch = batch[:0]
		for e := range s.entries {
			batch = append(batch, e)
		}
	}
	for i, e := range batch {
		a.changed(e.member)
		e.scrapedAt, e.health.ScrapeError = now, text
		if outcome.Failed() {
			continue
		}
		e.health.LastScrape = swarm.Known(now)
		f := answer.figures[i]
		if f.seeders.IsKnown() {
			e.health.Seeders, e.health.Leechers = f.seeders, f.leechers
		}
		if f.downloads.IsKnown() {
			e.health.Downloads = f.downloads
		}
	}
}

// pokeScrapes makes the loop of the scrapes look again.
func (a *Announcer) pokeScrapes() {
	select {
	case a.wakeScrapes <- struct{}{}:
	default:
	}
}
