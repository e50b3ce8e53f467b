package main

import (
	"context"
	"os"
	"path/filepath"
	"time"
)

// resting is how long a program at rest is looked at.
const resting = 15 * time.Second

// screenRows: what a screen takes.
func (b *bench) screenRows() []row {
	return []row{b.firstPictureRow(), b.keysRow(), b.screenAtRestRow(), b.screenAtWorkRow()}
}

func (b *bench) firstPictureRow() row {
	shows := func(text, name string, args ...string) func(ctx context.Context, dir string) ([]float64, error) {
		return func(ctx context.Context, dir string) ([]float64, error) {
			if err := os.Mkdir(filepath.Join(dir, "session"), 0o755); err != nil { // of rtorrent
				return nil, err
			}
			s, err := onScreen(ctx, dir, name, args...)
			if err != nil {
				return nil, err
			}
			defer s.quit()
			ms, err := s.shows(ctx, text)
			return []float64{ms}, err
		}
	}
	return row{name: "first picture", rounds: 15, measures: []measure{millis}, within: 20 * time.Second, limit: perRun, players: []player{
		{ours, func(ctx context.Context, dir string) ([]float64, error) {
			return shows("Swarms", b.swarmtop, "demo", "--state", filepath.Join(dir, "state"))(ctx, dir)
		}},
		{"btop", shows("cpu", "btop", "--utf-force")},
		{"htop", shows("PID", "htop")},
		{"rtorrent", shows("rTorrent", "rtorrent", "-n", "-s", "session")},
	}}
}

func (b *bench) screenAtRestRow() row {
	const settle = 10 * time.Second
	var f *field
	var state string
	watch := func(settle time.Duration, name string, args ...string) func(ctx context.Context, dir string) ([]float64, error) {
		return func(ctx context.Context, dir string) ([]float64, error) {
			s, err := onScreen(ctx, dir, name, args...)
			if err != nil {
				return nil, err
			}
			defer s.quit()
			select {
			case <-ctx.Done():
				return nil, ctx.Err()
			case <-time.After(settle):
			}
			return s.atRest(ctx, resting)
		}
	}
	return row{
		name: b.many("at rest, %s swarms", 1000), measures: []measure{{unit: "% of a core"}, {unit: "B/s to the terminal"}},
		within: 140 * time.Second, limit: perRun,
		begin: func(ctx context.Context) (end func(), err error) {
			f, state, err = b.completeField(ctx, b.scaled(1000))
			if err != nil {
				return nil, err
			}
			return f.stop, nil
		},
		players: []player{
			{ours, func(ctx context.Context, dir string) ([]float64, error) {
				return watch(settle, b.swarmtop, loopback(state)...)(ctx, dir)
			}},
			{"btop", watch(settle/3, "btop", "--utf-force")},
			{"htop", watch(settle/3, "htop")},
		},
	}
}

func (b *bench) screenAtWorkRow() row {
	var f *field
	return row{
		name: b.many("while %s download", 1000), measures: []measure{cpu}, within: 50 * time.Second, limit: perRun,
		begin: func(ctx context.Context) (end func(), err error) {
			if f, err = b.newField(ctx, b.scaled(1000), 64<<10, 16<<10); err != nil {
				return nil, err
			}
			return f.stop, nil
		},
		before: func(ctx context.Context) error { return f.fresh(ctx) },
		players: []player{
			{ours, func(ctx context.Context, dir string) ([]float64, error) {
				s, err := onScreen(ctx, dir, b.swarmtop, append(loopback(dir, "--until-complete"), f.paths...)...)
				if err != nil {
					return nil, err
				}
				defer s.terminal.Close()
				spent, err := ended(s.process, nil)
				if err != nil {
					return nil, err
				}
				return spent[1:2], nil
			}},
			{"without its screen", func(ctx context.Context, dir string) ([]float64, error) {
				spent, err := b.joinOurs(ctx, dir, f)
				if err != nil {
					return nil, err
				}
				return spent[1:2], nil
			}},
		},
	}
}
