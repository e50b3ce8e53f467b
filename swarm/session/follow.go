package session

import (
	"fmt"
	"time"

	"github.com/anacrolix/torrent"

	"swarmtop/swarm"
	"swarmtop/swarm/admit"
	"swarmtop/swarm/blob"
)

// follow sees a swarm through what it is to get next: its info dictionary, what is on
// disk of it, then its last piece. Trackers hear of it as soon as it is known how much
// is missing, so that none takes us for a leecher while what is on disk is being hashed.
func (s *Session) follow(e *entry) {
	if _, meta := e.info(); meta != nil {
		err := s.check(e, meta)
		if s.gone(e) {
			return
		}
		if err != nil {
			s.fail(e, err)
			return
		}
		s.announce(e)
	} else {
		s.announce(e)
		t := s.enter(e)
		if t == nil || !s.wait(e, t.GotInfo()) {
			return
		}
		err := s.gotInfo(e, t)
		if s.gone(e) {
			return
		}
		if err != nil {
			s.fail(e, err)
			return
		}
	}
	if s.download(e) {
		s.completed(e)
	}
}

// check finds out what is on disk of a swarm.
func (s *Session) check(e *entry, meta *admit.Torrent) error {
	err := s.open(e, meta)
	if err == nil {
		err = s.blobs.Check(s.quit, e.hash)
	}
	return err
}

// gone tells whether the session has left the swarm, or ends.
func (s *Session) gone(e *entry) bool { return e.left() || s.quit.Err() != nil }

func (s *Session) open(e *entry, meta *admit.Torrent) error {
	return s.blobs.Open(e.hash, blob.Layout{Length: meta.Length, PieceLength: meta.PieceLength, Hashes: meta.PieceHashes()})
}

// download has a swarm fetch what it lacks, once there is somebody to fetch it from,
// and tells whether all is here before the swarm's end or ours.
func (s *Session) download(e *entry) bool {
	finished := s.blobs.Finished(e.hash)
	if e.hasSeeds() && !s.blobs.Whole(e.hash) || s.stays(e) {
		s.summon(e)
	}
	for e.torrent() == nil && !s.blobs.Whole(e.hash) {
		select {
		case <-finished:
			return true
		case <-e.over:
			return false
		case <-s.quit.Done():
			return false
		case <-e.called:
			if r, _ := e.info(); !r.Resting {
				s.begin(e, finished)
			}
		}
	}
	return s.wait(e, finished)
}

// begin has a swarm enter the client in its turn, which is over when it is complete, or
// after a while.
func (s *Session) begin(e *entry, finished <-chan struct{}) {
	select {
	case s.turns <- struct{}{}:
		defer func() { <-s.turns }()
	case <-e.over:
		return
	case <-s.quit.Done():
		return
	}
	s.enter(e)
	over := time.NewTimer(turnTime)
	defer over.Stop()
	select {
	case <-over.C:
	case <-finished:
	case <-e.over:
	case <-s.quit.Done():
	}
}

// wait waits for an event of a swarm and tells whether it came before the swarm's end or ours.
func (s *Session) wait(e *entry, event <-chan struct{}) bool {
	select {
	case <-event:
		return true
	case <-e.over:
	case <-s.quit.Done():
	}
	return false
}

// gotInfo lets an info dictionary that came from peers through the gate.
func (s *Session) gotInfo(e *entry, t *torrent.Torrent) error {
	meta, err := admit.Info(t.Metainfo().InfoBytes)
	if err != nil {
		return fmt.Errorf("metadata refused: %w", err)
	}
	if err := s.state.saveMetainfo(e.hash, admit.EncodeMetainfo(&meta, nil, nil)); err != nil {
		return err
	}
	if err := s.check(e, &meta); err != nil {
		return err
	}
	if err := t.OpenStorage(s.quit, nil); err != nil {
		return err
	}
	e.mu.Lock()
	e.meta = &meta
	e.mu.Unlock()
	e.permit()
	t.DownloadAll()
	s.cfg.Log(swarm.Info, fmt.Sprintf("%s: metadata is here", e.name()))
	return nil
}

