package main

import (
	"cmp"
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// ours is the name of the contestant that the others are compared with.
const ours = "swarmtop"

// row is one line of comparison.
type row struct {
	name    string
	measure []string // what a run yields, in this order: "s", "CPU-s", "MB", …
	rounds  int      // 0: as many as were asked for
	begin   func(ctx context.Context) (end func(), err error)
	before  func(ctx context.Context) error // each run; may be nil
	players []player
}

// player is a program in a row. A run is given an empty folder.
type player struct {
	name string
	run  func(ctx context.Context, dir string) ([]float64, error)
}

// limit ends a run that would never end.
const limit = 100 * time.Second

func (b *bench) run(ctx context.Context, r row) error {
	if r.begin != nil {
		end, err := r.begin(ctx)
		if err != nil {
			return err
		}
		defer end()
	}
	rounds := b.rounds
	if r.rounds > 0 {
		rounds = min(rounds, r.rounds)
	}
	values := make([][][]float64, len(r.players)) // by player, then measure, then round
	for i := range values {
		values[i] = make([][]float64, len(r.measure))
	}
	failed := make([]error, len(r.players))
	for range rounds {
		for _, i := range rand.Perm(len(r.players)) {
			if failed[i] != nil {
				continue
			}
			if r.before != nil {
				if err := r.before(ctx); err != nil {
					return err
				}
			}
			got, err := b.once(ctx, r.players[i])
			if err != nil {
				if ctx.Err() != nil {
					return ctx.Err()
				}
				failed[i] = err
				continue
			}
			for m, v := range got {
				values[i][m] = append(values[i][m], v)
			}
		}
	}
	for m, unit := range r.measure {
		var us float64
		for i, p := range r.players {
			if strings.HasPrefix(p.name, ours) && len(values[i][m]) > 0 {
				us = median(values[i][m])
			}
		}
		for i, p := range r.players {
			if failed[i] != nil {
				if m == 0 {
					fmt.Fprintf(os.Stdout, "| %s | %s | failed: %s | | |\n", r.name, p.name, strings.ReplaceAll(failed[i].Error(), "\n", " "))
				}
				continue
			}
			v := values[i][m]
			ratio := ""
			if !strings.HasPrefix(p.name, ours) && median(v) != 0 {
				ratio = fmt.Sprintf("%.2f", us/median(v))
			}
			fmt.Fprintf(os.Stdout, "| %s | %s | %s %s | %s – %s | %s |\n", r.name, p.name, figure(median(v)), unit,
				figure(slices.Min(v)), figure(slices.Max(v)), ratio)
		}
	}
	return nil
}

func (b *bench) once(ctx context.Context, p player) ([]float64, error) {
	dir, err := os.MkdirTemp(b.dir, "run-")
	if err != nil {
		return nil, err
	}
	if !b.keep {
		defer os.RemoveAll(dir)
	}
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	got, err := p.run(ctx, dir)
	if err != nil {
		return nil, fmt.Errorf("%s in %s: %w", p.name, filepath.Base(dir), err)
	}
	return got, nil
}

// figure writes three digits.
func figure(v float64) string {
	switch {
	case v >= 100:
		return fmt.Sprintf("%.0f", v)
	case v >= 10:
		return fmt.Sprintf("%.1f", v)
	case v >= 1:
		return fmt.Sprintf("%.2f", v)
	}
	return fmt.Sprintf("%.3f", v)
}

func median[T cmp.Ordered](all []T) T {
	sorted := slices.Sorted(slices.Values(all))
	return sorted[len(sorted)/2]
}
