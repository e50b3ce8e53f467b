package catalog_test

import (
	"context"
	"crypto/sha1"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"go.uber.org/goleak"
	"pgregory.net/rapid"

	"swarmtop/swarm"
	"swarmtop/swarm/admit"
	"swarmtop/swarm/catalog"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const hex = "3fa9c1d2e4b5a6978869504132a1b0c9d8e7f605"

func write(t *testing.T, name, text string) string {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(name, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	return name
}

// one resolves a source that must be one entry.
func one(t *testing.T, source string) catalog.Entry {
	t.Helper()
	got, err := catalog.New(catalog.Config{}).Resolve(t.Context(), source)
	if err != nil || len(got) != 1 {
		t.Fatalf("%s: %d entries, %v", source, len(got), err)
	}
	return got[0]
}

// torrentOf returns the metainfo of a small asset, with trackers and web seeds of more and less trust.
func torrentOf(t *testing.T) (admit.Torrent, []byte) {
	t.Helper()
	hash := sha1.Sum([]byte("<!doctype html>"))
	torrent, err := admit.Single("button.html", 15, 16384, hash[:])
	if err != nil {
		t.Fatal(err)
	}
	return torrent, admit.EncodeMetainfo(&torrent, [][]string{{"http://127.0.0.1:6969/announce"}, {"udp://t.example:1"}}, []string{"http://10.0.0.1/reboot?now"})
}

func TestTorrentFile(t *testing.T) {
	torrent, b := torrentOf(t)
	e := one(t, write(t, filepath.Join(t.TempDir(), "x.TORRENT"), string(b)))
	if e.InfoHash != torrent.InfoHash || e.Torrent == nil || e.Name != "button.html" || e.LocalFile != "" || e.Foreign {
		t.Errorf("got %+v", e)
	}
	if fmt.Sprint(e.Trackers) != "[[http://127.0.0.1:6969/announce] [udp://t.example:1]]" || len(e.WebSeeds) != 0 {
		t.Errorf("trackers %v, web seeds %v", e.Trackers, e.WebSeeds)
	}
	if len(e.Notes) != 1 || !strings.Contains(e.Notes[0], "left out: web seed") {
		t.Errorf("notes %q", e.Notes)
	}
	if e.Trust("udp://t.example:1") != admit.Given {
		t.Error("a tracker of a given torrent is not Given")
	}
}

func TestMagnetAndInfoHash(t *testing.T) {
	e := one(t, "MAGNET:?xt=urn:btih:"+hex+"&dn=a+button&tr=udp://t.example:1&x.pe=1.2.3.4:5")
	if e.InfoHash.String() != hex || e.Torrent != nil || e.Name != "a button" || fmt.Sprint(e.Trackers) != "[[udp://t.example:1]]" || len(e.Notes) != 1 {
		t.Errorf("magnet: %+v", e)
	}
	for _, source := range []string{hex, strings.ToUpper(hex), "H6U4DUXEWWTJPCDJKBATFINQZHMOP5QF"} {
		if e := one(t, source); e.InfoHash.String() != hex || e.Torrent != nil {
			t.Errorf("%s: %+v", source, e)
		}
	}
}

func TestPublishedFileIsTheSameSwarmEverywhere(t *testing.T) {
	text := strings.Repeat("0123456789abcdef", 1025) // one piece and sixteen bytes
	name := write(t, filepath.Join(t.TempDir(), "button.js"), text)
	e := one(t, name)
	first, second := sha1.Sum([]byte(text[:16384])), sha1.Sum([]byte(text[16384:]))
	want := fmt.Sprintf("d6:lengthi16400e4:name9:button.js12:piece lengthi16384e6:pieces40:%s%se", first, second)
	if string(e.Torrent.InfoBytes) != want || e.InfoHash != swarm.InfoHash(sha1.Sum([]byte(want))) {
		t.Errorf("info %q\nwant %q", e.Torrent.InfoBytes, want)
	}
	if e.LocalFile != name || e.Name != "button.js" || e.Widget != "" {
		t.Errorf("got %+v", e)
	}
	t.Chdir(filepath.Dir(name))
	if again := one(t, "button.js"); again.InfoHash != e.InfoHash || again.LocalFile != name {
		t.Errorf("by its relative path: %s, %s", again.InfoHash, again.LocalFile)
	}
}

func TestPiecesGrowWithTheFile(t *testing.T) {
	for size, want := range map[int64]int64{1: 16 << 10, 4 << 20: 16 << 10, 16 << 20: 16 << 10, 16<<20 + 1: 32 << 10, 1 << 30: 1 << 20, 1 << 45: 64 << 20} {
		if got := catalog.PieceLength(size); got != want {
			t.Errorf("%d bytes: pieces of %d, want %d", size, got, want)
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		size := rapid.Int64Range(1, 64<<30).Draw(t, "size")
		n := catalog.PieceLength(size)
		if err := admit.CheckPieceLength(n); err != nil || (size-1)/n >= 1024 || n > 16<<10 && (size-1)/(n/2) < 1024 {
			t.Errorf("%d bytes in pieces of %d, %v", size, n, err)
		}
	})
}

func TestFolderIsAWidgetOfASwarmForEachFile(t *testing.T) {
	outside := write(t, filepath.Join(t.TempDir(), "secret"), "x")
	dir := filepath.Join(t.TempDir(), "share")
	for name, text := range map[string]string{
		"button.html": "<!doctype html>", "js/button.js": "1", "js/copy/button.js": "1", "z.css": "*{}",
		"empty.txt": "", ".hidden": "x", ".git/config": "x",
	} {
		write(t, filepath.Join(dir, filepath.FromSlash(name)), text)
	}
	for link, to := range map[string]string{"out.txt": outside, "in.css": "z.css", "folder": "js", "gone": "nowhere"} {
		if err := os.Symlink(to, filepath.Join(dir, link)); err != nil {
			t.Fatal(err)
		}
	}
	got, err := catalog.New(catalog.Config{}).Resolve(t.Context(), dir)
	if err != nil {
		t.Fatal(err)
	}
	var names, notes []string
	for _, e := range got {
		names = append(names, e.Name)
		notes = append(notes, e.Notes...)
		if e.Widget != "share" || e.Torrent.Name != filepath.Base(e.Name) || e.LocalFile != filepath.Join(dir, filepath.FromSlash(e.Name)) {
			t.Errorf("entry %+v", e)
		}
	}
	if want := "[button.html in.css js/button.js z.css]"; fmt.Sprint(names) != want {
		t.Errorf("published %v, want %s", names, want)
	}
	all := strings.Join(notes, "\n")
	for _, want := range []string{"empty.txt: empty, left out", "out.txt: not a file of this folder", "folder: not a file", "gone: not a file",
		filepath.Join("copy", "button.js") + ": the same name and bytes as"} {
		if !strings.Contains(all, want) {
			t.Errorf("notes\n%s\nwant %q among them", all, want)
		}
	}
	if len(notes) != 5 {
		t.Errorf("%d notes, want 5", len(notes))
	}
}

func TestSourcesAreRefusedWithALineThatNamesThem(t *testing.T) {
	dir := t.TempDir()
	if err := os.Mkdir(filepath.Join(dir, "bare"), 0o755); err != nil {
		t.Fatal(err)
	}
	write(t, filepath.Join(dir, "html.torrent"), "<!doctype html>")
	write(t, filepath.Join(dir, "large.torrent"), strings.Repeat("x", admit.MaxMetainfo+1))
	write(t, filepath.Join(dir, "empty.css"), "")
	t.Chdir(dir)
	for source, want := range map[string]string{
		"":                         "empty source: a source is",
		"nothing.torrent":          "nothing.torrent: no such file; a source is",
		"html.torrent":             "html.torrent: metainfo: bencode at byte 0",
		"large.torrent":            "large.torrent: over 10485760 bytes",
		"empty.css":                "empty.css: empty",
		"bare":                     "bare: no file to publish in this folder",
		"none.toml":                "none.toml: no such file",
		"magnet:?dn=x":             "magnet: xt: no topic",
		"http://u:p@host/":         "user info",
		"http://169.254.169.254/x": "link-local",
		"ftp://host/x.torrent":     "ftp://host/x.torrent: no such file; a source is",
		strings.Repeat("0", 40):    "no such file",
	} {
		got, err := catalog.New(catalog.Config{}).Resolve(t.Context(), source)
		if len(got) != 0 || err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%q: %d entries, %v, want %q", source, len(got), err, want)
		}
	}
}

func TestPublishingStopsWhenAsked(t *testing.T) {
	name := write(t, filepath.Join(t.TempDir(), "x", "large.bin"), strings.Repeat("x", 1<<20))
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	for _, source := range []string{name, filepath.Dir(name)} {
		if got, err := catalog.New(catalog.Config{}).Resolve(ctx, source); !errors.Is(err, context.Canceled) || len(got) != 0 {
			t.Errorf("%d entries, %v", len(got), err)
		}
	}
}
