package main

import (
	"bufio"
	"context"
	"fmt"
	"log/slog"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"sync"

	"github.com/anacrolix/torrent"
	"github.com/anacrolix/torrent/metainfo"
	"github.com/anacrolix/torrent/storage"
	"golang.org/x/time/rate"
)

// runLibrary is the torrent library with its own trackers and storage and nothing else,
// set up as for many small swarms. The roles join and rest are those of lt.py, with the
// arguments PORT DATA TORRENTS; cold has the arguments PORT DATA and adds the metainfo
// file or magnet of each line that it reads, and says "first" when its first byte is here.
func runLibrary(ctx context.Context, role string, args []string) error {
	if len(args) < 2 || role != "cold" && len(args) < 3 {
		return fmt.Errorf("library %s: PORT DATA TORRENTS, got %q", role, args)
	}
	client, err := newLibrary(args[0], args[1])
	if err != nil {
		return err
	}
	defer client.Close()
	if role == "cold" {
		return firstBytes(ctx, client)
	}
	if err := completeAll(ctx, client, args[2], role == "rest"); err != nil {
		return err
	}
	if role == "join" {
		os.Exit(0)
	}
	fmt.Fprintln(os.Stdout, "ready")
	ended, stop := signal.NotifyContext(ctx, os.Interrupt)
	defer stop()
	<-ended.Done()
	return nil
}

func newLibrary(port, data string) (*torrent.Client, error) {
	slog.SetDefault(slog.New(slog.DiscardHandler))
	cfg := torrent.NewDefaultClientConfig()
	cfg.DisableUTP, cfg.NoDHT, cfg.NoDefaultPortForwarding = true, true, true
	cfg.Seed = true
	cfg.DropMutuallyCompletePeers = false
	cfg.DisableIPv6 = true
	cfg.SetListenAddr("127.0.0.1:" + port)
	cfg.DialRateLimiter = rate.NewLimiter(rate.Inf, 0)
	cfg.Slogger = slog.Default()
	cfg.DefaultStorage = storage.NewFileOpts(storage.NewFileClientOpts{
		ClientBaseDir: data, PieceCompletion: storage.NewMapPieceCompletion()})
	return torrent.NewClient(cfg)
}

// completeAll adds the metainfo of a folder, checks the data that should be there
// already, and waits until all is complete.
func completeAll(ctx context.Context, client *torrent.Client, torrents string, check bool) error {
	paths, err := filepath.Glob(filepath.Join(torrents, "*.torrent"))
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
		if check {
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
	return nil
}

// firstBytes reads the first byte of each source that standard input names.
func firstBytes(ctx context.Context, client *torrent.Client) error {
	for in := bufio.NewScanner(os.Stdin); in.Scan(); {
		t, err := addSource(client, in.Text())
		if err != nil {
			return err
		}
		select {
		case <-t.GotInfo():
		case <-ctx.Done():
			return ctx.Err()
		}
		r := t.NewReader()
		if _, err := r.ReadContext(ctx, make([]byte, 1)); err != nil {
			return err
		}
		fmt.Fprintln(os.Stdout, "first")
		r.Close()
	}
	return nil
}

func addSource(client *torrent.Client, source string) (*torrent.Torrent, error) {
	if strings.HasPrefix(source, "magnet:") {
		return client.AddMagnet(source)
	}
	m, err := metainfo.LoadFromFile(source)
	if err != nil {
		return nil, err
	}
	return client.AddTorrent(m)
}
