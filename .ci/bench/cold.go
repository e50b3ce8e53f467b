package main

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"path/filepath"
	"slices"
	"time"
)

// coldAssets are those of a run; one more, before them, is not counted.
const coldAssets = 10

// coldRows: from when a running program is told of an asset until its first byte.
func (b *bench) coldRows() []row {
	var f *field
	cold := func(name string, source func(f *field, i int) string) row {
		return row{
			name: name, measures: []measure{millis, {unit: "ms, slowest"}}, within: 40 * time.Second, limit: perRun,
			begin: func(ctx context.Context) (end func(), err error) {
				if f, err = b.newField(ctx, coldAssets+1, 64<<10, 16<<10); err != nil {
					return nil, err
				}
				return f.stop, nil
			},
			before: func(ctx context.Context) error { return f.fresh(ctx) },
			players: []player{
				{ours, func(ctx context.Context, dir string) ([]float64, error) { return b.coldOurs(ctx, dir, f, source) }},
				{library, func(ctx context.Context, dir string) ([]float64, error) { return b.coldLibrary(ctx, dir, f, source) }},
			},
		}
	}
	return []row{
		cold("first byte of a cold asset, by its metainfo", func(f *field, i int) string { return f.paths[i] }),
		cold("first byte of a cold asset, by its magnet", func(f *field, i int) string {
			return "magnet:?xt=urn:btih:" + f.hashes[i].HexString() + "&tr=" + url.QueryEscape(f.announce)
		}),
	}
}

// coldTimes has an asset after the other fetched and returns the median and the longest
// of the times, in milliseconds.
func coldTimes(fetch func(i int) (time.Duration, error)) ([]float64, error) {
	var all []float64
	for i := range coldAssets {
		took, err := fetch(i + 1)
		if err != nil {
			return nil, fmt.Errorf("asset %d: %w", i+1, err)
		}
		all = append(all, float64(took.Microseconds())/1000)
	}
	return []float64{median(all), slices.Max(all)}, nil
}

func (b *bench) coldLibrary(ctx context.Context, dir string, f *field, source func(f *field, i int) string) ([]float64, error) {
	p, err := converse(ctx, dir, b.self, "-library", "cold", "0", dir)
	if err != nil {
		return nil, err
	}
	defer p.stop()
	fetch := func(i int) (time.Duration, error) {
		began := time.Now()
		if err := p.tell("%s", source(f, i)); err != nil {
			return 0, err
		}
		_, err := p.hear(ctx)
		return time.Since(began), err
	}
	if _, err := fetch(0); err != nil {
		return nil, err
	}
	return coldTimes(fetch)
}

// coldOurs types the sources into the running program, as its users do; the time begins
// at the enter key.
func (b *bench) coldOurs(ctx context.Context, dir string, f *field, source func(f *field, i int) string) ([]float64, error) {
	port, err := freePort()
	if err != nil {
		return nil, err
	}
	s, err := onScreen(ctx, dir, b.swarmtop, "--state", filepath.Join(dir, "state"), "--listen", fmt.Sprintf("127.0.0.1:%d", port),
		"--peer-listen", "127.0.0.1:0", source(f, 0))
	if err != nil {
		return nil, err
	}
	defer s.quit()
	at := func(i int) string {
		return fmt.Sprintf("http://127.0.0.1:%d/w/%s/%s", port, f.hashes[i].HexString(), assetName(i))
	}
	if err := firstByte(ctx, at(0)); err != nil {
		return nil, err
	}
	return coldTimes(func(i int) (time.Duration, error) {
		if err := s.calm(ctx); err != nil { // the dialog has closed
			return 0, err
		}
		if err := s.typeIn("a" + "\x1b[200~" + source(f, i) + "\x1b[201~"); err != nil {
			return 0, err
		}
		if err := s.calm(ctx); err != nil {
			return 0, err
		}
		began := time.Now()
		if err := s.typeIn("\r"); err != nil {
			return 0, err
		}
		err := firstByte(ctx, at(i))
		return time.Since(began), err
	})
}

// firstByte asks for an asset each millisecond until there is an answer that begins.
func firstByte(ctx context.Context, url string) error {
	tick := time.NewTicker(time.Millisecond)
	defer tick.Stop()
	for {
		begun, err := begins(ctx, url)
		if begun {
			return nil
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("%s: %w, at last %w", url, ctx.Err(), err)
		case <-tick.C:
		}
	}
}

// begins tells whether the first byte at a URL has come; the error says why not.
func begins(ctx context.Context, url string) (bool, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return false, err
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return false, err
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		_, _ = io.Copy(io.Discard, resp.Body) // so that the connection can be used again
		return false, fmt.Errorf("answered %s", resp.Status)
	}
	_, err = resp.Body.Read(make([]byte, 1))
	return err == nil || err == io.EOF, err
}