// fail puts a swarm to rest that cannot go on.
func (s *Session) fail(e *entry, err error) {
	e.mu.Lock()
	e.failed = swarm.Clean(err.Error(), nameCells)
	e.mu.Unlock()
	e.permit()
	s.announcer.SetActive(e.hash, false)
	s.cfg.Log(swarm.Error, fmt.Sprintf("%s: %v", e.name(), err))
	s.ended()
}

// ended tells whoever waits that a swarm has completed or failed.
func (s *Session) ended() {
	if s.cfg.Ended != nil {
		s.cfg.Ended()
	}
}

func (s *Session) completed(e *entry) {
	e.mu.Lock()
	before := e.record.Completed.IsKnown()
	published := e.record.Published != ""
	if !before {
		e.record.Completed = swarm.Known(s.cfg.Now())
	}
	e.mu.Unlock()
	if !before {
		s.state.changed()
		if !published {
			s.announcer.Completed(e.hash)
			s.cfg.Log(swarm.Info, fmt.Sprintf("%s: complete", e.name()))
		}
	}
	s.announcer.SetActive(e.hash, s.active(e))
	if err := s.saveCopy(e); err != nil {
		s.cfg.Log(swarm.Error, fmt.Sprintf("%s: save under its own name: %v", e.name(), err))
	}
	s.ended()
}

// heal follows a swarm that was complete and lost a piece until it is complete again.
// What has damaged one piece may have damaged others: all are hashed anew.
func (s *Session) heal(e *entry, piece int) {
	e.mu.Lock()
	busy := e.healing
	e.healing = true
	e.mu.Unlock()
	if t := e.torrent(); t != nil {
		t.Piece(piece).UpdateCompletion()
	}
	if busy {
		return
	}
	_ = s.blobs.Recheck(s.quit, e.hash) // fails when the session ends
	if t := s.enter(e); t != nil {
		for i := range t.NumPieces() {
			t.Piece(i).UpdateCompletion()
		}
	}
	s.announcer.SetActive(e.hash, s.active(e))
	if s.wait(e, s.blobs.Finished(e.hash)) {
		s.announcer.SetActive(e.hash, s.active(e))
		s.cfg.Log(swarm.Info, fmt.Sprintf("%s: whole again", e.name()))
	}
	e.mu.Lock()
	e.healing = false
	e.mu.Unlock()
}

// active tells whether trackers ought to count us: something is missing, or is given.
func (s *Session) active(e *entry) bool {
	r, _ := e.info()
	return r.gives() || !r.Resting && !s.blobs.Whole(e.hash)
}

// writeRetry is how long to wait after a failed write, as on a full disk, before the next try.
const writeRetry = 5 * time.Second

// writeEpisode is how long no write may fail for the next failure to be told again.
const writeEpisode = 3 * writeRetry

// writeFailed lets a swarm wait before it writes again. A full disk is told once, by
// the first of the swarms that it stops; the rows show the others.
func (s *Session) writeFailed(e *entry, err error) {
	e.mu.Lock()
	waiting := e.trouble != ""
	e.trouble = swarm.Clean("cannot write to disk: "+err.Error(), nameCells)
	e.mu.Unlock()
	now := s.cfg.Now()
	told := now.Sub(time.Unix(0, s.unwritable.Swap(now.UnixNano()))) < writeEpisode
	if waiting {
		return
	}
	e.permit()
	if !told {
		s.cfg.Log(swarm.Error, fmt.Sprintf("%s: cannot write to disk, trying again every %s: %v", e.name(), writeRetry, err))
	}
	s.work.Go(func() error {
		select {
		case <-time.After(writeRetry):
		case <-s.quit.Done():
			return nil
		case <-e.over:
			return nil
		}
		e.mu.Lock()
		e.trouble = ""
		e.mu.Unlock()
		e.permit()
		return nil
	})
}
