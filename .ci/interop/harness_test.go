package interop

import (
	"bytes"
	"os"
	"testing"
)

// TestForeignClientsAgree has aria2 download from transmission through
// opentracker: when this fails, the fault is not swarmtop's.
func TestForeignClientsAgree(t *testing.T) {
	tracker := startOpentracker(t)
	m := makeTorrent(t, assets, "page", tracker.announceURL())
	tracker.allow(t, m.infoHash)
	seeder := startTransmission(t, 1000)
	seeder.seed(t, assets, m)
	eventually(t, "the tracker counts the seeder", patience, func() bool {
		n, _ := tracker.scrape(t, m.infoHash)
		return n == 1
	})
	a := startAria2(t)
	a.add(t, readFile(t, m.file), nil).finish(t)
	for _, name := range []string{"page/index.html", "page/css/style.css", "page/icon.png"} {
		sameFile(t, a.path(name), assets.bytes(t, name))
	}
}

// sameFile fails the test unless the file holds exactly want.
func sameFile(t *testing.T, path string, want []byte) {
	t.Helper()
	if got := readFile(t, path); !bytes.Equal(got, want) {
		t.Errorf("%s differs: %d bytes, want %d", path, len(got), len(want))
	}
}

func readFile(t *testing.T, path string) []byte {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return b
}
