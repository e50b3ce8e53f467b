package main

import (
	"context"
	_ "embed"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"time"
)

//go:embed lt.py
var libtorrentScript []byte

// bench is what all rows share.
type bench struct {
	dir      string // working folder
	rounds   int
	keep     bool
	quick    bool   // with a tenth of the swarms
	swarmtop string // our binary
	self     string // this program, for the torrent library alone
	script   string // libtorrent's
}

// scaled is a number of swarms, a tenth of it when it must be quick.
func (b *bench) scaled(n int) int {
	if b.quick {
		return n / 10
	}
	return n
}

// many names a row after a number of swarms.
func (b *bench) many(format string, n int) string { return fmt.Sprintf(format, b.scaled(n)) }

func newBench(ctx context.Context, rounds int) (*bench, error) {
	dir, err := os.MkdirTemp("", "swarmtop-bench-")
	if err != nil {
		return nil, err
	}
	if err := os.Chmod(dir, 0o755); err != nil { // opentracker reads its list as nobody
		return nil, err
	}
	b := &bench{dir: dir, rounds: rounds, swarmtop: filepath.Join(dir, "swarmtop"), script: filepath.Join(dir, "lt.py")}
	if b.self, err = os.Executable(); err != nil {
		return nil, err
	}
	if err := os.WriteFile(b.script, libtorrentScript, 0o644); err != nil {
		return nil, err
	}
	build := exec.CommandContext(ctx, "go", "build", "-o", b.swarmtop, ".")
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		return nil, fmt.Errorf("build swarmtop (run this from the repository's root): %w: %s", err, out)
	}
	return b, nil
}

// conditions says where and against what was measured.
func (b *bench) conditions() string {
	var versions []string
	for _, c := range [][]string{
		{"aria2c", "--version"}, {"rtorrent", "-h"}, {"transmission-daemon", "--version"},
		{python, "-c", "import libtorrent; print('libtorrent', libtorrent.version)"}, {"nginx", "-v"}, {"btop", "--version"}, {"htop", "--version"},
	} {
		out, err := exec.Command(c[0], c[1:]...).CombinedOutput()
		first, _, _ := strings.Cut(strings.TrimSpace(string(out)), "\n")
		if err != nil && first == "" {
			first = c[0] + " is missing"
		}
		versions = append(versions, strings.TrimSpace(strings.TrimSuffix(first, ".")))
	}
	return fmt.Sprintf("%s, %d cores, %s, everything on loopback; %s.\n", time.Now().Format(time.DateOnly), runtime.NumCPU(),
		runtime.Version(), strings.Join(versions, "; "))
}

// python is Debian's, which has libtorrent.
const python = "/usr/bin/python3"

// freePort returns a TCP port of loopback that was free a moment ago.
func freePort() (int, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return 0, err
	}
	defer l.Close()
	return l.Addr().(*net.TCPAddr).Port, nil
}
