package crowd

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"
)

// Serve has as many HTTP clients fetch the asset, all at once, from one server with the
// same uplink, and ends when the last of them has it.
func Serve(ctx context.Context, cfg Config) (out Outcome, err error) {
	hosts := loopbackHosts(cfg.Peers + 1)
	line := newLine(hosts[0], cfg.Uplink)
	l, err := line.Listen(0)
	if err != nil {
		return out, err
	}
	server := &http.Server{
		Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Type", "application/octet-stream")
			_, _ = w.Write(cfg.Data)
		}),
		ReadHeaderTimeout: 10 * time.Second,
	}
	var serving errgroup.Group
	serving.Go(func() error { return ignoreClosed(server.Serve(l)) })
	defer func() {
		server.Close()
		err = errors.Join(err, serving.Wait())
	}()
	var mu sync.Mutex
	g, ctx := errgroup.WithContext(ctx)
	began := time.Now()
	for i, ip := range hosts[1:] {
		g.Go(func() error {
			body, err := newFetcher(ip).get(ctx, "http://"+l.Addr().String()+"/asset")
			if err != nil {
				return fmt.Errorf("client %d: %w", i+1, err)
			}
			took := time.Since(began)
			if !bytes.Equal(body, cfg.Data) {
				return fmt.Errorf("client %d: the bytes that came are not those of the asset", i+1)
			}
			mu.Lock()
			defer mu.Unlock()
			out.Finished = append(out.Finished, took)
			if cfg.Progress != nil {
				cfg.Progress(len(out.Finished), took)
			}
			return nil
		})
	}
	err = g.Wait()
	slices.Sort(out.Finished)
	out.Origin = Origin{HTTP: line.Sent.Load(), Received: line.Received.Load()}
	return out, err
}
