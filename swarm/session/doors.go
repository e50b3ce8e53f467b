package session

import (
	"context"
	"slices"
	"sync"
)

// handshakesMost is how many handshakes with one address are under way at once. A seeder
// of thousands of swarms that is asked by all of them together answers none in time; one
// that takes a single handshake at a time, as some clients do, hangs up on the others.
const handshakesMost = 32

// doors lets the handshakes with each address in by turns: half as many at once when one
// is not answered, one more when one is.
type doors struct {
	mu sync.Mutex
	by map[string]*door
}

// door is an address that is being dialled, or is waited for.
type door struct {
	most, inside int
	waiting      []chan struct{} // closed to let one in
}

// enter waits for a place. Who is inside leaves once.
func (d *doors) enter(ctx context.Context, address string) error {
	d.mu.Lock()
	at := d.by[address]
	if at == nil {
		at = &door{most: handshakesMost}
		if d.by == nil {
			d.by = map[string]*door{}
		}
		d.by[address] = at
	}
	if at.inside < at.most && len(at.waiting) == 0 {
		at.inside++
		d.mu.Unlock()
		return nil
	}
	turn := make(chan struct{})
	at.waiting = append(at.waiting, turn)
	d.mu.Unlock()
	select {
	case <-turn:
		return nil
	case <-ctx.Done():
	}
	d.mu.Lock()
	i := slices.Index(at.waiting, turn)
	if i >= 0 {
		at.waiting = slices.Delete(at.waiting, i, i+1)
	}
	d.mu.Unlock()
	if i < 0 { // let in at the same moment
		d.leave(address, unknown)
	}
	return ctx.Err()
}

// answer is what became of a handshake.
type answer int

const (
	unknown answer = iota // it ended on our side
	given
	notGiven
)

// leave gives a place back.
func (d *doors) leave(address string, how answer) {
	d.mu.Lock()
	defer d.mu.Unlock()
	at := d.by[address]
	at.inside--
	switch how {
	case given:
		at.most = min(at.most+1, handshakesMost)
	case notGiven:
		at.most = max(at.most/2, 1)
	}
	for at.inside < at.most && len(at.waiting) > 0 {
		close(at.waiting[0])
		at.waiting = at.waiting[1:]
		at.inside++
	}
	if at.inside == 0 { // and so nobody waits
		delete(d.by, address)
	}
}
