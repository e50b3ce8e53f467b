package app_test

import (
	"context"
	"crypto/rand"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"testing"

	"github.com/anacrolix/torrent"
	"github.com/anacrolix/torrent/metainfo"

	"swarmtop/swarm"
	"swarmtop/swarm/app"
	"swarmtop/swarm/config"
)

// begin runs an app on free ports until the benchmark ends.
func begin(b *testing.B) *app.App {
	b.Helper()
	a, err := app.New(config.Config{State: b.TempDir(), Listen: "127.0.0.1:0", PeerListen: "127.0.0.1:0", TrackerListen: "127.0.0.1:0", CacheBytes: 64 << 20}, false)
	if err != nil {
		b.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- a.Run(ctx) }()
	b.Cleanup(func() {
		cancel()
		if err := errors.Join(<-ended, a.Close()); err != nil {
			b.Error(err)
		}
	})
	return a
}

// publish gives an app a new asset of 64 KiB, waits until its tracker knows a seeder,
// and returns the metainfo as a file.
func publish(b *testing.B, a *app.App) (torrentFile string, sw *swarm.Swarm) {
	b.Helper()
	dir := b.TempDir()
	file := filepath.Join(dir, rand.Text()+".bin")
	content := make([]byte, 64<<10)
	rand.Read(content)
	if err := os.WriteFile(file, content, 0o600); err != nil {
		b.Fatal(err)
	}
	if _, err := a.Add(b.Context(), file); err != nil {
		b.Fatal(err)
	}
	named := func(s *swarm.Snapshot) *swarm.Swarm {
		for i := range s.Swarms {
			if s.Swarms[i].Name == filepath.Base(file) {
				return &s.Swarms[i]
			}
		}
		return nil
	}
	s := until(b, a, func(s *swarm.Snapshot) bool {
		w := named(s)
		return w != nil && w.State == swarm.Complete && len(w.Trackers) > 0 && w.Trackers[0].Seeders.Or(0) > 0
	})
	sw = named(s)
	torrentFile = filepath.Join(dir, "asset.torrent")
	if err := os.WriteFile(torrentFile, get(b, s.Gateway+"/t/"+sw.InfoHash.String()+".torrent", -1), 0o600); err != nil {
		b.Fatal(err)
	}
	return torrentFile, sw
}

// get returns the first n bytes at a URL, or all when n is negative.
func get(b *testing.B, url string, n int64) []byte {
	b.Helper()
	resp, err := http.Get(url)
	if err != nil {
		b.Fatal(err)
	}
	defer resp.Body.Close()
	var body io.Reader = resp.Body
	if n >= 0 {
		body = io.LimitReader(body, n)
	}
	got, err := io.ReadAll(body)
	if err != nil || resp.StatusCode != http.StatusOK || len(got) == 0 {
		b.Fatalf("GET %s: %s, %d bytes, %v", url, resp.Status, len(got), err)
	}
	return got
}

// The time from when an asset is named until its first byte has come over HTTP; its
// tracker knows one seeder, and nobody is connected.
func BenchmarkFirstByteOfAColdAsset(b *testing.B) {
	b.Cleanup(http.DefaultClient.CloseIdleConnections)
	origin := begin(b)
	b.Run("swarmtop", func(b *testing.B) {
		peer := begin(b)
		gateway := peer.Snapshots().Latest().Gateway
		for b.Loop() {
			b.StopTimer()
			file, sw := publish(b, origin)
			b.StartTimer()
			if _, err := peer.Add(b.Context(), file); err != nil {
				b.Fatal(err)
			}
			get(b, gateway+sw.Files[0].URLPath, 1)
		}
	})
	b.Run("the torrent library alone", func(b *testing.B) {
		client := library(b)
		for b.Loop() {
			b.StopTimer()
			file, _ := publish(b, origin)
			b.StartTimer()
			m, err := metainfo.LoadFromFile(file)
			if err != nil {
				b.Fatal(err)
			}
			t, err := client.AddTorrent(m)
			if err != nil {
				b.Fatal(err)
			}
			r := t.NewReader()
			if _, err := r.Read(make([]byte, 1)); err != nil {
				b.Fatal(err)
			}
			r.Close()
		}
	})
}

// library is a client of the torrent library that announces by itself.
func library(b *testing.B) *torrent.Client {
	b.Helper()
	c := torrent.NewDefaultClientConfig()
	c.DisableUTP, c.NoDHT, c.NoDefaultPortForwarding, c.DisableIPv6 = true, true, true, true
	c.DataDir = b.TempDir()
	c.SetListenAddr("127.0.0.1:0")
	c.Slogger = slog.New(slog.DiscardHandler)
	client, err := torrent.NewClient(c)
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() {
		if err := errors.Join(client.Close()...); err != nil {
			b.Error(err)
		}
	})
	return client
}
