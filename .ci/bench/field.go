package main

import (
	"bytes"
	"context"
	"encoding/hex"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// field is a corpus, the tracker that knows it, and a seeder of it.
type field struct {
	*corpus
	tracker  *process
	seeder   *partner
	dir      string // of the tracker
	announce string // URL
	port     int    // of the tracker
}

func (f *field) stop() {
	if f.seeder != nil {
		f.seeder.stop()
	}
	if f.tracker != nil {
		f.tracker.stop()
	}
}

// newField starts opentracker and a libtorrent that seeds n files.
func (b *bench) newField(ctx context.Context, n int, size, pieceLength int64) (*field, error) {
	f, err := b.newUnseeded(ctx, n, size, pieceLength)
	if err != nil {
		return nil, err
	}
	if err = f.startSeeder(ctx, b); err == nil {
		err = f.known(ctx)
	}
	if err != nil {
		f.stop()
		return nil, err
	}
	return f, nil
}

// newUnseeded starts opentracker for n files.
func (b *bench) newUnseeded(ctx context.Context, n int, size, pieceLength int64) (*field, error) {
	dir, err := os.MkdirTemp(b.dir, "field-")
	if err != nil {
		return nil, err
	}
	if err := os.Chmod(dir, 0o755); err != nil { // opentracker reads its list as nobody
		return nil, err
	}
	port, err := freePort()
	if err != nil {
		return nil, err
	}
	f := &field{dir: dir, port: port, announce: fmt.Sprintf("http://127.0.0.1:%d/announce", port)}
	if f.corpus, err = makeCorpus(dir, n, size, pieceLength, f.announce); err != nil {
		return nil, err
	}
	if err := f.startTracker(ctx); err != nil {
		f.stop()
		return nil, err
	}
	return f, nil
}

// fresh starts the tracker anew, so that it names nobody who has left without a word,
// and waits until it knows the seeder, if there is one.
func (f *field) fresh(ctx context.Context) error {
	f.tracker.stop()
	if err := f.startTracker(ctx); err != nil || f.seeder == nil {
		return err
	}
	if err := f.seeder.tell("announce"); err != nil {
		return err
	}
	return f.known(ctx)
}

func (f *field) startTracker(ctx context.Context) (err error) {
	var list bytes.Buffer
	for _, h := range f.hashes {
		list.WriteString(hex.EncodeToString(h[:]) + "\n")
	}
	if err := os.WriteFile(filepath.Join(f.dir, "list"), list.Bytes(), 0o644); err != nil {
		return err
	}
	p := strconv.Itoa(f.port)
	if f.tracker, err = start(ctx, f.dir, "opentracker", "-i", "127.0.0.1", "-p", p, "-P", p, "-u", "nobody", "-d", f.dir, "-w", "list"); err != nil {
		return err
	}
	return f.tracker.until(ctx, func() (bool, error) {
		_, err := fetch(ctx, strings.Replace(f.announce, "/announce", "/stats", 1))
		return err == nil, err
	})
}

func (f *field) startSeeder(ctx context.Context, b *bench) error {
	port, err := freePort()
	if err != nil {
		return err
	}
	f.seeder, err = converse(ctx, f.data, python, b.script, "seed", strconv.Itoa(port), f.data, f.torrents)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	_, err = f.seeder.hear(ctx)
	return err
}

// connect makes the seeder connect to a peer of loopback in every swarm.
func (f *field) connect(port int) error { return f.seeder.tell("peer %d", port) }

// scraped is how many swarms one request asks the tracker about: a connection for each of
// thousands would leave the contestants few ports that are free.
const scraped = 50

// known waits until the tracker knows the seeder in every swarm.
func (f *field) known(ctx context.Context) error {
	next := 0
	return f.seeder.until(ctx, func() (bool, error) {
		for next < len(f.hashes) {
			some := f.hashes[next:min(next+scraped, len(f.hashes))]
			var q strings.Builder
			for _, h := range some {
				q.WriteString("&info_hash=")
				for _, c := range h {
					fmt.Fprintf(&q, "%%%02x", c)
				}
			}
			answer, err := fetch(ctx, strings.Replace(f.announce, "/announce", "/scrape?", 1)+q.String()[1:])
			if err != nil || bytes.Count(answer, []byte("8:completei1e")) < len(some) {
				return false, err
			}
			next += len(some)
		}
		return true, nil
	})
}
