package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
)

// rtorrentHasAll starts it without a screen on the swarms of a field and waits until it
// has all that they hold in a folder.
func rtorrentHasAll(ctx context.Context, dir, data string, f *field) (*process, error) {
	p, err := startRtorrent(ctx, dir, data, f.torrents)
	if err != nil {
		return nil, err
	}
	err = p.until(ctx, func() (bool, error) {
		n, err := completeIn(ctx, dir)
		return n == len(f.hashes), err
	})
	if err != nil {
		p.stop()
		return nil, err
	}
	return p, nil
}

// startRtorrent has it at an address of its own: it takes one peer an address, and were
// it at the seeder's, the tracker's answer would name it too and half the time first.
func startRtorrent(ctx context.Context, dir, data, torrents string) (*process, error) {
	port, err := freePort()
	if err != nil {
		return nil, err
	}
	session := filepath.Join(dir, "session")
	if err := os.MkdirAll(session, 0o755); err != nil {
		return nil, err
	}
	config := filepath.Join(dir, "rtorrent.rc")
	err = os.WriteFile(config, fmt.Appendf(nil, `
system.daemon.set = true
session.path.set = %s
network.scgi.open_local = %s
directory.default.set = %s
network.bind_address.set = 127.0.0.2
network.port_range.set = %d-%d
network.port_random.set = no
dht.mode.set = disable
protocol.pex.set = no
trackers.use_udp.set = no
throttle.max_downloads.global.set = 0
throttle.max_uploads.global.set = 0
throttle.min_peers.normal.set = 1
network.max_open_files.set = 4096
network.max_open_sockets.set = 2048
network.http.max_open.set = 128
pieces.hash.on_completion.set = no
schedule2 = load, 0, 0, ((load.start, "%s/*.torrent"))
`, session, socketOf(dir), data, port, port, torrents), 0o644)
	if err != nil {
		return nil, err
	}
	return start(ctx, dir, "rtorrent", "-n", "-o", "import="+config)
}

func socketOf(dir string) string { return filepath.Join(dir, "rpc") }

var xmlInteger = regexp.MustCompile(`<i[48]>(\d+)</i[48]>`)

// completeIn asks an rtorrent how many of its swarms are complete.
func completeIn(ctx context.Context, dir string) (int, error) {
	const call = `<?xml version="1.0"?><methodCall><methodName>view.size</methodName><params>` +
		`<param><value><string></string></value></param><param><value><string>complete</string></value></param></params></methodCall>`
	var d net.Dialer
	c, err := d.DialContext(ctx, "unix", socketOf(dir))
	if err != nil {
		return 0, err
	}
	defer c.Close()
	head := "CONTENT_LENGTH\x00" + strconv.Itoa(len(call)) + "\x00SCGI\x001\x00"
	if _, err := fmt.Fprintf(c, "%d:%s,%s", len(head), head, call); err != nil {
		return 0, err
	}
	answer, err := io.ReadAll(c)
	if err != nil {
		return 0, err
	}
	found := xmlInteger.FindSubmatch(bytes.TrimSpace(answer))
	if found == nil {
		return 0, fmt.Errorf("rtorrent answered %q", answer)
	}
	return strconv.Atoi(string(found[1]))
}
