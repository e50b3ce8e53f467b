package session

import (
	"cmp"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/RoaringBitmap/roaring/v2"
	"github.com/anacrolix/torrent"

	"swarmtop/swarm"
	"swarmtop/swarm/admit"
)

// fewSwarms is how many are all sampled each time.
const fewSwarms = 200

// Sample returns the state of every swarm, in the order in which they were added.
// Of more than fewSwarms, the one that is looked at, focus, is sampled each time, the
// others every second time, and those in which nothing moves, together, every fourth,
// unless all are asked for. As long as nothing moves in any swarm the slice is that of
// the last call; it is never changed. Trackers and verdicts are left to the caller. One
// goroutine at a time may call it.
func (s *Session) Sample(now time.Time, focus swarm.InfoHash, all bool) []swarm.Swarm {
	entries, changed := s.ordered()
	s.lookAt(focus)
	s.turn++
	s.crowded = -1 // some may have gone
	var next []swarm.Swarm
	if changed {
		next = make([]swarm.Swarm, len(entries))
	}
	for i, e := range entries {
		turn := (s.turn + i) % 2
		if e.still {
			turn = s.turn % 4
		}
		due := all || len(entries) <= fewSwarms || e.hash == focus || e.last == nil || turn == 0
		if !due || !all && e.unchanged(s, now) {
			continue
		}
		if next == nil {
			next = make([]swarm.Swarm, len(entries))
		}
		s.sample(e, now, &next[i])
		s.keepCrowd(e, now, e.hash == focus, &next[i])
		e.last = &next[i]
	}
	if next == nil {
		return s.sampled
	}
	s.changes.Add(1)
	for i, e := range entries {
		if e.last != &next[i] {
			next[i] = *e.last
			e.last = &next[i] // so that nothing holds the slice of the last call
		}
	}
	s.sampled = next
	return s.sampled
}

// ordered returns the swarms in the order in which they were added, and whether some
// have come or gone since the last call.
func (s *Session) ordered() (entries []*entry, changed bool) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	if s.comings == s.orderedAt {
		return s.order, false
	}
	s.orderedAt, s.order = s.comings, slices.SortedFunc(maps.Values(s.swarms), func(a, b *entry) int {
		return cmp.Or(a.added.Compare(b.added), slices.Compare(a.hash[:], b.hash[:]))
	})
	return s.order, true
}

func (s *Session) sample(e *entry, now time.Time, out *swarm.Swarm) {
	sampled := s.judge(e)
	defer sampled(out)
	r, meta := e.info()
	*out = swarm.Swarm{
		InfoHash:  e.hash,
		Name:      e.name(),
		Widget:    swarm.Clean(r.Widget, nameCells),
		Seeding:   r.gives(),
		Resting:   r.Resting,
		Added:     r.Added,
		Completed: r.Completed,
	}
	if meta != nil {
		out.Size = swarm.Known(meta.Length)
		out.Private, out.Created = meta.Private, meta.Created
		out.Files = e.filesOf(s, r, meta)
		s.samplePieces(e, meta, out)
	}
	e.sampleConnections(s, now, out)
	out.Discovery = e.discovery(s, out)
	out.ReceivedMinute = e.motion.lastMinute(now, out.Received())
	out.Recent = e.recent.put(now, out.Downloaded+out.Uploaded)
	if n := out.Pieces.Count; n > 0 {
		out.Pieces.Rarest = swarm.RarestOf(out.Pieces.Availability)
		reachable := slices.Clone(out.Pieces.Availability)
		if out.Seeding {
			swarm.CountAvailability(reachable, out.Pieces.Ours)
		}
		out.Copies = swarm.Known(swarm.DistributedCopies(reachable))
	}
	out.State, out.Reason = e.standing(meta, out)
}

// standing tells what the session knows of a swarm's state; whether one that
// downloads is stalled is judged where its trackers are known too.
func (e *entry) standing(meta *admit.Torrent, sw *swarm.Swarm) (swarm.State, string) {
	e.mu.Lock()
	failed, trouble, resting := e.failed, e.trouble, e.record.Resting
	e.mu.Unlock()
	switch {
	case failed != "":
		return swarm.Failed, failed
	case trouble != "":
		return swarm.Failed, trouble
	case meta != nil && sw.Pieces.Have == sw.Pieces.Count:
		return swarm.Complete, ""
	case resting:
		return swarm.Stalled, "at rest"
	case meta == nil:
		return swarm.Metadata, ""
	case e.checking:
		return swarm.Downloading, "checking the bytes on disk"
	}
	return swarm.Downloading, ""
}

