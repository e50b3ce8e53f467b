package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"time"
)

// startRows: everything is here; a program is started on it and left alone.
func (b *bench) startRows() []row {
	var f *field
	var state string // of swarmtop, complete
	var settle time.Duration
	players := []player{
		{ours, func(ctx context.Context, _ string) ([]float64, error) { return b.startOurs(ctx, state, settle) }},
		{library, func(ctx context.Context, dir string) ([]float64, error) {
			return startScript(ctx, dir, settle, b.self, "-library", "rest", "0", f.data, f.torrents)
		}},
		{"libtorrent", func(ctx context.Context, dir string) ([]float64, error) {
			port, err := freePort()
			if err != nil {
				return nil, err
			}
			return startScript(ctx, dir, settle, python, b.script, "rest", strconv.Itoa(port), f.data, f.torrents)
		}},
		{"transmission", func(ctx context.Context, dir string) ([]float64, error) {
			return b.startTransmission(ctx, dir, f, settle)
		}},
		{"rtorrent", func(ctx context.Context, dir string) ([]float64, error) {
			p, err := rtorrentHasAll(ctx, dir, f.data, f)
			if err != nil {
				return nil, err
			}
			defer p.stop()
			return settled(ctx, p, time.Since(p.began), settle)
		}},
	}
	start := func(n int, rest, within, limit time.Duration, players []player) row {
		return row{
			name: b.many("start on %s complete", n), measures: []measure{wall, resident}, within: within, limit: limit,
			begin: func(ctx context.Context) (end func(), err error) {
				settle = rest
				if f, state, err = b.completeField(ctx, b.scaled(n)); err != nil {
					return nil, err
				}
				return f.stop, nil
			},
			before:  func(ctx context.Context) error { return f.fresh(ctx) },
			players: players,
		}
	}
	return []row{
		start(1000, 10*time.Second, 150*time.Second, perRun, players),
		start(10000, 20*time.Second, 220*time.Second, 75*time.Second, players[:4]), // rtorrent would take minutes
	}
}

// completeField returns a field without a seeder, and a state folder in which swarmtop
// has all of it. The bytes are put where it keeps them, so that it need not fetch them.
func (b *bench) completeField(ctx context.Context, n int) (f *field, state string, err error) {
	if f, err = b.newUnseeded(ctx, n, 64<<10, 16<<10); err != nil {
		return nil, "", err
	}
	if state, err = b.completeState(ctx, f); err != nil {
		f.stop()
		return nil, "", fmt.Errorf("complete state of swarmtop: %w", err)
	}
	return f, state, nil
}

func (b *bench) completeState(ctx context.Context, f *field) (state string, err error) {
	if state, err = os.MkdirTemp(b.dir, "state-"); err != nil {
		return "", err
	}
	assets := filepath.Join(state, "assets")
	if err := os.Mkdir(assets, 0o700); err != nil {
		return "", err
	}
	for i, h := range f.hashes {
		if err := os.Link(filepath.Join(f.data, assetName(i)), filepath.Join(assets, h.HexString()+".blob")); err != nil {
			return "", err
		}
	}
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	_, err = b.joinOurs(ctx, state, f)
	return state, err
}

func (b *bench) startOurs(ctx context.Context, state string, settle time.Duration) ([]float64, error) {
	started, err := ended(start(ctx, state, b.swarmtop, loopback(state, "--no-screen", "--until-complete")...))
	if err != nil {
		return nil, err
	}
	s, err := onScreen(ctx, state, b.swarmtop, loopback(state)...)
	if err != nil {
		return nil, err
	}
	defer s.quit()
	return settled(ctx, s.process, time.Duration(started[0]*float64(time.Second)), settle)
}

// settled gives announces, and memory that is to be given back, their time and returns
// the seconds that the start took and the memory.
func settled(ctx context.Context, p *process, started, settle time.Duration) ([]float64, error) {
	select {
	case <-ctx.Done():
		return nil, ctx.Err()
	case <-time.After(settle):
	}
	if !p.alive() {
		return nil, fmt.Errorf("%s ended: %s", filepath.Base(p.cmd.Path), tail(p.out.String()))
	}
	mb, err := memory(p.cmd.Process.Pid)
	return []float64{started.Seconds(), mb}, err
}

// startScript is for a program that says "ready" once it has checked all.
func startScript(ctx context.Context, dir string, settle time.Duration, name string, args ...string) ([]float64, error) {
	p, err := converse(ctx, dir, name, args...)
	if err != nil {
		return nil, err
	}
	defer p.stop()
	if _, err := p.hear(ctx); err != nil {
		return nil, err
	}
	return settled(ctx, p.process, time.Since(p.began), settle)
}

// startTransmission starts it on a folder in which it has noted that all is complete.
func (b *bench) startTransmission(ctx context.Context, dir string, f *field, settle time.Duration) ([]float64, error) {
	if err := noteComplete(dir, f); err != nil {
		return nil, err
	}
	t, err := startTransmission(ctx, dir, f.data)
	if err != nil {
		return nil, err
	}
	defer t.stop()
	if err := t.hasAll(ctx, f); err != nil {
		return nil, err
	}
	return settled(ctx, t.process, time.Since(t.began), settle)
}
