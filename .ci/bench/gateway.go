package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"time"
)

// The server has the first core, the load the second.
const (
	serverCore = "0"
	loadCore   = "1"
)

// gatewayRows: finished assets over HTTP.
func (b *bench) gatewayRows() []row {
	var rows []row
	for _, size := range []int{64 << 10, 2 << 10} {
		rows = append(rows, row{
			name:     fmt.Sprintf("gateway, %d KiB", size>>10),
			measures: []measure{{unit: "requests/s", more: true}, {unit: "ms, p99"}},
			rounds:   2 * b.rounds, within: 75 * time.Second, limit: perRun,
			players: []player{
				{ours, func(ctx context.Context, dir string) ([]float64, error) { return b.serveOurs(ctx, dir, size) }},
				{"nginx", func(ctx context.Context, dir string) ([]float64, error) { return serveNginx(ctx, dir, size) }},
			},
		})
	}
	return rows
}

func asset(dir string, size int) (string, error) {
	path := filepath.Join(dir, "asset.js")
	return path, os.WriteFile(path, bytes.Repeat([]byte("// swarm\n"), size/9+1)[:size], 0o644)
}

var assetLink = regexp.MustCompile(`/w/[0-9a-f]{40}/asset\.js`)

func (b *bench) serveOurs(ctx context.Context, dir string, size int) ([]float64, error) {
	path, err := asset(dir, size)
	if err != nil {
		return nil, err
	}
	port, err := freePort()
	if err != nil {
		return nil, err
	}
	base := fmt.Sprintf("http://127.0.0.1:%d", port)
	p, err := start(ctx, dir, "taskset", "-c", serverCore, b.swarmtop, "--no-screen", "--state", filepath.Join(dir, "state"),
		"--listen", fmt.Sprintf("127.0.0.1:%d", port), "--peer-listen", "127.0.0.1:0", "--tracker-listen", "127.0.0.1:0", path)
	if err != nil {
		return nil, err
	}
	defer p.stop()
	var link []byte // on the gateway's own page
	err = p.until(ctx, func() (bool, error) {
		page, err := fetch(ctx, base+"/")
		link = assetLink.Find(page)
		return link != nil, err
	})
	if err != nil {
		return nil, err
	}
	return load(ctx, p, base+string(link), size)
}

func serveNginx(ctx context.Context, dir string, size int) ([]float64, error) {
	path, err := asset(dir, size)
	if err != nil {
		return nil, err
	}
	port, err := freePort()
	if err != nil {
		return nil, err
	}
	config := filepath.Join(dir, "nginx.conf")
	err = os.WriteFile(config, fmt.Appendf(nil, `
daemon off;
worker_processes 1;
user root;
pid %[1]s/pid;
error_log %[1]s/error.log;
events { worker_connections 1024; }
http {
	sendfile on;
	tcp_nopush on;
	keepalive_requests 10000000;
	access_log off;
	open_file_cache max=100;
	types { text/javascript js; }
	server { listen 127.0.0.1:%[2]d; root %[1]s; }
}
`, dir, port), 0o644)
	if err != nil {
		return nil, err
	}
	p, err := start(ctx, dir, "taskset", "-c", serverCore, "nginx", "-p", dir, "-c", config)
	if err != nil {
		return nil, err
	}
	defer p.stop()
	return load(ctx, p, fmt.Sprintf("http://127.0.0.1:%d/%s", port, filepath.Base(path)), size)
}

// load asks a server for an asset over 64 kept connections for some seconds, after a
// second that does not count.
func load(ctx context.Context, p *process, url string, size int) ([]float64, error) {
	err := p.until(ctx, func() (bool, error) {
		got, err := fetch(ctx, url)
		return len(got) == size, err
	})
	if err != nil {
		return nil, err
	}
	if _, err := wrk(ctx, url, time.Second); err != nil {
		return nil, err
	}
	return wrk(ctx, url, 4*time.Second)
}

// fetch returns what is at a URL, an error's text too.
func fetch(ctx context.Context, url string) ([]byte, error) {
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
