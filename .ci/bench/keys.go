package main

import (
	"context"
	"slices"
	"time"
)

// The keys of the row of keys: moves of the selection, by a row, a page and the whole
// list, then other orders of it, and a filter.
var keyRound = slices.Concat(
	times(16, "j"), times(8, "\x1b[6~"), times(4, "k"), times(4, "\x1b[5~"), []string{"o", "O", "G", "g"},
	times(4, "j"), []string{"/", "0", "1", "\x7f", "2", "\r", "j", "j", "/", "\x7f", "\x7f", "\r"},
)

func times(n int, key string) []string { return slices.Repeat([]string{key}, n) }

// keysRow: what somebody waits for who has many swarms in the list, while they are
// sampled as ever.
func (b *bench) keysRow() row {
	const settle, rounds = 20 * time.Second, 8
	var f *field
	var state string
	return row{
		name: b.many("%s in the list: key to picture", 10000), measures: []measure{millis, {unit: "ms, p99"}, {unit: "ms, slowest"}},
		rounds: 1, within: 90 * time.Second, limit: perRun,
		begin: func(ctx context.Context) (end func(), err error) {
			if f, state, err = b.completeField(ctx, b.scaled(10000)); err != nil {
				return nil, err
			}
			return f.stop, nil
		},
		before: func(ctx context.Context) error { return f.fresh(ctx) },
		players: []player{{ours, func(ctx context.Context, _ string) ([]float64, error) {
			s, err := onScreen(ctx, state, b.swarmtop, loopback(state)...)
			if err != nil {
				return nil, err
			}
			defer s.quit()
			select {
			case <-ctx.Done():
				return nil, ctx.Err()
			case <-time.After(settle):
			}
			var took []float64
			for range rounds {
				for _, key := range keyRound {
					ms, err := s.answers(ctx, key)
					if err != nil {
						return nil, err
					}
					took = append(took, ms)
				}
			}
			slices.Sort(took)
			return []float64{median(took), took[len(took)*99/100], took[len(took)-1]}, nil
		}}},
	}
}
