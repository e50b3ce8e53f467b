package main

import (
	"context"
	"io"
	"strconv"
	"time"
)

// joinRows: from nothing until all is here and checked.
func (b *bench) joinRows() []row {
	var f *field
	many := []player{
		{ours, func(ctx context.Context, dir string) ([]float64, error) { return b.joinOurs(ctx, dir, f) }},
		{library, func(ctx context.Context, dir string) ([]float64, error) { return b.joinLibrary(ctx, dir, f) }},
		{"libtorrent", func(ctx context.Context, dir string) ([]float64, error) { return b.joinLibtorrent(ctx, dir, f) }},
		{"aria2", func(ctx context.Context, dir string) ([]float64, error) { return b.joinAria2(ctx, dir, f) }},
		{"rtorrent", func(ctx context.Context, dir string) ([]float64, error) { return b.joinRtorrent(ctx, dir, f) }},
	}
	one := append(many[:len(many):len(many)],
		player{"transmission", func(ctx context.Context, dir string) ([]float64, error) { return b.joinTransmission(ctx, dir, f) }})
	join := func(name string, n int, size, pieceLength int64, within, limit time.Duration, players []player) row {
		return row{name: name, measures: []measure{wall, cpu, most}, within: within, limit: limit, players: players,
			begin: func(ctx context.Context) (end func(), err error) {
				if f, err = b.newField(ctx, n, size, pieceLength); err != nil {
					return nil, err
				}
				return f.stop, nil
			},
			before: func(ctx context.Context) error { return f.fresh(ctx) },
		}
	}
	return []row{
		join(b.many("join and complete %s × 64 KiB", 1000), b.scaled(1000), 64<<10, 16<<10, 165*time.Second, perRun, many),
		join("one file of 1 GiB", 1, 1<<30, 1<<20, 125*time.Second, perRun, one),
		// Not after the first: its connections would leave few ports for these.
		join(b.many("join and complete %s × 64 KiB", 5000), b.scaled(5000), 64<<10, 16<<10, 290*time.Second, 75*time.Second, many),
	}
}

// ended waits for a program that ends when all is complete.
func ended(p *process, err error) ([]float64, error) {
	if err != nil {
		return nil, err
	}
	if err := p.wait(); err != nil {
		return nil, err
	}
	return p.spent(), nil
}

// loopback has swarmtop listen on free ports of loopback and keep all in a folder.
func loopback(state string, more ...string) []string {
	return append([]string{"--state", state, "--listen", "127.0.0.1:0", "--peer-listen", "127.0.0.1:0"}, more...)
}

func (b *bench) joinOurs(ctx context.Context, dir string, f *field) ([]float64, error) {
	return ended(start(ctx, dir, b.swarmtop, append(loopback(dir, "--no-screen", "--until-complete"), f.paths...)...))
}

func (b *bench) joinLibrary(ctx context.Context, dir string, f *field) ([]float64, error) {
	return ended(start(ctx, dir, b.self, "-library", "join", "0", dir, f.torrents))
}

func (b *bench) joinLibtorrent(ctx context.Context, dir string, f *field) ([]float64, error) {
	port, err := freePort()
	if err != nil {
		return nil, err
	}
	return ended(start(ctx, dir, python, b.script, "join", strconv.Itoa(port), dir, f.torrents))
}

func (b *bench) joinAria2(ctx context.Context, dir string, f *field) ([]float64, error) {
	port, err := freePort()
	if err != nil {
		return nil, err
	}
	return ended(startWith(ctx, dir, nil, io.Discard, "aria2c", append([]string{"--no-conf", "-j", strconv.Itoa(len(f.paths)), "--seed-time=0", "--enable-dht=false",
		"--bt-enable-lpd=false", "--enable-peer-exchange=false", "--listen-port=" + strconv.Itoa(port), "--file-allocation=none",
		"--bt-max-open-files=4096", "--console-log-level=error", "--summary-interval=0", "--dir=" + dir}, f.paths...)...))
}

func (b *bench) joinRtorrent(ctx context.Context, dir string, f *field) ([]float64, error) {
	p, err := rtorrentHasAll(ctx, dir, dir, f)
	if err != nil {
		return nil, err
	}
	defer p.stop()
	return p.soFar()
}

func (b *bench) joinTransmission(ctx context.Context, dir string, f *field) ([]float64, error) {
	t, err := startTransmission(ctx, dir, dir)
	if err != nil {
		return nil, err
	}
	defer t.stop()
	if err := t.add(ctx, f.paths); err != nil {
		return nil, err
	}
	// It connects to no peer of loopback that a tracker gives it.
	if err := f.connect(t.peerPort); err != nil {
		return nil, err
	}
	if err := t.hasAll(ctx, f); err != nil {
		return nil, err
	}
	return t.soFar()
}
