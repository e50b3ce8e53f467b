package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
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
			name:    fmt.Sprintf("gateway, %d KiB, 64 connections", size>>10),
			measure: []string{"requests/s", "ms p99"},
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

func (b *bench) serveOurs(ctx context.Context, dir string, size int) ([]float64, error) {
	path, err := asset(dir, size)
	if err != nil {
		return nil, err
	}
	var out bytes.Buffer
	lines := make(chan []byte, 1)
	p, err := startWith(ctx, dir, nil, writerFunc(func(text []byte) (int, error) {
		if out.Len() < 1<<20 {
			out.Write(text)
		}
		if line, _, ok := bytes.Cut(out.Bytes(), []byte("\n")); ok {
			select {
			case lines <- bytes.Clone(line):
			default:
			}
		}
		return len(text), nil
	}), "taskset", "-c", serverCore, b.swarmtop, "--json", "--state", filepath.Join(dir, "state"), "--listen", "127.0.0.1:0",
		"--peer-listen", "127.0.0.1:0", "--tracker-listen", "127.0.0.1:0", path)
	if err != nil {
		return nil, err
	}
	defer p.stop()
	var snapshot struct {
		Gateway string
		Swarms  []struct {
			InfoHash string `json:"info_hash"`
			Name     string
		}
	}
	select {
	case line := <-lines:
		if err := json.Unmarshal(line, &snapshot); err != nil {
			return nil, err
		}
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	if len(snapshot.Swarms) != 1 {
		return nil, fmt.Errorf("swarmtop shows %d swarms", len(snapshot.Swarms))
	}
	return load(ctx, p, fmt.Sprintf("%s/w/%s/%s", snapshot.Gateway, snapshot.Swarms[0].InfoHash, filepath.Base(path)), size)
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

var (
	wrkRate = regexp.MustCompile(`Requests/sec:\s+([\d.]+)`)
	wrkLate = regexp.MustCompile(`99%\s+([\d.]+)(us|ms|s)`)
	wrkBad  = regexp.MustCompile(`(?m)^\s*(Non-2xx.*|Socket errors.*)$`)
)

// load asks for one URL over 64 kept connections for some seconds.
func load(ctx context.Context, p *process, url string, size int) ([]float64, error) {
	err := p.until(ctx, func() (bool, error) {
		resp, err := http.Get(url)
		if err != nil {
			return false, err
		}
		defer resp.Body.Close()
		if resp.StatusCode != http.StatusOK || resp.ContentLength != int64(size) {
			return false, fmt.Errorf("%s: %s, %d bytes", url, resp.Status, resp.ContentLength)
		}
		return true, nil
	})
	if err != nil {
		return nil, err
	}
	out, err := exec.CommandContext(ctx, "taskset", "-c", loadCore, "wrk", "-t1", "-c64", "-d4s", "--latency", url).CombinedOutput()
	if err != nil {
		return nil, fmt.Errorf("wrk: %w: %s", err, out)
	}
	if bad := wrkBad.Find(out); bad != nil {
		return nil, fmt.Errorf("wrk: %s", bad)
	}
	rate, late := wrkRate.FindSubmatch(out), wrkLate.FindSubmatch(out)
	if rate == nil || late == nil {
		return nil, fmt.Errorf("wrk said %q", out)
	}
	perSecond, err := strconv.ParseFloat(string(rate[1]), 64)
	if err != nil {
		return nil, err
	}
	p99, err := time.ParseDuration(string(late[1]) + string(late[2]))
	return []float64{perSecond, float64(p99.Microseconds()) / 1000}, err
}
