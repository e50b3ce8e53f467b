package blob

import (
	"fmt"

	"swarmtop/swarm"
)

// Put writes piece i of torrent h, which came by another way than through the
// torrent client, once it was hashed; bytes that do not match are [ErrDamaged]. The
// client learns of it when it next hashes the piece.
func (s *Store) Put(h swarm.InfoHash, i int, b []byte) error {
	f := s.file(h)
	if f == nil || i < 0 || i >= f.layout.count() {
		return fmt.Errorf("write %s, piece %d: %w", h.Short(), i, ErrUnknown)
	}
	if f.has(i) {
		return nil
	}
	if int64(len(b)) != f.layout.size(i) || !f.layout.matches(i, b) {
		return fmt.Errorf("write %s, piece %d: %w", h.Short(), i, ErrDamaged)
	}
	if _, err := f.writeAt(b, int64(i)*f.layout.PieceLength); err != nil {
		return fmt.Errorf("write %s, piece %d: %w", h.Short(), i, err)
	}
	s.cache.put(h, i, b)
	return f.complete(i)
}

// Holds tells whether every piece that has one of the n bytes of torrent h from off
// on is here and was verified; of no bytes that is true.
func (s *Store) Holds(h swarm.InfoHash, off, n int64) bool {
	f := s.file(h)
	if f == nil {
		return false
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.missing == 0 || n <= 0 {
		return true
	}
	for i := off / f.layout.PieceLength; i <= (off+n-1)/f.layout.PieceLength; i++ {
		if i < 0 || i >= int64(len(f.have)) || !f.have[i] {
			return false
		}
	}
	return true
}

// Arrival returns a channel that is closed once piece i of torrent h was verified;
// nil when the store holds no such piece and never will.
func (s *Store) Arrival(h swarm.InfoHash, i int) <-chan struct{} {
	f := s.file(h)
	if f == nil || i < 0 || i >= f.layout.count() {
		return nil
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	c := f.arrivals[i]
	switch {
	case c != nil:
		return c
	case f.have[i]:
		c = make(chan struct{})
		close(c)
		return c
	case f.arrivals == nil:
		f.arrivals = map[int]chan struct{}{}
	}
	c = make(chan struct{})
	f.arrivals[i] = c
	return c
}