// filesOf describes the files; the list is made anew when a manifest changes the
// alias or the type.
func (e *entry) filesOf(s *Session, r record, meta *admit.Torrent) []swarm.File {
	if e.files != nil && e.filesFor == [2]string{r.Alias, r.ContentType} {
		return e.files
	}
	e.files, e.filesFor = make([]swarm.File, 0, len(meta.Files)), [2]string{r.Alias, r.ContentType}
	for _, a := range s.assetsOf(e) {
		f := swarm.File{Path: swarm.Clean(a.Path, nameCells), Size: a.Size}
		f.ContentType, f.URLPath = s.cfg.Describe(a)
		e.files = append(e.files, f)
	}
	return e.files
}

// samplePieces fills in what we hold. A swarm that was complete and still is keeps
// the sets of its last sample.
func (s *Session) samplePieces(e *entry, meta *admit.Torrent, out *swarm.Swarm) {
	p := &out.Pieces
	p.Count, p.Length = meta.Pieces, meta.PieceLength
	p.Availability = make([]uint16, meta.Pieces)
	if e.seen.whole {
		if e.whole.Len() != meta.Pieces {
			e.whole = swarm.NewBitfield(meta.Pieces)
			e.whole.SetAll()
		}
		e.checking = false
		p.Ours, p.Have, out.Done = e.whole, meta.Pieces, meta.Length
		return
	}
	e.checking = !s.blobs.Checked(e.hash)
	p.Ours = swarm.NewBitfield(meta.Pieces)
	s.blobs.Have(e.hash, p.Ours)
	p.Have = p.Ours.Count()
	for i := range meta.Pieces {
		if p.Ours.Has(i) {
			out.Done += pieceSize(meta, i)
		}
	}
	if t := e.torrent(); t != nil {
		p.Partial = partial(t, meta, p.Ours)
	}
}

// partial returns of each piece that is here in part how much of it is.
func partial(t *torrent.Torrent, meta *admit.Torrent, ours swarm.Bitfield) (parts map[int]float64) {
	i := 0
	for _, run := range t.PieceStateRuns() {
		for range run.Length {
			if size := pieceSize(meta, i); run.Partial && !ours.Has(i) {
				if missing := t.PieceBytesMissing(i); missing < size {
					if parts == nil {
						parts = map[int]float64{}
					}
					parts[i] = 1 - float64(missing)/float64(size)
				}
			}
			i++
		}
	}
	return parts
}

// pieceSize returns the bytes of piece i.
func pieceSize(meta *admit.Torrent, i int) int64 {
	return min(meta.PieceLength, meta.Length-int64(i)*meta.PieceLength)
}

func (e *entry) sampleConnections(s *Session, now time.Time, out *swarm.Swarm) {
	arrived, seeds := s.conns.arrived(e.hash), e.webSeeds()
	if e.motion == nil && (len(arrived) > 0 || slices.ContainsFunc(seeds, (*webSeed).gave)) {
		e.motion = newMotion(e.looked)
	}
	e.looked = now
	slot, perSecond := e.motion.advance(now)
	for _, c := range arrived {
		e.peers[c] = struct{}{}
		e.brought.add(sources[c.peer.Discovery])
		e.traffic.came++
	}
	for c := range e.peers {
		closed := c.closed.Load() // before the counts: what is read after it is final
		stats := c.peer.Stats()
		c.down.put(slot, stats.BytesReadData.Int64())
		c.up.put(slot, stats.BytesWrittenData.Int64())
		if closed {
			e.motion.gone.absorb(&c.counters)
			e.traffic.went++
			delete(e.peers, c)
			continue
		}
		p := c.sample(out)
		e.traffic.gained += c.gained(&p, out, now)
		if c.forgotten(&p, now) {
			s.work.Go(func() error { e.nudge(); return nil })
		}
		p.DownRate, p.UpRate = perSecond(&c.down), perSecond(&c.up)
		p.Downloaded, p.Uploaded = c.down.total, c.up.total
		if p.WeChoke == swarm.Unknown && p.UpRate > 0 {
			p.WeChoke = swarm.No
		}
		out.Transfer = out.Transfer.Plus(swarm.Transfer{
			DownRate: p.DownRate, UpRate: p.UpRate, Downloaded: p.Downloaded, Uploaded: p.Uploaded})
		swarm.CountAvailability(out.Pieces.Availability, p.Pieces)
		out.Peers = append(out.Peers, p)
	}
	slices.SortFunc(out.Peers, func(a, b swarm.Peer) int { return int(a.Key) - int(b.Key) })
	out.Connected = len(out.Peers)
	sampleWebSeeds(seeds, slot, perSecond, out)
	out.Gone = e.motion.ended(perSecond)
	out.Transfer = out.Transfer.Plus(out.Gone)
}

