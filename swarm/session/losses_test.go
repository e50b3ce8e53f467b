package session_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"swarmtop/swarm"
	"swarmtop/swarm/admit"
	"swarmtop/swarm/session"
)

// TestWebSeedIsWholeBeforeItIsAsked lets readers ask the web seeds of a swarm while it gains more.
func TestWebSeedIsWholeBeforeItIsAsked(t *testing.T) {
	_, _, meta := asset(t, "late.js", 16<<10, 16<<10)
	f := start(t, t.TempDir(), nil)
	if _, err := f.Add(session.Spec{Torrent: &meta, InfoHash: meta.InfoHash, WebSeeds: []string{"http://127.0.0.1:1/0/"}}); err != nil {
		t.Fatal(err)
	}
	a, ok := f.Asset(meta.InfoHash, "late.js")
	if !ok {
		t.Fatal("no such asset")
	}
	var readers sync.WaitGroup
	defer readers.Wait()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	for range 2 {
		readers.Go(func() {
			for ctx.Err() == nil {
				brief, enough := context.WithTimeout(ctx, time.Millisecond)
				r, err := f.Fetch(brief, a)
				if err != nil {
					t.Error(err)
				} else if _, err := r.ReadAt(make([]byte, 1), 0); err == nil {
					t.Error("read a byte that nobody has")
				} else {
					_ = r.Close()
				}
				enough()
			}
		})
	}
	var more []string
	for i := range 300 {
		more = append(more, fmt.Sprintf("http://127.0.0.1:1/%d/", i))
	}
	if _, err := f.Add(session.Spec{InfoHash: meta.InfoHash, WebSeeds: more}); err != nil {
		t.Fatal(err)
	}
}

// TestFileThatCannotBeComparedIsNotReplaced has a link that leads nowhere under the name of an asset.
func TestFileThatCannotBeComparedIsNotReplaced(t *testing.T) {
	path, _, meta := asset(t, "kept.js", 20<<10, 16<<10)
	save := t.TempDir()
	taken := filepath.Join(save, "kept.js")
	if err := os.Symlink("kept.js", taken); err != nil {
		t.Fatal(err)
	}
	told := make(chan struct{}, 1)
	f := start(t, t.TempDir(), func(c *session.Config) {
		c.SaveDir = save
		c.Log = func(_ swarm.Level, text string) {
			if strings.Contains(text, "save under its own name") {
				told <- struct{}{}
			}
		}
	})
	if _, err := f.Add(session.Spec{Torrent: &meta, InfoHash: meta.InfoHash}); err != nil {
		t.Fatal(err)
	}
	f.FoundPeers(meta.InfoHash, []netip.AddrPort{seeder(t, path, meta)}, swarm.Opt[int]{})
	f.sampled(t, meta.InfoHash, "told", func(*swarm.Swarm) bool {
		select {
		case <-told:
			return true
		default:
			return false
		}
	})
	if to, err := os.Readlink(taken); to != "kept.js" {
		t.Errorf("what had the name is gone (%v)", err)
	}
}

// TestSwarmThatCouldNotBeResumedIsReplacedByTheOneAddedAgain damages the stored metainfo.
func TestSwarmThatCouldNotBeResumedIsReplacedByTheOneAddedAgain(t *testing.T) {
	_, _, meta := asset(t, "again.js", 20<<10, 16<<10)
	dir := t.TempDir()
	spec := session.Spec{Torrent: &meta, InfoHash: meta.InfoHash, Widget: "old"}
	t.Run("before", func(t *testing.T) {
		if _, err := start(t, dir, nil).Add(spec); err != nil {
			t.Fatal(err)
		}
	})
	damage(t, filepath.Join(dir, "metainfo.journal"), "d4:info")
	t.Run("added again", func(t *testing.T) {
		f := start(t, dir, nil)
		if f.Has(meta.InfoHash) {
			t.Fatal("resumed with damaged metainfo")
		}
		spec.Widget = "new"
		if added, err := f.Add(spec); err != nil || !added {
			t.Fatalf("Add = %v, %v", added, err)
		}
	})
	f := start(t, dir, nil)
	if got := f.Sample(time.Now(), swarm.InfoHash{}, true); len(got) != 1 || got[0].Widget != "new" {
		t.Errorf("%d swarms, the first of widget %q; want the one added last", len(got), got[0].Widget)
	}
}

// damage changes the first byte of some text in a file.
func damage(t *testing.T, path, text string) {
	t.Helper()
	b, err := os.ReadFile(path)
	at := bytes.Index(b, []byte(text))
	if err != nil || at < 0 {
		t.Fatalf("%q is not in %s, %v", text, path, err)
	}
	b[at] ^= 0xff
	if err := os.WriteFile(path, b, 0o600); err != nil {
		t.Fatal(err)
	}
}

// TestMetainfoOfEarlierVersionsIsTakenOver begins with a folder of a file for each swarm.
func TestMetainfoOfEarlierVersionsIsTakenOver(t *testing.T) {
	_, _, meta := asset(t, "old.js", 20<<10, 16<<10)
	dir := t.TempDir()
	t.Run("before", func(t *testing.T) {
		if _, err := start(t, dir, nil).Add(session.Spec{Torrent: &meta, InfoHash: meta.InfoHash}); err != nil {
			t.Fatal(err)
		}
	})
	old := filepath.Join(dir, "metainfo")
	if err := errors.Join(os.Remove(filepath.Join(dir, "metainfo.journal")), os.Mkdir(old, 0o700),
		os.WriteFile(filepath.Join(old, meta.InfoHash.String()+".torrent"), admit.EncodeMetainfo(&meta, nil, nil), 0o600)); err != nil {
		t.Fatal(err)
	}
	for _, run := range []string{"taken over", "kept"} {
		t.Run(run, func(t *testing.T) {
			got := start(t, dir, nil).Sample(time.Now(), swarm.InfoHash{}, true)
			if len(got) != 1 || got[0].Size.Or(0) != 20<<10 {
				t.Errorf("%d swarms, want the one of before with its metainfo", len(got))
			}
			if _, err := os.Stat(old); !errors.Is(err, os.ErrNotExist) {
				t.Errorf("the old folder is left, %v", err)
			}
		})
	}
}
