package session_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"swarmtop/swarm"
	"swarmtop/swarm/session"
)

// handshake connects to a session as a peer of a swarm does (BEP 3), and tells
// whether it was answered.
func handshake(t *testing.T, f *fixture, h swarm.InfoHash) (c net.Conn, answered bool) {
	t.Helper()
	c, err := net.Dial("tcp", fmt.Sprintf("127.0.0.1:%d", f.Port()))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	if err := c.SetDeadline(time.Now().Add(10 * time.Second)); err != nil {
		t.Fatal(err)
	}
	hello := append([]byte("\x13BitTorrent protocol\x00\x00\x00\x00\x00\x00\x00\x00"), h[:]...)
	_, _ = c.Write(append(hello, "-xx0000-123456789012"...)) // nobody may listen
	answer := make([]byte, 68)
	_, err = io.ReadFull(c, answer)
	return c, err == nil && bytes.Equal(answer[28:48], h[:])
}

func TestPeersBeyondTheLimitAreTurnedAwayUntilOneLeaves(t *testing.T) {
	f := start(t, t.TempDir(), func(c *session.Config) { c.MaxPeers = 1 })
	path, _, meta := asset(t, "page.html", 30_000, 16<<10)
	if _, err := f.Add(session.Spec{InfoHash: meta.InfoHash, Torrent: &meta, Publish: path}); err != nil {
		t.Fatal(err)
	}
	f.sampled(t, meta.InfoHash, "complete", complete)
	first, ok := handshake(t, f, meta.InfoHash)
	if !ok {
		t.Fatal("the first peer was turned away")
	}
	if _, ok := handshake(t, f, meta.InfoHash); ok {
		t.Error("a second peer was let in, and there was room for one")
	}
	first.Close()
	for tries := 0; ; tries++ {
		if _, ok := handshake(t, f, meta.InfoHash); ok {
			return
		}
		if tries == 1000 {
			t.Fatal("no peer was let in after the first had left")
		}
	}
}

// TestWhatIsResumedPassesTheGate changes what the state folder says of a swarm.
func TestWhatIsResumedPassesTheGate(t *testing.T) {
	dir := t.TempDir()
	_, _, meta := asset(t, "page.html", 30_000, 16<<10)
	good := "https://tracker.example/announce"
	record := []map[string]any{{
		"info_hash": meta.InfoHash.String(), "name": "page.html", "seeding": true, "added": time.Now(), "completed": nil,
		"trackers":  [][]string{{"javascript:alert(1)", good}, {"http://user:secret@tracker.example/announce"}, {"udp://[::1"}},
		"web_seeds": []string{"file:///etc/passwd", "http://169.254.169.254/latest", "https://cdn.example/"},
	}}
	text, err := json.Marshal(record)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "swarms.json"), text, 0o600); err != nil {
		t.Fatal(err)
	}
	var said []string
	f := start(t, dir, func(c *session.Config) { c.Log = func(_ swarm.Level, s string) { said = append(said, s) } })
	s := f.sampled(t, meta.InfoHash, "resumed", func(*swarm.Swarm) bool { return true })
	if len(s.WebSeeds) != 1 || s.WebSeeds[0].URL != "https://cdn.example/" {
		t.Errorf("web seeds %+v, want one", s.WebSeeds)
	}
	if f.TrustOf(good) == f.TrustOf("javascript:alert(1)") {
		t.Error("a tracker that was refused is known")
	}
	if len(said) != 5 || !strings.Contains(said[0], "javascript") {
		t.Errorf("it said %q, want a line for each of the five", said)
	}
}
