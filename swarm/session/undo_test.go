package session_test

import (
	"path/filepath"
	"testing"
	"time"

	"swarmtop/swarm/session"
)

// TestRemovalIsFinalOnceItsTimeIsOver removes with the bytes: until the minute is
// over they are there and the removal can be undone, then they are gone.
func TestRemovalIsFinalOnceItsTimeIsOver(t *testing.T) {
	f := start(t, t.TempDir(), nil)
	var asked time.Duration
	over := make(chan time.Time)
	begun := make(chan struct{}, 2)
	f.After(func(d time.Duration) <-chan time.Time { asked = d; begun <- struct{}{}; return over })
	path, _, meta := asset(t, "page.html", 40_000, 16<<10)
	h := meta.InfoHash
	if _, err := f.Add(session.Spec{Torrent: &meta, InfoHash: h, Publish: path}); err != nil {
		t.Fatal(err)
	}
	kept := func() int {
		files, err := filepath.Glob(filepath.Join(f.dir, "*", "*"+h.String()+"*"))
		if err != nil {
			t.Fatal(err)
		}
		return len(files)
	}
	had := kept()
	if had == 0 {
		t.Fatal("nothing on disk is named after the swarm")
	}
	for _, undone := range []bool{true, false} {
		if err := f.Remove(h, true); err != nil {
			t.Fatal(err)
		}
		<-begun
		if asked != time.Minute {
			t.Errorf("a removal can be undone for %s, want a minute", asked)
		}
		if f.Has(h) || kept() != had {
			t.Errorf("removed: %v, files %d, want %d", !f.Has(h), kept(), had)
		}
		if undone {
			if err := f.Restore(h); err != nil {
				t.Fatal(err)
			}
			if !f.Has(h) {
				t.Error("it is not back")
			}
			continue
		}
		over <- time.Time{}
		f.Finals(h) // waits for what is under way
		if n := kept(); n != 0 {
			t.Errorf("%d files are left once the time is over", n)
		}
		if err := f.Restore(h); err == nil {
			t.Error("it can be undone still")
		}
	}
	if b, err := f.StoredMetainfo(h); b != nil || err != nil {
		t.Errorf("metainfo of %d bytes is left, %v", len(b), err)
	}
}
