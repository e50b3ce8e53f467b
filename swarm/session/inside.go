package session

import (
	"sync"
	"time"

	"github.com/anacrolix/torrent"

	"swarmtop/swarm"
	"swarmtop/swarm/admit"
)

// The client holds only the swarms in which something can move: each costs it memory,
// and it looks through all that it holds at many an event of one. A swarm that lacks
// pieces enters once somebody is known who may have them, and stays until it is whole; one
// that is whole enters when a peer connects to it or is found, and goes when it is alone
// again. What a swarm is, and its bytes, the session has in any case.
const (
	// turns is how many swarms begin to download at once, and turnTime how long one of
	// them may keep the others waiting.
	turns    = 64
	turnTime = 2 * time.Second
	// company is how many swarms the client may hold for the other seeders to be seen, whom
	// nothing can be given.
	company = 64
	// linger is how long a whole swarm stays that is alone.
	linger = 10 * time.Second
)

// inside are the swarms that the client holds.
type inside struct {
	mu  sync.Mutex
	all map[*entry]struct{}
}

func (in *inside) put(e *entry) {
	in.mu.Lock()
	defer in.mu.Unlock()
	in.all[e] = struct{}{}
}

func (in *inside) remove(e *entry) {
	in.mu.Lock()
	defer in.mu.Unlock()
	delete(in.all, e)
}

func (in *inside) count() int {
	in.mu.Lock()
	defer in.mu.Unlock()
	return len(in.all)
}

func (in *inside) list() []*entry {
	in.mu.Lock()
	defer in.mu.Unlock()
	all := make([]*entry, 0, len(in.all))
	for e := range in.all {
		all = append(all, e)
	}
	return all
}

// moved is what a swarm has sent and received, in bytes of pieces.
type moved struct{ up, down int64 }

func (m moved) plus(o moved) moved { return moved{m.up + o.up, m.down + o.down} }

// torrent returns the swarm as the client has it, nil while it has not.
func (e *entry) torrent() *torrent.Torrent { return e.client.Load() }

// summon has a swarm enter the client: in its turn if it lacks pieces.
func (s *Session) summon(e *entry) {
	if s.blobs.Whole(e.hash) {
		s.work.Go(func() error { s.enter(e); return nil })
		return
	}
	select {
	case e.called <- struct{}{}:
	default:
	}
}

// want summons a swarm that has got another reason to be held, unless it is whole.
func (s *Session) want(e *entry) {
	if !s.blobs.Whole(e.hash) || s.stays(e) {
		s.summon(e)
	}
}

// stays tells whether a swarm is always held: the client itself looks for its peers.
func (s *Session) stays(e *entry) bool {
	_, meta := e.info()
	return meta == nil || (s.cfg.DHT || s.cfg.LSD) && !meta.Private
}

// wantsCompany tells whether a whole swarm that the client does not hold has it hold it
// for the peers that a tracker named.
func (s *Session) wantsCompany(leechers swarm.Opt[int]) bool {
	return leechers.Or(1) > 0 || s.inside.count() < s.company
}

// enter has the client hold a swarm, if it does not, and returns it as the client has
// it: nil once the swarm was left.
func (s *Session) enter(e *entry) *torrent.Torrent {
	if t := e.torrent(); t != nil {
		e.mu.Lock()
		e.quiet = s.cfg.Now() // whoever asks has yet to come
		e.mu.Unlock()
		return t
	}
	e.entering.Lock()
	defer e.entering.Unlock()
	if t := e.torrent(); t != nil || s.gone(e) {
		return t
	}
	r, meta := e.info()
	opts := torrent.AddTorrentOpts{
		InfoHash:             [20]byte(e.hash),
		DisallowDataUpload:   true, // until permit
		DisallowDataDownload: true,
		DeferStorageOpen:     meta == nil, // an info dictionary from peers passes the gate first
	}
	if meta != nil {
		if s.open(e, meta) != nil { // the client would go on without storage; check tells how it failed
			return nil
		}
		opts.InfoBytes = meta.InfoBytes
	}
	t, _ := s.client.AddTorrentOpt(opts)
	if s.quit.Err() != nil { // the client may be closed already
		t.Drop()
		return nil
	}
	t.SetOnWriteChunkError(func(err error) { s.writeFailed(e, err) })
	if r.Name != "" {
		t.SetDisplayName(r.Name)
	}
	if meta != nil {
		t.DownloadAll()
	}
	now := s.cfg.Now()
	e.mu.Lock()
	e.quiet, e.earned = now, !s.blobs.Whole(e.hash)
	if len(e.known.addrs) > 0 && e.earned {
		e.known.wait, e.known.due = redialFirst, now.Add(redialFirst)
		s.redialBy(e.known.due)
	}
	e.mu.Unlock()
	e.permits.Lock()
	e.allowed = allowed{}
	e.client.Store(t)
	e.permits.Unlock()
	s.inside.put(e)
	e.permit()
	e.mu.Lock() // what is gained from now on goes to the client by itself
	seeds, peers := e.seeds, e.known.addrs
	e.mu.Unlock()
	for _, w := range seeds {
		w.join(t)
	}
	dial(t, peers)
	return t
}

