package session

import (
	"fmt"
	"time"

	"swarmtop/swarm"
	"swarmtop/swarm/admit"
)

// follow waits for what a swarm is to get next: its info dictionary, then its last
// piece. Trackers hear of it as soon as it is known how much is missing, so that
// none takes us for a leecher while what is on disk is being hashed.
func (s *Session) follow(e *entry) {
	if _, meta := e.info(); meta != nil {
		if !s.wait(e, s.blobs.Checked(e.hash)) {
			return
		}
		if s.blobs.Whole(e.hash) && !s.wait(e, e.torrent.Complete().On()) {
			return
		}
		s.announce(e)
	} else {
		s.announce(e)
		if !s.wait(e, e.torrent.GotInfo()) {
			return
		}
		if err := s.gotInfo(e); err != nil {
			s.fail(e, err)
			return
		}
		e.torrent.DownloadAll()
	}
	if s.wait(e, e.torrent.Complete().On()) {
		s.completed(e)
	}
}

// wait waits for an event of a swarm and tells whether it came before the swarm's end or ours.
func (s *Session) wait(e *entry, event <-chan struct{}) bool {
	select {
	case <-event:
		return true
	case <-e.torrent.Closed():
	case <-s.quit.Done():
	}
	return false
}

// gotInfo lets an info dictionary that came from peers through the gate.
func (s *Session) gotInfo(e *entry) error {
	meta, err := admit.Info(e.torrent.Metainfo().InfoBytes)
	if err != nil {
		return fmt.Errorf("metadata refused: %w", err)
	}
	if err := s.state.saveMetainfo(e.hash, admit.EncodeMetainfo(&meta, nil, nil)); err != nil {
		return err
	}
	if err := e.torrent.OpenStorage(s.quit, nil); err != nil {
		return err
	}
	e.mu.Lock()
	e.meta = &meta
	e.mu.Unlock()
	if r, _ := e.info(); !r.Resting {
		e.torrent.AllowDataDownload()
	}
	s.cfg.Log(swarm.Info, fmt.Sprintf("%s: metadata is here", e.name()))
	return nil
}

// fail puts a swarm to rest that cannot go on.
func (s *Session) fail(e *entry, err error) {
	e.mu.Lock()
	e.failed = swarm.Clean(err.Error(), nameCells)
	e.mu.Unlock()
	e.torrent.DisallowDataDownload()
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
	e.torrent.Piece(piece).UpdateCompletion()
	if busy {
		return
	}
	_ = e.torrent.VerifyDataContext(s.quit) // fails when the swarm or the session ends
	s.announcer.SetActive(e.hash, s.active(e))
	if s.wait(e, e.torrent.Complete().On()) {
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
	return r.gives() || !r.Resting && !e.torrent.Complete().Bool()
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
	e.torrent.DisallowDataDownload()
	if !told {
		s.cfg.Log(swarm.Error, fmt.Sprintf("%s: cannot write to disk, trying again every %s: %v", e.name(), writeRetry, err))
	}
	s.work.Go(func() error {
		select {
		case <-time.After(writeRetry):
		case <-s.quit.Done():
			return nil
		case <-e.torrent.Closed():
			return nil
		}
		e.mu.Lock()
		e.trouble = ""
		resting := e.record.Resting
		e.mu.Unlock()
		if !resting {
			e.torrent.AllowDataDownload()
		}
		return nil
	})
}
