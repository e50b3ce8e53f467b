package main

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"os/signal"
	"path/filepath"
	"strconv"
	"sync"

	"github.com/anacrolix/torrent"
	"github.com/anacrolix/torrent/metainfo"
	"github.com/anacrolix/torrent/storage"
	"golang.org/x/time/rate"
)

// runLibrary is the torrent library with its own trackers and storage and nothing else,
// set up as for many small swarms. The roles are those of libtorrent.py: join and rest,
// with the arguments PORT DATA TORRENTS.
func runLibrary(ctx context.Context, role string, args []string) error {
	if len(args) != 3 {
		return fmt.Errorf("library %s: PORT DATA TORRENTS, got %q", role, args)
	}
	slog.SetDefault(slog.New(slog.DiscardHandler))
	port, err := strconv.Atoi(args[0])
	if err != nil {
		return err
	}
	cfg := torrent.NewDefaultClientConfig()
	cfg.DisableUTP, cfg.NoDHT, cfg.NoDefaultPortForwarding = true, true, true
	cfg.Seed = true
	cfg.DropMutuallyCompletePeers = false
	cfg.DisableIPv6 = true
	cfg.SetListenAddr("127.0.0.1:" + strconv.Itoa(port))
	cfg.DialRateLimiter = rate.NewLimiter(rate.Inf, 0)
	cfg.Slogger = slog.Default()
	cfg.DefaultStorage = storage.NewFileOpts(storage.NewFileClientOpts{
		ClientBaseDir: args[1], PieceCompletion: storage.NewMapPieceCompletion()})
	client, err := torrent.NewClient(cfg)
	if err != nil {
		return err
	}
	defer client.Close()
	paths, err := filepath.Glob(filepath.Join(args[2], "*.torrent"))
	if err != nil {
		return err
	}
	var complete sync.WaitGroup
	for _, path := range paths {
		m, err := metainfo.LoadFromFile(path)
		if err != nil {
			return err
		}
		t, err := client.AddTorrent(m)
		if err != nil {
			return err
		}
		if role == "rest" {
			if err := t.VerifyDataContext(ctx); err != nil {
				return err
			}
		}
		t.DownloadAll()
		complete.Go(func() {
			select {
			case <-t.Complete().On():
			case <-ctx.Done():
			}
		})
	}
	complete.Wait()
	if role == "join" {
		os.Exit(0)
	}
	fmt.Fprintln(os.Stdout, "ready")
	ended, stop := signal.NotifyContext(ctx, os.Interrupt)
	defer stop()
	<-ended.Done()
	return nil
}
