package session

import (
	"errors"
	"fmt"
	"time"

	"swarmtop/swarm"
)

// undoWindow is how long a removal can be undone.
const undoWindow = time.Minute

// removal is a swarm that was left and can be brought back. Its bytes stay until
// that is no longer possible.
type removal struct {
	record record
	done   chan struct{} // closed when it was undone
}

// Remove leaves a swarm. [Session.Restore] brings it back for a minute; then, or
// when the session is closed, its bytes and metainfo go if bytesToo is set. If it is
// not, a later Add finds the bytes again.
func (s *Session) Remove(h swarm.InfoHash, bytesToo bool) error {
	s.mu.Lock()
	e := s.swarms[h]
	if e == nil {
		s.mu.Unlock()
		return fmt.Errorf("remove %s: no such swarm", h.Short())
	}
	delete(s.swarms, h)
	s.comings++
	r, _ := e.info()
	if s.alias[r.Alias] == h {
		delete(s.alias, r.Alias)
	}
	r.Removed = bytesToo
	left := &removal{r, make(chan struct{})}
	if s.removed == nil {
		s.removed = map[swarm.InfoHash]*removal{}
	}
	s.removed[h] = left
	s.mu.Unlock()

	s.announcer.Remove(h)
	s.depart(e)
	s.failures.forget(h)
	s.state.changed()
	s.work.Go(func() error { s.expire(h, left); return nil })
	return nil
}

// Restore brings a swarm back that was removed within the last minute, as it was.
func (s *Session) Restore(h swarm.InfoHash) error {
	left := s.take(h)
	if left == nil {
		return fmt.Errorf("bring %s back: it was not removed, or too long ago", h.Short())
	}
	left.record.Removed = false
	if err := s.resume(&left.record); err != nil {
		s.mu.Lock()
		s.stored = append(s.stored, left.record) // for the next start
		s.mu.Unlock()
		s.state.changed()
		return fmt.Errorf("bring %s back: %w", h.Short(), err)
	}
	s.state.changed()
	return nil
}

// take ends what waits for a removed swarm, whose bytes then stay, and returns it;
// nil when there is none.
func (s *Session) take(h swarm.InfoHash) *removal {
	s.final.Lock()
	defer s.final.Unlock()
	s.mu.Lock()
	defer s.mu.Unlock()
	left := s.removed[h]
	if left != nil {
		delete(s.removed, h)
		close(left.done)
	}
	return left
}

// expire makes a removal final when its time is over or the session ends.
func (s *Session) expire(h swarm.InfoHash, left *removal) {
	select {
	case <-left.done:
		return
	case <-s.after(undoWindow):
	case <-s.quit.Done():
	}
	s.final.Lock()
	defer s.final.Unlock()
	s.mu.RLock()
	current := s.removed[h] == left
	s.mu.RUnlock()
	if !current {
		return
	}
	s.purge(&left.record)
	s.mu.Lock()
	delete(s.removed, h) // and with it its record, now that the bytes are gone
	s.mu.Unlock()
	if s.quit.Err() == nil {
		s.relearnTrust()
	}
	s.state.changed()
}

// purge deletes what there is on disk of a swarm that was removed with its bytes.
func (s *Session) purge(r *record) {
	if !r.Removed {
		return
	}
	if err := errors.Join(s.blobs.Remove(r.InfoHash), s.state.metainfo.Delete(r.InfoHash)); err != nil {
		s.cfg.Log(swarm.Error, fmt.Sprintf("delete the bytes of %s: %v", r.InfoHash.Short(), err))
	}
}
