package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"time"
)

const (
	settle  = 12 * time.Second // for announces, and for memory to be given back
	resting = 30 * time.Second // of looking at a program at rest
)

// restRows: everything is here; a program is started on it and left alone.
func (b *bench) restRows() []row {
	const swarms = 1000
	var f *field
	var state string // of swarmtop, complete
	begin := func(ctx context.Context) (end func(), err error) {
		if f, err = b.newField(ctx, b.scaled(swarms), 64<<10, 16<<10); err != nil {
			return nil, err
		}
		if state, err = b.completeState(ctx, f); err != nil {
			f.stop()
			return nil, err
		}
		f.seeder.stop()
		return f.stop, nil
	}
	return []row{
		{name: b.many("start on %d complete: until seeding; at rest", swarms), measure: []string{"s until all is checked", "MB at rest"}, begin: begin, before: func(ctx context.Context) error { return f.fresh(ctx) }, players: []player{
			{ours + ", hash checked, with its screen", func(ctx context.Context, dir string) ([]float64, error) { return b.restOurs(ctx, state) }},
			{"the torrent library alone, hash checked", func(ctx context.Context, dir string) ([]float64, error) {
				return b.restScript(ctx, dir, b.self, "-library", "rest", "0", f.data, f.torrents)
			}},
			{"libtorrent, hash checked", func(ctx context.Context, dir string) ([]float64, error) {
				port, err := freePort()
				if err != nil {
					return nil, err
				}
				return b.restScript(ctx, dir, python, b.script, "rest", strconv.Itoa(port), f.data, f.torrents)
			}},
			{"rtorrent, hash checked", func(ctx context.Context, dir string) ([]float64, error) { return b.restRtorrent(ctx, dir, f) }},
			{"transmission, unchecked", func(ctx context.Context, dir string) ([]float64, error) { return b.restTransmission(ctx, dir, f) }},
		}},
		{name: b.many("screen at rest, 200×60, %d swarms", swarms), measure: []string{"% of a core", "B/s to the terminal"}, begin: begin, players: []player{
			{ours, func(ctx context.Context, dir string) ([]float64, error) {
				return watched(ctx, dir, b.swarmtop, "--state", state, "--listen", "127.0.0.1:0", "--peer-listen", "127.0.0.1:0")
			}},
			{"btop", func(ctx context.Context, dir string) ([]float64, error) {
				return watched(ctx, dir, "btop", "--utf-force")
			}},
			{"htop", func(ctx context.Context, dir string) ([]float64, error) { return watched(ctx, dir, "htop") }},
		}},
	}
}

// completeState returns a state folder in which swarmtop has all.
func (b *bench) completeState(ctx context.Context, f *field) (string, error) {
	dir, err := os.MkdirTemp(b.dir, "state-")
	if err != nil {
		return "", err
	}
	_, err = b.joinOurs(ctx, dir, f)
	return dir, err
}

func watched(ctx context.Context, dir, name string, args ...string) ([]float64, error) {
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

func (b *bench) restOurs(ctx context.Context, state string) ([]float64, error) {
	args := []string{"--state", state, "--listen", "127.0.0.1:0", "--peer-listen", "127.0.0.1:0"}
	started, err := ended(start(ctx, state, b.swarmtop, append(args, "--no-screen", "--until-complete")...))
	if err != nil {
		return nil, err
	}
	s, err := onScreen(ctx, state, b.swarmtop, args...)
	if err != nil {
		return nil, err
	}
	defer s.quit()
	return settled(ctx, s.process, started[0])
}

// settled waits and returns the memory of what has been started.
func settled(ctx context.Context, p *process, started float64) ([]float64, error) {
	select {
	case <-ctx.Done():
		return nil, ctx.Err()
	case <-time.After(settle):
	}
	if !p.alive() {
		return nil, fmt.Errorf("%s ended: %s", filepath.Base(p.cmd.Path), tail(p.out.String()))
	}
	mb, err := memory(p.cmd.Process.Pid)
	return []float64{started, mb}, err
}

// restScript is for a program that says "ready" once it has checked all.
func (b *bench) restScript(ctx context.Context, dir, name string, args ...string) ([]float64, error) {
	in, hold, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	defer in.Close()
	defer hold.Close()
	said := make(chan struct{})
	p, err := startWith(ctx, dir, in, writerFunc(func(text []byte) (int, error) {
		select {
		case <-said:
		default:
			close(said)
		}
		return len(text), nil
	}), name, args...)
	if err != nil {
		return nil, err
	}
	defer p.stop()
	select {
	case <-said:
	case err := <-p.ended:
		p.ended <- err
		return nil, fmt.Errorf("%s ended: %w: %s", filepath.Base(name), err, tail(p.out.String()))
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	return settled(ctx, p, time.Since(p.began).Seconds())
}

type writerFunc func([]byte) (int, error)

func (f writerFunc) Write(text []byte) (int, error) { return f(text) }

func (b *bench) restRtorrent(ctx context.Context, dir string, f *field) ([]float64, error) {
	p, err := rtorrent(ctx, dir, f.data, f.torrents)
	if err != nil {
		return nil, err
	}
	defer p.stop()
	err = p.until(ctx, func() (bool, error) {
		n, err := completeIn(ctx, dir)
		return n == len(f.hashes), err
	})
	if err != nil {
		return nil, err
	}
	return settled(ctx, p, time.Since(p.began).Seconds())
}

// restTransmission starts it twice: what it was told the first time it does not check the second.
func (b *bench) restTransmission(ctx context.Context, dir string, f *field) ([]float64, error) {
	var started float64
	for _, again := range []bool{false, true} {
		t, err := startTransmission(ctx, dir, f.data)
		if err != nil {
			return nil, err
		}
		defer t.stop()
		if !again {
			if err := t.add(ctx, f.paths); err != nil {
				return nil, err
			}
		}
		err = t.until(ctx, func() (bool, error) {
			done, err := t.complete(ctx)
			return done == len(f.hashes), err
		})
		if err != nil {
			return nil, err
		}
		started = time.Since(t.began).Seconds()
		if again {
			return settled(ctx, t.process, started)
		}
		t.stop()
	}
	return nil, nil
}
