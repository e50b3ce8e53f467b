package recording

import (
	"fmt"
	"time"

	"swarmtop/swarm"
)

// Speeds of a player, relative to the time in which was recorded.
const (
	slowest = 0.25
	fastest = 64
)

// pause is how long a gap in a recording lasts at most when it is played: what
// was not recorded need not be waited for.
const pause = 3 * time.Second

// Player plays a recording: [Player.Latest] is the snapshot whose turn it is. It
// has no goroutine, and is for one.
type Player struct {
	reader *Reader
	now    func() time.Time

	shown   *swarm.Snapshot // number at
	at      int
	next    *swarm.Snapshot // number at+1 while it is played; nil if it is not read yet
	since   time.Time       // when shown was shown, or would have been
	paused  bool
	speed   float64
	problem string
}

// Play starts to play a recording at its first snapshot.
func Play(r *Reader, now func() time.Time) (*Player, error) {
	p := &Player{reader: r, now: now, speed: 1, since: now()}
	var err error
	for p.at = range r.Count() {
		if p.shown, err = r.Snapshot(p.at); err == nil {
			return p, nil
		}
	}
	return nil, err
}

// Latest returns what is to be shown now. It never returns nil.
func (p *Player) Latest() *swarm.Snapshot {
	for !p.paused && !p.Ended() {
		if p.next == nil && !p.peek() {
			p.at++ // unreadable, and the problem is told
			continue
		}
		wait := min(max(p.next.At.Sub(p.shown.At), 0), pause)
		due := p.since.Add(time.Duration(float64(wait) / p.speed))
		if p.now().Before(due) {
			break
		}
		p.shown, p.next, p.since = p.next, nil, due
		p.at++
	}
	return p.shown
}

func (p *Player) peek() bool {
	next, err := p.reader.Snapshot(p.at + 1)
	if err != nil {
		p.problem = err.Error()
		return false
	}
	p.next = next
	return true
}

// Place returns the number of the snapshot that is shown, from 1, and how many there are.
func (p *Player) Place() (n, count int) { return p.at + 1, p.reader.Count() }

// Ended tells whether the last snapshot is reached.
func (p *Player) Ended() bool { return p.at+1 >= p.reader.Count() }

// Paused tells whether the play was stopped.
func (p *Player) Paused() bool { return p.paused }

// Speed is that of the play, 1 for that in which was recorded.
func (p *Player) Speed() float64 { return p.speed }

// Problem tells what could not be read, and is not shown; empty for nothing.
func (p *Player) Problem() string {
	if lost := p.reader.Lost(); p.problem == "" && lost > 0 {
		return fmt.Sprintf("the last %d bytes of the recording are damaged or were cut off", lost)
	}
	return p.problem
}

// Pause stops the play, or lets it go on; at the end it begins anew.
func (p *Player) Pause() {
	if p.Ended() {
		p.paused = false
		p.show(0, +1)
		return
	}
	p.paused = !p.paused
	p.since = p.now()
}

// Step pauses and goes to the next snapshot, or to the one before.
func (p *Player) Step(forth bool) {
	p.paused = true
	if forth {
		p.show(p.at+1, +1)
	} else {
		p.show(p.at-1, -1)
	}
}

// Jump goes to the snapshot that was taken so much earlier or later, to the next
// one in that direction if there is none between.
func (p *Player) Jump(by time.Duration) {
	to := p.reader.Find(p.shown.At.Add(by))
	if by > 0 {
		p.show(max(to, p.at+1), +1)
	} else {
		p.show(min(to, p.at-1), -1)
	}
}

// Faster plays at twice the speed, or at half of it.
func (p *Player) Faster(up bool) {
	if up {
		p.speed = min(p.speed*2, fastest)
	} else {
		p.speed = max(p.speed/2, slowest)
	}
	p.since = p.now()
}

// show goes to snapshot i; where it cannot be read to the next one that can, in
// the direction of travel, and nowhere if there is none.
func (p *Player) show(i, direction int) {
	for i = max(0, min(i, p.reader.Count()-1)); i >= 0 && i < p.reader.Count(); i += direction {
		s, err := p.reader.Snapshot(i)
		if err == nil {
			p.shown, p.at, p.next, p.since = s, i, nil, p.now()
			return
		}
		p.problem = err.Error()
	}
}
