package app

import (
	"bufio"
	"context"
	"encoding/json"
	"io"
	"time"

	"swarmtop/swarm"
	"swarmtop/swarm/recording"
)

// ReplayJSON writes each snapshot of a recording as a line, as [ReportJSON] does,
// without waiting between them. What cannot be read is left out and is the error.
func ReplayJSON(ctx context.Context, r *recording.Reader, w io.Writer) error {
	out := bufio.NewWriter(w)
	e := json.NewEncoder(out)
	return replay(ctx, r, func(s *swarm.Snapshot, _ bool) error {
		if err := e.Encode(s); err != nil {
			return err
		}
		return out.Flush()
	})
}

// ReplayLines writes the lines that [ReportLines] wrote, or would have written,
// while the recording was made, and one of its last snapshot.
func ReplayLines(ctx context.Context, r *recording.Reader, w io.Writer) error {
	var lines lineReport
	var next time.Time
	return replay(ctx, r, func(s *swarm.Snapshot, last bool) error {
		if s.At.Before(next) && next.Sub(s.At) <= lineEvery && !last { // else the clock was set back
			return nil
		}
		next = s.At.Add(lineEvery)
		return lines.write(w, s)
	})
}

// replay gives the snapshots to write, in their order, until ctx ends or it fails.
func replay(ctx context.Context, r *recording.Reader, write func(s *swarm.Snapshot, last bool) error) error {
	var unreadable error
	for i := range r.Count() {
		if ctx.Err() != nil {
			break
		}
		s, err := r.Snapshot(i)
		if err != nil {
			unreadable = err
			continue
		}
		if err := write(s, i == r.Count()-1); err != nil {
			return err
		}
	}
	return unreadable
}
