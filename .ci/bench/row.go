package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// The contestants that the ratios are about.
const (
	ours    = "swarmtop"
	library = "the library"
)

// group is rows that share a table.
type group struct {
	title string // and what is measured, a sentence
	rows  []row
}

// row is one line of comparison, or one for each measure.
type row struct {
	name     string
	measures []measure // what a run yields, in this order
	rounds   int       // 0: as many as were asked for
	within   time.Duration
	limit    time.Duration                                     // of a run
	begin    func(ctx context.Context) (end func(), err error) // may be nil
	before   func(ctx context.Context) error                   // each run; may be nil
	players  []player
}

// measure is something that is measured.
type measure struct {
	unit string
	more bool // the better
}

// player is a program in a row. A run is given an empty folder.
type player struct {
	name string
	run  func(ctx context.Context, dir string) ([]float64, error)
}

// outcome is what the runs of a player came to.
type outcome struct {
	player string
	values [][]float64 // by measure, then run
	failed error       // ended its runs; nil if none failed
}

// tooLong is the error of a run that was ended.
type tooLong time.Duration

func (t tooLong) Error() string { return fmt.Sprintf("ended after %v", time.Duration(t)) }

// measure measures the rows of a group that are asked for and reports each. What goes
// wrong with one is reported too; the error is that of ctx.
func (b *bench) measure(ctx context.Context, g group, to *report) error {
	var wanted []row
	for _, r := range g.rows {
		if strings.Contains(r.name, b.rows) {
			wanted = append(wanted, r)
		}
	}
	if len(wanted) == 0 {
		return nil
	}
	t := to.table(g.title, wanted)
	for _, r := range wanted {
		outcomes, err := b.compare(ctx, r)
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if err != nil {
			t.note("%s: %v", r.name, err)
			continue
		}
		t.add(r, outcomes)
	}
	t.end()
	return nil
}

// compare lets the players of a row take turns until its rounds or its time are over.
// One that fails does not play again.
func (b *bench) compare(ctx context.Context, r row) ([]outcome, error) {
	over := time.Now().Add(r.within)
	if r.begin != nil {
		end, err := r.begin(ctx)
		if err != nil {
			return nil, err
		}
		defer end()
	}
	rounds := b.rounds
	if r.rounds > 0 {
		rounds = r.rounds
	}
	outcomes := make([]outcome, len(r.players))
	for i, p := range r.players {
		outcomes[i] = outcome{player: p.name, values: make([][]float64, len(r.measures))}
	}
	for range rounds {
		var round time.Duration // of those that will play again
		for _, i := range rand.Perm(len(r.players)) {
			o := &outcomes[i]
			if o.failed != nil {
				continue
			}
			began := time.Now()
			got, err := b.once(ctx, r, r.players[i])
			if ctx.Err() != nil {
				return nil, ctx.Err()
			}
			if err != nil {
				o.failed = err
				continue
			}
			round += time.Since(began)
			for m, v := range got {
				o.values[m] = append(o.values[m], v)
			}
		}
		if time.Now().Add(round).After(over) {
			break
		}
	}
	return outcomes, nil
}

// once is one run of a player, ended when it takes too long.
func (b *bench) once(ctx context.Context, r row, p player) ([]float64, error) {
	if r.before != nil {
		if err := r.before(ctx); err != nil {
			return nil, err
		}
	}
	dir, err := os.MkdirTemp(b.dir, "run-")
	if err != nil {
		return nil, err
	}
	if !b.keep {
		defer dropLarge(dir)
	}
	ctx, cancel := context.WithTimeout(ctx, r.limit)
	defer cancel()
	got, err := p.run(ctx, dir)
	switch {
	case err != nil && errors.Is(ctx.Err(), context.DeadlineExceeded):
		return nil, tooLong(r.limit)
	case err != nil:
		return nil, fmt.Errorf("in %s: %w", filepath.Base(dir), err)
	}
	return got, nil
}

// large is the size in bytes of a file that is not left until the end.
const large = 1 << 20

// dropLarge removes the large files of a folder. The others stay until the end: for a
// minute ext4 passes over the inodes of what was removed, one by one, so that each file
// that the next contestants create would cost them up to half a millisecond.
func dropLarge(dir string) {
	_ = filepath.WalkDir(dir, func(path string, e fs.DirEntry, err error) error {
		if err != nil {
			return nil
		}
		if st, err := e.Info(); err == nil && st.Mode().IsRegular() && st.Size() >= large {
			os.Remove(path)
		}
		return nil
	})
}