func sampleWebSeeds(seeds []*webSeed, slot int, perSecond func(*flow) int64, out *swarm.Swarm) {
	for _, w := range seeds {
		w.flow.put(slot, w.got.Load())
		seed := swarm.WebSeed{
			URL:        swarm.Clean(w.url, nameCells),
			DownRate:   perSecond(&w.flow),
			Downloaded: w.flow.total,
			LastError:  w.lastError(),
		}
		out.Transfer = out.Transfer.Plus(swarm.Transfer{DownRate: seed.DownRate, Downloaded: seed.Downloaded})
		out.WebSeeds = append(out.WebSeeds, seed)
		if seed.LastError == "" {
			for i := range out.Pieces.Availability {
				out.Pieces.Availability[i]++
			}
		}
	}
}

// sample tells of one connection all but its bytes.
func (c *conn) sample(sw *swarm.Swarm) swarm.Peer {
	if !c.done {
		c.facts = factsOf(c.peer)
	}
	p := swarm.Peer{
		Key:       c.key,
		Address:   c.address,
		Client:    clientName(c.peer),
		Source:    c.source,
		Outgoing:  c.source != swarm.Incoming,
		Encrypted: c.encrypted,
		TheyChoke: swarm.TristateOf(c.theyChoke.Load()),
		TheyWant:  swarm.TristateOf(c.theyWant.Load()),
		Connected: c.since,
	}
	if ns := c.latency.Load(); ns > 0 {
		p.Latency = swarm.Known(time.Duration(ns))
	}
	if !sw.Seeding {
		p.WeChoke = swarm.Yes
	}
	if n := sw.Pieces.Count; n > 0 {
		p.Pieces = bitfield(c.peer.PeerPieces(), n)
		p.Have = p.Pieces.Count()
		p.WeWant = swarm.TristateOf(wants(sw.Pieces.Ours, p.Pieces))
	}
	return p
}

// wants tells whether theirs has a piece that ours lacks.
func wants(ours, theirs swarm.Bitfield) bool {
	for i := range theirs.Len() {
		if theirs.Has(i) && !ours.Has(i) {
			return true
		}
	}
	return false
}

func bitfield(b *roaring.Bitmap, n int) swarm.Bitfield {
	f := swarm.NewBitfield(n)
	for it := b.Iterator(); it.HasNext(); {
		i := it.Next()
		if int64(i) >= int64(n) {
			break // a peer may claim any
		}
		f.Set(int(i))
	}
	return f
}

func factsOf(pc *torrent.PeerConn) facts {
	f := facts{done: true, address: swarm.Clean(pc.RemoteAddr.String(), 64), source: sources[pc.Discovery]}
	// The only place where the library tells of encryption is its description of the connection.
	_, flags, found := strings.Cut(pc.String(), "flags=")
	flags, _, ok := strings.Cut(flags, " ")
	if found && ok {
		f.encrypted = swarm.TristateOf(slices.Contains(strings.Split(flags, ","), "E"))
	}
	return f
}

var sources = map[torrent.PeerSource]swarm.Source{
	torrent.PeerSourceTracker:         swarm.FromTracker,
	torrent.PeerSourceIncoming:        swarm.Incoming,
	torrent.PeerSourceDhtGetPeers:     swarm.FromDHT,
	torrent.PeerSourceDhtAnnouncePeer: swarm.FromDHT,
	torrent.PeerSourcePex:             swarm.FromPEX,
	torrent.PeerSourceUtHolepunch:     swarm.FromPEX,
	torrent.PeerSourceLPD:             swarm.FromLSD,
	torrent.PeerSourceDirect:          swarm.FromUser,
}
