package recording

import (
	"context"
	"fmt"
	"time"

	"swarmtop/swarm"
)

// Source is where a recorder takes its snapshots from: the latest, whenever one has come.
type Source interface {
	Latest() *swarm.Snapshot
	Subscribe() (wake <-chan struct{}, cancel func())
}

const (
	step      = time.Second // from one recorded snapshot to the next
	tellEvery = time.Minute // that the disk is slow
)

// Recorder writes a snapshot a second to a file. It takes the latest one when it
// has written the one before, so that a slow disk holds nobody up: what it misses
// meanwhile is counted and told in the event log.
type Recorder struct {
	name   string
	writer *Writer
	log    func(swarm.Level, string)
	now    func() time.Time

	last   time.Time // second of the snapshot that was taken last
	missed int       // seconds that are not in the file, and were not told
	told   time.Time
	failed string // why the last snapshot is not in the file; empty when it is
}

// NewRecorder opens the file, see [Create].
func NewRecorder(name string, log func(swarm.Level, string), now func() time.Time) (*Recorder, error) {
	w, err := Create(name)
	if err != nil {
		return nil, err
	}
	return &Recorder{name: name, writer: w, log: log, now: now}, nil
}

// Run records until ctx ends, the latest snapshot included. What goes wrong is told in
// the log and tried again with the next snapshot.
func (r *Recorder) Run(ctx context.Context, from Source) error {
	wake, cancel := from.Subscribe()
	defer cancel()
	for {
		r.take(from.Latest())
		select {
		case <-ctx.Done():
			r.take(from.Latest())
			return nil
		case <-wake:
		}
	}
}

// Close closes the file. It is called when Run has returned, or was never called.
func (r *Recorder) Close() error { return r.writer.Close() }

// take writes a snapshot, unless one of the same second was.
func (r *Recorder) take(s *swarm.Snapshot) {
	second := s.At.Truncate(step)
	if second.Equal(r.last) {
		return
	}
	r.last = second
	began := r.now()
	err := r.writer.Write(s)
	took := max(r.now().Sub(began), 0) // the clock may have been set back
	r.missed += int(took / step)       // while it was written
	switch {
	case err != nil:
		r.missed++
		if err.Error() != r.failed {
			r.log(swarm.Error, fmt.Sprintf("recording to %s pauses: %v", r.name, err))
		}
		r.failed = err.Error()
	case r.failed != "":
		r.tell("recording to %s goes on: %d seconds are missing", s.At)
		r.failed = ""
	case r.missed > 0 && (s.At.Sub(r.told) >= tellEvery || s.At.Before(r.told)):
		r.tell("recording to %s is too slow: %d seconds are missing", s.At)
	}
}

// tell tells what is missing since it was told last.
func (r *Recorder) tell(format string, at time.Time) {
	r.log(swarm.Warn, fmt.Sprintf(format, r.name, r.missed))
	r.missed, r.told = 0, at
}
