package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/hex"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// field is a corpus, the tracker that knows it, and a seeder of it.
type field struct {
	*corpus
	tracker, seeder *process
	commands        io.WriteCloser // of the seeder
	dir             string         // of the tracker
	announce        string         // URL
	port            int            // of the tracker
}

func (f *field) stop() {
	if f.seeder != nil {
		f.commands.Close()
		f.seeder.stop()
	}
	if f.tracker != nil {
		f.tracker.stop()
	}
}

// newField starts opentracker and a libtorrent that seeds n files.
func (b *bench) newField(ctx context.Context, n int, size, pieceLength int64) (f *field, err error) {
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
	begun := &field{dir: dir, port: port, announce: fmt.Sprintf("http://127.0.0.1:%d/announce", port)}
	defer func() {
		if err != nil {
			begun.stop()
		}
	}()
	if begun.corpus, err = makeCorpus(dir, n, size, pieceLength, begun.announce); err != nil {
		return nil, err
	}
	if err = begun.startTracker(ctx); err != nil {
		return nil, err
	}
	if err = begun.startSeeder(ctx, b); err != nil {
		return nil, err
	}
	return begun, begun.known(ctx)
}

// fresh starts the tracker anew, so that it names nobody who has left without a word,
// and waits until it knows the seeder, if there is one.
func (f *field) fresh(ctx context.Context) error {
	f.tracker.stop()
	if err := f.startTracker(ctx); err != nil || !f.seeder.alive() {
		return err
	}
	if _, err := fmt.Fprintln(f.commands, "announce"); err != nil {
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
		_, err := f.get(ctx, strings.Replace(f.announce, "/announce", "/stats", 1))
		return err == nil, err
	})
}

func (f *field) startSeeder(ctx context.Context, b *bench) error {
	port, err := freePort()
	if err != nil {
		return err
	}
	out, says := io.Pipe()
	in, commands, err := os.Pipe()
	if err != nil {
		return err
	}
	defer in.Close()
	f.commands = commands
	f.seeder, err = startWith(ctx, f.data, in, says, python, b.script, "seed", strconv.Itoa(port), f.data, f.torrents)
	if err != nil {
		return err
	}
	ready := make(chan struct{})
	go func() {
		bufio.NewScanner(out).Scan()
		close(ready)
		_, _ = io.Copy(io.Discard, out)
	}()
	return f.seeder.until(ctx, func() (bool, error) {
		select {
		case <-ready:
			return true, nil
		default:
			return false, nil
		}
	})
}

// connect makes the seeder connect to a peer of loopback in every swarm.
func (f *field) connect(port int) error {
	_, err := fmt.Fprintf(f.commands, "peer %d\n", port)
	return err
}

// known waits until the tracker knows the seeder in every swarm.
func (f *field) known(ctx context.Context) error {
	next := 0
	return f.seeder.until(ctx, func() (bool, error) {
		for ; next < len(f.hashes); next++ {
			var q strings.Builder
			for _, c := range f.hashes[next] {
				fmt.Fprintf(&q, "%%%02x", c)
			}
			answer, err := f.get(ctx, strings.Replace(f.announce, "/announce", "/scrape", 1)+"?info_hash="+q.String())
			if err != nil || !bytes.Contains(answer, []byte("8:completei1e")) {
				return false, err
			}
		}
		return true, nil
	})
}

func (f *field) get(ctx context.Context, url string) ([]byte, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return nil, err
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	return io.ReadAll(resp.Body)
}
