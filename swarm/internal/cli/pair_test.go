package cli_test

import (
	"bytes"
	"errors"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"syscall"
	"testing"

	"swarmtop/swarm"
	"swarmtop/swarm/admit"
)

// blackHole is the announce URL of a tracker that accepts and never answers.
func blackHole(t *testing.T) string { return blackHoleThat(t, func() {}) }

// blackHoleThat calls accepted for its first connection.
func blackHoleThat(t *testing.T, accepted func()) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		for first := true; ; first = false {
			c, err := l.Accept()
			if err != nil {
				return
			}
			defer c.Close()
			if first {
				accepted()
			}
		}
	}()
	t.Cleanup(func() { l.Close(); <-ended })
	return "http://" + l.Addr().String() + "/announce"
}

// publisher is a swarmtop that publishes a page and something larger.
type publisher struct {
	*running
	dir  string
	page swarm.InfoHash
	data swarm.InfoHash // of data.bin
	last *swarm.Snapshot
}

func publish(t *testing.T, h house, args ...string) *publisher {
	t.Helper()
	noise := make([]byte, 3<<20+17)
	rand.NewChaCha8([32]byte{1}).Read(noise)
	p := &publisher{dir: write(t, map[string]string{"page.html": "<!doctype html><p>page", "data.bin": string(noise)})}
	p.running = start(t, h.command(onAnyPort(append(args, "--json", p.dir)...)...))
	p.last = p.until(t, "both are published and announced", func(s *swarm.Snapshot) bool {
		return s.Totals.Complete == 2 && s.Totals.Trackers != swarm.VerdictUnknown
	})
	for _, w := range p.last.Swarms {
		if w.Name == "page.html" {
			p.page = w.InfoHash
		} else {
			p.data = w.InfoHash
		}
	}
	return p
}

// metainfo is the URL of a swarm's .torrent file at the publisher's gateway.
func (p *publisher) metainfo(h swarm.InfoHash) string {
	return p.last.Gateway + "/t/" + h.String() + ".torrent"
}

// magnet is a link that leads to the publisher's tracker.
func (p *publisher) magnet(h swarm.InfoHash) string {
	return "magnet:?xt=urn:btih:" + h.String() + "&tr=" + url.QueryEscape(p.last.Tracker)
}

func get(t *testing.T, url string) []byte {
	t.Helper()
	resp, err := http.Get(url)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	if err != nil || resp.StatusCode != http.StatusOK {
		t.Fatalf("GET %s: %s, %v", url, resp.Status, err)
	}
	return b
}

// saved fails the test unless what was saved is what was published.
func (p *publisher) saved(t *testing.T, dir string, names ...string) {
	t.Helper()
	for _, name := range names {
		want, err := os.ReadFile(filepath.Join(p.dir, name))
		if err != nil {
			t.Fatal(err)
		}
		eventually(t, name+" is saved", func() bool {
			got, err := os.ReadFile(filepath.Join(dir, name))
			if err != nil && !errors.Is(err, os.ErrNotExist) {
				t.Fatal(err)
			}
			return bytes.Equal(got, want)
		})
	}
}

// TestOneSwarmtopFetchesFromAnother joins by the metainfo's URL and by magnet,
// keeps every byte, and takes up what it left with its switch as it was.
func TestOneSwarmtopFetchesFromAnother(t *testing.T) {
	p := publish(t, newHouse(t))
	h, save := newHouse(t), t.TempDir()
	r := start(t, h.command(onAnyPort("--json", p.metainfo(p.page), "--save", save, p.magnet(p.data), "--no-seed")...))
	r.until(t, "both are complete", func(s *swarm.Snapshot) bool { return complete(p.page)(s) && complete(p.data)(s) })
	p.saved(t, save, "page.html", "data.bin")
	r.quits(t)
	p.until(t, "the publisher counts what it gave", func(s *swarm.Snapshot) bool { return s.Swarm(p.data).Uploaded >= 3<<20+17 })
	p.quits(t)

	again := start(t, h.command(onAnyPort("--json", "--save", save)...))
	s := again.until(t, "both are complete without anyone else", func(s *swarm.Snapshot) bool { return complete(p.page)(s) && complete(p.data)(s) })
	for _, w := range s.Swarms {
		if w.Seeding {
			t.Errorf("%s seeds, though it was left with seeding off", w.Name)
		}
	}
	if body := get(t, s.Gateway+"/w/"+p.page.String()+"/page.html"); string(body) != "<!doctype html><p>page" {
		t.Errorf("its gateway answers %q", body)
	}
	again.quits(t)
}

// TestAKilledSwarmtopGoesOn loses nothing that was there when it was killed.
func TestAKilledSwarmtopGoesOn(t *testing.T) {
	p := publish(t, newHouse(t))
	h, save := newHouse(t), t.TempDir()
	args := onAnyPort("--json", "--save", save)
	r := start(t, h.command(append(args, p.metainfo(p.page), p.metainfo(p.data))...))
	r.until(t, "the page is complete, and both are taken up", func(s *swarm.Snapshot) bool {
		return complete(p.page)(s) && s.Swarm(p.data) != nil
	})
	eventually(t, "both are written down", func() bool {
		b, err := os.ReadFile(filepath.Join(h.home, "swarmtop", "swarms.json"))
		return err == nil && bytes.Contains(b, []byte(p.page.String())) && bytes.Contains(b, []byte(p.data.String()))
	})
	if err := r.cmd.Process.Signal(syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	if code := r.exit(t); code != -1 {
		t.Fatalf("exit code %d after SIGKILL", code)
	}
	again := start(t, h.command(args...)) // no source: both are in the state folder
	again.until(t, "both are complete", func(s *swarm.Snapshot) bool { return complete(p.page)(s) && complete(p.data)(s) })
	p.saved(t, save, "page.html", "data.bin")
	again.quits(t)
	p.quits(t)
}

// TestWhatIsPublishedTellsWhereItIs reads the metainfo that others get.
func TestWhatIsPublishedTellsWhereItIs(t *testing.T) {
	listens := freePort(t)
	p := publish(t, newHouse(t), "--listen", listens, "--public-url", "http://127.0.0.2:8080/", "--tracker", "http://127.0.0.1:1/announce", "--tracker=udp://127.0.0.1:1")
	if p.last.Gateway != "http://127.0.0.2:8080" {
		t.Errorf("the gateway is shown as %s", p.last.Gateway)
	}
	tracker, err := url.Parse(p.last.Tracker)
	if err != nil || tracker.Hostname() != "127.0.0.2" || tracker.Path != "/announce" {
		t.Errorf("the tracker is shown as %s", p.last.Tracker)
	}
	b := get(t, "http://"+listens+"/t/"+p.page.String()+".torrent")
	m, err := admit.Metainfo(b, admit.Typed, admit.Policy{})
	if err != nil {
		t.Fatal(err)
	}
	if m.InfoHash != p.page || m.PieceLength != 16<<10 {
		t.Errorf("info hash %v, piece length %d", m.InfoHash, m.PieceLength)
	}
	if want := "http://127.0.0.2:8080/w/" + p.page.String() + "/"; len(m.WebSeeds) != 1 || m.WebSeeds[0] != want {
		t.Errorf("url-list %q, want %s", m.WebSeeds, want)
	}
	var all []string
	for _, tier := range m.Trackers {
		all = append(all, tier...)
	}
	if len(all) != 3 || all[0] != p.last.Tracker || all[1] != "http://127.0.0.1:1/announce" || all[2] != "udp://127.0.0.1:1" {
		t.Errorf("trackers %q, want the embedded one and two of --tracker", all)
	}
	p.quits(t)
}
