package main

import (
	"context"
	"io"
	"strconv"
)

// joinRows: from nothing until all is here and checked.
func (b *bench) joinRows() []row {
	var f *field
	from := func(n int, size, pieceLength int64) func(context.Context) (func(), error) {
		return func(ctx context.Context) (end func(), err error) {
			if f, err = b.newField(ctx, n, size, pieceLength); err != nil {
				return nil, err
			}
			return f.stop, nil
		}
	}
	fresh := func(ctx context.Context) error { return f.fresh(ctx) }
	players := []player{
		{ours, func(ctx context.Context, dir string) ([]float64, error) { return b.joinOurs(ctx, dir, f) }},
		{"the torrent library alone", func(ctx context.Context, dir string) ([]float64, error) { return b.joinLibrary(ctx, dir, f) }},
		{"libtorrent", func(ctx context.Context, dir string) ([]float64, error) { return b.joinLibtorrent(ctx, dir, f) }},
		{"aria2", func(ctx context.Context, dir string) ([]float64, error) { return b.joinAria2(ctx, dir, f) }},
		{"rtorrent", func(ctx context.Context, dir string) ([]float64, error) { return b.joinRtorrent(ctx, dir, f) }},
	}
	measures := []string{"s", "CPU-s", "MB at most"}
	return []row{
		{name: b.many("join and complete %d × 64 KiB", 1000), measure: measures, begin: from(b.scaled(1000), 64<<10, 16<<10), before: fresh, players: players},
		{name: b.many("join and complete %d × 64 KiB", 5000), measure: measures, rounds: 1, begin: from(b.scaled(5000), 64<<10, 16<<10), before: fresh, players: players[:4]},
		{name: "one file of 1 GiB", measure: measures, begin: from(1, 1<<30, 1<<20), before: fresh, players: append(players[:5:5],
			player{"transmission", func(ctx context.Context, dir string) ([]float64, error) { return b.joinTransmission(ctx, dir, f) }})},
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

func (b *bench) joinOurs(ctx context.Context, dir string, f *field) ([]float64, error) {
	return ended(start(ctx, dir, b.swarmtop, append([]string{"--no-screen", "--until-complete", "--state", dir, "--listen", "127.0.0.1:0",
		"--peer-listen", "127.0.0.1:0"}, f.paths...)...))
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
	p, err := rtorrent(ctx, dir, dir, f.torrents)
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
	err = t.until(ctx, func() (bool, error) {
		done, err := t.complete(ctx)
		return done == len(f.hashes), err
	})
	if err != nil {
		return nil, err
	}
	return t.soFar()
}
