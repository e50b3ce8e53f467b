package blob

import "swarmtop/swarm"

// Whole tells whether every piece of h is here and was verified since it was opened.
func (s *Store) Whole(h swarm.InfoHash) bool {
	f := s.file(h)
	return f != nil && f.whole()
}

// Finished returns a channel that is closed once every piece of h is here and verified,
// until one is lost. It is nil for a torrent that the store does not know.
func (s *Store) Finished(h swarm.InfoHash) <-chan struct{} {
	f := s.file(h)
	if f == nil {
		return nil
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.finished
}

// Checked tells whether it is known of every piece of h whether it is here and good.
func (s *Store) Checked(h swarm.InfoHash) bool {
	f := s.file(h)
	if f == nil {
		return false
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.unknown == 0
}

// Missing returns the bytes of all pieces of h that are not here, or not verified.
func (s *Store) Missing(h swarm.InfoHash) int64 {
	f := s.file(h)
	if f == nil {
		return 0
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.missing == 0 {
		return 0
	}
	n := int64(0)
	for i, have := range f.have {
		if !have {
			n += f.layout.size(i)
		}
	}
	return n
}

// Have notes in b, which has a bit for each piece of h and none set, which are here and
// verified.
func (s *Store) Have(h swarm.InfoHash, b swarm.Bitfield) {
	f := s.file(h)
	if f == nil {
		return
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	for i, have := range f.have {
		if have {
			b.Set(i)
		}
	}
}