// allowed is how the client's switches of a swarm stand.
type allowed struct{ upload, download bool }

// permit turns the client's switches as the swarm's record has them.
func (e *entry) permit() {
	e.permits.Lock()
	defer e.permits.Unlock()
	t := e.torrent()
	if t == nil {
		return
	}
	e.mu.Lock()
	want := allowed{
		upload:   e.record.gives(),
		download: e.meta != nil && !e.record.Resting && e.failed == "" && e.trouble == "",
	}
	e.mu.Unlock()
	switch {
	case want.upload == e.allowed.upload:
	case want.upload:
		t.AllowDataUpload()
	default:
		t.DisallowDataUpload()
	}
	switch {
	case want.download == e.allowed.download:
	case want.download:
		t.AllowDataDownload()
	default:
		t.DisallowDataDownload()
	}
	e.allowed = want
}

// leave has the client hold a swarm no longer.
func (s *Session) leave(e *entry) {
	e.entering.Lock()
	defer e.entering.Unlock()
	t := e.torrent()
	if t == nil {
		return
	}
	s.inside.remove(e)
	t.Drop()
	last := movedBy(t)
	e.mu.Lock()
	defer e.mu.Unlock()
	e.past = e.past.plus(last)
	e.client.Store(nil)
}

// depart ends what a swarm that is none of the session's any more does.
func (s *Session) depart(e *entry) {
	close(e.over)
	s.leave(e)
	s.blobs.Forget(e.hash)
	s.conns.forget(e.hash)
}

// left tells whether the session has left the swarm.
func (e *entry) left() bool {
	select {
	case <-e.over:
		return true
	default:
		return false
	}
}

func movedBy(t *torrent.Torrent) moved {
	stats := t.Stats()
	return moved{stats.BytesWrittenData.Int64(), stats.BytesReadUsefulData.Int64()}
}

// moved returns what a swarm has sent and received since the session began.
func (e *entry) moved() moved {
	e.mu.Lock()
	m, t := e.past, e.torrent() // at once, so that nothing is counted twice or left out
	e.mu.Unlock()
	if t != nil {
		m = m.plus(movedBy(t))
	}
	return m
}

// missing returns the bytes that a swarm lacks, −1 while its size is unknown.
func (s *Session) missing(e *entry) int64 {
	if _, meta := e.info(); meta == nil {
		return -1
	}
	if t := e.torrent(); t != nil && !s.blobs.Whole(e.hash) {
		return t.BytesMissing() // knows of parts of pieces
	}
	return s.blobs.Missing(e.hash)
}

// letGo has the swarms leave the client that it need not hold.
func (s *Session) letGo(now time.Time) {
	all := s.inside.list()
	for _, e := range all {
		if s.mayGo(e, now, len(all) > s.company) {
			s.leave(e)
			if !s.blobs.Whole(e.hash) { // it was damaged just now
				s.work.Go(func() error { s.enter(e); return nil })
			}
		}
	}
}

// mayGo tells whether the client need not hold a swarm: nothing is missing, and it is
// alone and has been for a while. In a crowd other seeders are no company.
func (s *Session) mayGo(e *entry, now time.Time, crowd bool) bool {
	e.mu.Lock()
	if now.Before(e.quiet) { // the clock was set back
		e.quiet = now
	}
	due := now.Sub(e.quiet) >= linger || crowd && e.earned
	e.mu.Unlock()
	t := e.torrent()
	if !due || t == nil || s.stays(e) || s.lookedAt(e) || !t.Complete().Bool() || !s.blobs.Whole(e.hash) {
		return false
	}
	r, meta := e.info()
	n := t.Stats() // dear: asked once in a while
	if n.HalfOpenPeers == 0 && (n.PendingPeers == 0 || !r.gives() || crowd) &&
		(n.ActivePeers == 0 || crowd && onlySeeders(t, meta)) {
		return true
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	e.quiet, e.earned = now, false
	return false
}

// onlySeeders tells whether everybody who is connected has all pieces.
func onlySeeders(t *torrent.Torrent, meta *admit.Torrent) bool {
	for _, pc := range t.PeerConns() {
		if pc.PeerPieces().GetCardinality() < uint64(meta.Pieces) {
			return false
		}
	}
	return true
}

// lookAt has the client hold the swarm that is looked at if peers of it are known.
func (s *Session) lookAt(h swarm.InfoHash) {
	if was := s.focus.Load(); was == nil || *was != h {
		now := h // for h itself not to escape
		s.focus.Store(&now)
	}
	e := s.entry(h)
	if e == nil || e.torrent() != nil {
		return
	}
	e.mu.Lock()
	known := len(e.known.addrs) > 0
	e.mu.Unlock()
	if known {
		s.summon(e)
	}
}

func (s *Session) lookedAt(e *entry) bool {
	h := s.focus.Load()
	return h != nil && *h == e.hash
}
