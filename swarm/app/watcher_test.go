package app

import (
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"
)

func TestWatcherWaitsForTheEndOfASave(t *testing.T) {
	dir := t.TempDir()
	file, other := filepath.Join(dir, "assets.toml"), filepath.Join(dir, "other.toml")
	now := time.Unix(1_000_000_000, 0)
	save := func(path, text string) {
		t.Helper()
		now = now.Add(time.Second)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.Chtimes(path, now, now); err != nil {
			t.Fatal(err)
		}
	}
	w, read := watcher{}, map[string]os.FileInfo{}
	see := func(path string) {
		info, err := os.Stat(path)
		if err != nil {
			t.Fatal(err)
		}
		read[path] = info
	}
	looks := func(what string, want ...string) {
		t.Helper()
		if got := w.saved(read); !slices.Equal(got, want) {
			t.Errorf("%s: saved %q, want %q", what, got, want)
		}
	}
	save(file, "a")
	save(other, "a")
	see(file)
	see(other)
	looks("at first")
	looks("nothing happened")
	save(file, "ab")
	looks("it may still be written")
	save(file, "abc")
	looks("it was")
	looks("it is not any more", file)
	looks("it has not been read", file)
	see(file)
	looks("it has")

	temp := filepath.Join(dir, "assets.toml~")
	if err := os.Rename(file, temp); err != nil { // as editors do
		t.Fatal(err)
	}
	looks("it is gone")
	looks("it is gone still")
	save(file, "abc")
	looks("it is back")
	looks("and settled", file)
	see(file)
	save(other, "b")
	save(file, "b")
	looks("both change")
	looks("both have", file, other)

	missing := filepath.Join(dir, "missing.toml") // was not there when it was to be read
	read = map[string]os.FileInfo{missing: nil}
	looks("it is missing")
	save(missing, "a")
	looks("it came")
	looks("and stays", missing)
}
