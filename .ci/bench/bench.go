package main

import (
	"context"
	_ "embed"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
)

//go:embed lt.py
var libtorrentScript []byte

// bench is what all rows share.
type bench struct {
	options
	dir      string // working folder
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
func (b *bench) many(format string, n int) string {
	return fmt.Sprintf(format, thousands(b.scaled(n)))
}

// newBench makes the working folder and builds swarmtop.
func newBench(ctx context.Context, o options) (b *bench, err error) {
	dir, err := os.MkdirTemp("", "swarmtop-bench-")
	if err != nil {
		return nil, err
	}
	begun := &bench{options: o, dir: dir, swarmtop: filepath.Join(dir, "swarmtop"), script: filepath.Join(dir, "lt.py")}
	defer func() {
		if err != nil {
			begun.leave()
		}
	}()
	if err := os.Chmod(dir, 0o755); err != nil { // opentracker reads its list as nobody
		return nil, err
	}
	if begun.self, err = os.Executable(); err != nil {
		return nil, err
	}
	if err := os.WriteFile(begun.script, libtorrentScript, 0o644); err != nil {
		return nil, err
	}
	return begun, build(ctx, begun.swarmtop, ".")
}

// build makes a program of a package.
func build(ctx context.Context, program, pkg string) error {
	c := exec.CommandContext(ctx, "go", "build", "-o", program, pkg)
	c.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := c.CombinedOutput(); err != nil {
		return fmt.Errorf("build %s (run this from the repository's root): %w: %s", pkg, err, out)
	}
	return nil
}

// leave removes the working folder, unless it is to be kept.
func (b *bench) leave() {
	if b.keep {
		fmt.Fprintln(os.Stderr, "bench: left behind:", b.dir)
		return
	}
	os.RemoveAll(b.dir)
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
