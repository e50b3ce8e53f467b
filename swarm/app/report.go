package app

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"time"

	"github.com/dustin/go-humanize"

	"swarmtop/swarm"
)

// Latest is where a report takes its snapshots from.
type Latest interface {
	Latest() *swarm.Snapshot
}

const (
	jsonEvery = time.Second
	lineEvery = 3 * time.Second
	lastLine  = time.Second / 2 // time to finish a line when it is time to end
)

// ReportJSON writes a snapshot a line, at once and then each second, until ctx ends
// or w fails, as a closed pipe does.
func ReportJSON(ctx context.Context, s Latest, w io.Writer) error {
	return report(ctx, jsonEvery, func() error {
		out := bufio.NewWriter(w)
		if err := json.NewEncoder(out).Encode(s.Latest()); err != nil {
			return err
		}
		return out.Flush()
	})
}

// ReportLines writes a plain line of totals, at once and then every few seconds,
// and a line for each event of the log that came since, until ctx ends or w fails.
func ReportLines(ctx context.Context, s Latest, w io.Writer) error {
	var lines lineReport
	return report(ctx, lineEvery, func() error { return lines.write(w, s.Latest()) })
}

// lineReport writes a line for each event that it has not seen, and one of totals.
type lineReport struct{ last time.Time }

func (r *lineReport) write(w io.Writer, snap *swarm.Snapshot) error {
	seen := r.last
	for _, e := range snap.Events {
		if e.At.After(seen) {
			r.last = e.At
			if _, err := fmt.Fprintf(w, "%s %s: %s\n", e.At.Format(time.TimeOnly), e.Level, e.Text); err != nil {
				return err
			}
		}
	}
	_, err := fmt.Fprintln(w, TotalsLine(snap))
	return err
}

// report writes at once and then every so often until ctx ends or write fails.
func report(ctx context.Context, every time.Duration, write func() error) error {
	ended := make(chan error, 1)
	go func() {
		tick := time.NewTicker(every)
		defer tick.Stop()
		for {
			if err := write(); err != nil {
				ended <- err
				return
			}
			select {
			case <-ctx.Done():
				ended <- nil
				return
			case <-tick.C:
			}
		}
	}()
	select {
	case err := <-ended:
		return err
	case <-ctx.Done():
	}
	select {
	case err := <-ended:
		return err
	case <-time.After(lastLine):
		return nil // a reader that has stopped reading holds up a line, but not the end
	}
}

// TotalsLine sums a snapshot up in one line of plain text.
func TotalsLine(s *swarm.Snapshot) string {
	t := s.Totals
	offload := "–"
	if o, ok := t.Offload.Get(); ok {
		offload = fmt.Sprintf("%.0f %%", 100*o)
	}
	gateway := s.Gateway
	if gateway == "" {
		gateway = "–"
	}
	return fmt.Sprintf("%s swarms %d, complete %d, seeding %d, peers %d, down %s/s, up %s/s, offload %s, types %s, trackers %s, gateway %s",
		s.At.Format(time.TimeOnly), t.Swarms, t.Complete, t.Seeding, t.Peers,
		bytesText(t.DownRate), bytesText(t.UpRate), offload, t.Types, t.Trackers, gateway)
}

func bytesText(n int64) string { return humanize.IBytes(uint64(max(n, 0))) }
