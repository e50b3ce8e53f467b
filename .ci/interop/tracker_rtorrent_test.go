package interop

import (
	"path/filepath"
	"strings"
	"testing"
)

// rtorrent is a BitTorrent client that downloads one torrent and then seeds it.
type rtorrent struct {
	*process
	dir string // where its files appear
}

func startRtorrent(t *testing.T, m torrent) *rtorrent {
	t.Helper()
	r := &rtorrent{dir: t.TempDir()}
	port := freePort(t)
	r.process = start(t, "rtorrent", "-n", "-o", strings.Join([]string{
		"system.daemon.set=true",
		"session.path.set=" + t.TempDir(),
		"directory.default.set=" + r.dir,
		"network.bind_address.set=127.0.0.1",
		"network.port_range.set=" + port + "-" + port,
		"dht.mode.set=disable",
		"protocol.pex.set=no",
	}, ","), m.file)
	return r
}

func (r *rtorrent) path(name string) string { return filepath.Join(r.dir, filepath.FromSlash(name)) }
