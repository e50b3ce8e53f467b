package tracker_test

import (
	"encoding/binary"
	"encoding/json"
	"net/netip"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"swarmtop/swarm"
	"swarmtop/swarm/tracker"
)

var hash = "\x00+ %&=#\xff" + strings.Repeat("h", 12)

func TestSeedersAreNotToldOfSeedersAndNobodyOfItself(t *testing.T) {
	_, c := run(t, tracker.Config{})
	c.announce("127.0.0.2", "1", hash, "left=0")
	c.announce("127.0.0.3", "1", hash, "left=4")
	if got := c.announce("127.0.0.4", "1", hash, "left=0").addrs(); got != "127.0.0.3:1" {
		t.Errorf("a seeder is told of %s", got)
	}
	if got := c.announce("127.0.0.3", "1", hash, "left=4").addrs(); got != "127.0.0.2:1 127.0.0.4:1" {
		t.Errorf("a leecher is told of %s", got)
	}
	// The same client over another address of its own.
	same := "info_hash=" + url.QueryEscape(hash) + "&peer_id=" + url.QueryEscape(id("127.0.0.3", "1")) + "&port=9&left=4"
	if got := c.ask("127.0.0.9", "/announce", same).addrs(); got != "127.0.0.2:1 127.0.0.4:1" {
		t.Errorf("at its second address it is told of %s", got)
	}
}

func TestPeersComeAsDictionariesWhenAskedFor(t *testing.T) {
	_, c := run(t, tracker.Config{})
	c.announce("127.0.0.2", "1", hash, "left=0")
	c.announce("127.0.0.2", "2", hash, "left=0&ip=2001:db8::1")
	r := c.announce("127.0.0.3", "1", hash, "left=4&compact=0")
	if got := r.addrs(); got != "127.0.0.2:1 [2001:db8::1]:2" {
		t.Error(got)
	}
	if _, ok := r.Peers.([]any)[0].(map[string]any)["peer id"]; !ok {
		t.Errorf("no peer id in %v", r.Peers)
	}
	r = c.announce("127.0.0.3", "1", hash, "left=4&compact=0&no_peer_id=1")
	if _, ok := r.Peers.([]any)[0].(map[string]any)["peer id"]; ok {
		t.Errorf("peer id in %v", r.Peers)
	}
}

func TestIPv6PeersComeInAFieldOfTheirOwn(t *testing.T) {
	_, c := run(t, tracker.Config{})
	c.announce("127.0.0.2", "1", hash, "left=0")
	c.announce("127.0.0.3", "2", hash, "left=0&ip=2001:db8::1")
	r := c.announce("127.0.0.4", "1", hash, "left=4")
	if len(r.Peers.(string)) != 6 || len(r.Peers6) != 18 {
		t.Errorf("%q %q", r.Peers, r.Peers6)
	}
	if r.ExternalIP != "\x7f\x00\x00\x04" {
		t.Errorf("external ip %q", r.ExternalIP)
	}
}

func TestAnnouncesOverIPv6AreTaken(t *testing.T) {
	tr, c := run(t, tracker.Config{Listen: "[::1]:0"})
	c.announce("", "7", hash, "left=0")
	if got := c.announce("", "8", hash, "left=1&peer_id="+url.QueryEscape(id("other", ""))).addrs(); got != "[::1]:7" {
		t.Error(got)
	}
	if !strings.HasPrefix(tr.URL(), "http://[::1]:") {
		t.Error(tr.URL())
	}
	conn, connection := c.dial()
	a := c.datagram(conn, announcePacket(connection, hash, 9, 5, 2, 10))
	if len(a) != 20+2*18 {
		t.Errorf("over UDP: % x", a)
	}
}

func TestAddressThatAClientNamesMustBeOneThatPeersCanHave(t *testing.T) {
	_, c := run(t, tracker.Config{})
	for _, ip := range []string{"0.0.0.0", "224.0.0.1", "169.254.1.1", "::", "fe80::1%251", "example.org", "255.255.255.255"} {
		c.announce("127.0.0.2", "1", hash, "left=0&ip="+ip)
	}
	if got := c.announce("127.0.0.3", "1", hash, "left=1").addrs(); got != "127.0.0.2:1" {
		t.Error(got)
	}
}

func TestPublicHostStandsForPeersOnLoopbackTowardsOthers(t *testing.T) {
	tr, c := run(t, tracker.Config{PublicHost: "203.0.113.5"})
	if want := "http://203.0.113.5:"; !strings.HasPrefix(tr.URL(), want) {
		t.Errorf("URL %s", tr.URL())
	}
	c.url = "http://" + tr.Addr().String() + "/announce"
	c.announce("127.0.0.2", "1", hash, "left=0")
	if got := c.announce("127.0.0.3", "1", hash, "left=1").addrs(); got != "127.0.0.2:1" {
		t.Errorf("on this machine: %s", got)
	}
}

func TestOnlyAllowedHashesAreServed(t *testing.T) {
	good := swarm.InfoHash([]byte(hash))
	tr, c := run(t, tracker.Config{Allowed: func(h swarm.InfoHash) bool { return h == good }})
	other := strings.Repeat("x", 20)
	if r := c.announce("", "1", hash, "left=0"); r.Failure != "" {
		t.Error(r.Failure)
	}
	if r := c.announce("", "1", other, "left=0"); r.Failure == "" {
		t.Error("a stranger's hash was served")
	}
	if f := c.scrape(hash, other).Files; len(f) != 1 {
		t.Errorf("%v", f)
	}
	conn, connection := c.dial()
	if a := c.datagram(conn, announcePacket(connection, other, 9, 5, 2, 10)); binary.BigEndian.Uint32(a) != 3 {
		t.Errorf("over UDP: % x", a)
	}
	if s := tr.Stats(); s.Swarms != 1 || s.Peers != 1 || s.Refused != 2 {
		t.Errorf("%+v", s)
	}
}

func TestBadRequestsGetAFailureReason(t *testing.T) {
	_, c := run(t, tracker.Config{})
	const fine = "info_hash=aaaaaaaaaaaaaaaaaaaa&peer_id=bbbbbbbbbbbbbbbbbbbb&port=1"
	for query, want := range map[string]string{
		"":                   "info_hash is missing",
		"info_hash=abc":      "info_hash has 3 bytes, want 20",
		"info_hash=%zz":      `the value of "info_hash" is not percent-encoded`,
		fine[:30]:            "peer_id is missing",
		fine + "&peer_id=x":  "peer_id has 1 bytes, want 20",
		fine[:len(fine)-7]:   "port is missing",
		fine + "&port=0":     "port is not a number from 1 to 65535",
		fine + "&port=65536": "port is not a number from 1 to 65535",
		fine + "&" + fine:    "more than one info_hash",
		"&&=&" + fine + "&left=-1&numwant=-7&event=x&compact=2&ip=&key=" + strings.Repeat("k", 4000): "",
	} {
		if r := c.ask("", "/announce", query); r.Failure != want {
			t.Errorf("%.60q: %q, want %q", query, r.Failure, want)
		}
	}
	if r := c.ask("", "/scrape", ""); r.Failure == "" {
		t.Error("a scrape of everything was answered")
	}
	if status, _ := c.get("", "/elsewhere", ""); status != 404 {
		t.Errorf("status %d", status)
	}
	if status, _ := c.get("", "/announce", strings.Repeat("x", 40<<10)); status != 431 {
		t.Errorf("a header of 40 KiB: status %d", status)
	}
}

func TestStoppedWithAnotherKeyIsIgnored(t *testing.T) {
	_, c := run(t, tracker.Config{})
	c.announce("127.0.0.2", "1", hash, "left=0&key=a")
	if r := c.announce("127.0.0.2", "1", hash, "left=0&key=b&event=stopped"); r.Complete != 1 {
		t.Errorf("%+v", r)
	}
	if r := c.announce("127.0.0.2", "1", hash, "left=0&key=a&event=stopped"); r.Complete != 0 {
		t.Errorf("%+v", r)
	}
}

// clock is a time that tests move.
type clock struct {
	mu sync.Mutex
	t  time.Time
}

func (c *clock) now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.t
}

func (c *clock) pass(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.t = c.t.Add(d)
}

func TestSilentPeersExpire(t *testing.T) {
	clk := &clock{t: time.Unix(1e9, 0)}
	tr, c := run(t, tracker.Config{Now: clk.now, Interval: 10 * time.Minute})
	c.announce("127.0.0.2", "1", hash, "left=0")
	clk.pass(20 * time.Minute)
	if got := c.announce("127.0.0.3", "1", hash, "left=1").addrs(); got != "127.0.0.2:1" {
		t.Errorf("after two intervals: %s", got)
	}
	clk.pass(6 * time.Minute)
	if got := c.announce("127.0.0.3", "1", hash, "left=1").addrs(); got != "" {
		t.Errorf("after two and a half: %s", got)
	}
	if s := tr.Stats(); s.Peers != 1 {
		t.Errorf("%+v", s)
	}
}

func TestIntervalHasJitter(t *testing.T) {
	_, c := run(t, tracker.Config{Interval: time.Hour, MinInterval: time.Minute})
	seen := map[int]bool{}
	for range 20 {
		r := c.announce("", "1", hash, "left=0")
		if r.Interval < 3600 || r.Interval > 3960 || r.MinInterval != 60 {
			t.Fatalf("%+v", r)
		}
		seen[r.Interval] = true
	}
	if len(seen) < 2 {
		t.Error("always the same interval")
	}
}

func TestConnectionIDsAreBoundToAddressAndTime(t *testing.T) {
	clk := &clock{t: time.Unix(1e9, 0)}
	tr, c := run(t, tracker.Config{Now: clk.now})
	conn, id := c.dial()
	other, otherID := c.dial()
	if id == otherID {
		t.Fatal("two clients have one id")
	}
	clk.pass(time.Minute)
	if a := c.datagram(conn, announcePacket(id, hash, 1, 0, 2, -1)); a[3] != 1 {
		t.Errorf("after a minute: % x", a)
	}
	// Neither a stolen nor an old id gets an answer; the connect after it does.
	other.Write(announcePacket(id, hash, 1, 0, 2, -1))
	c.datagram(other, packet(0x41727101980, 0))
	clk.pass(2 * time.Minute)
	conn.Write(announcePacket(id, hash, 1, 0, 2, -1))
	conn.Write([]byte("short"))
	conn.Write(packet(1, 0))
	c.datagram(conn, packet(0x41727101980, 0))
	if n := tr.Stats().Announces; n != 1 {
		t.Errorf("%d announces were taken", n)
	}
}

func TestSwarmsOutliveARestart(t *testing.T) {
	cfg := tracker.Config{Listen: "127.0.0.1:0", State: filepath.Join(t.TempDir(), "tracker")}
	t.Run("before", func(t *testing.T) {
		_, c := run(t, cfg)
		c.announce("127.0.0.2", "1", hash, "left=0&key=k")
		c.announce("127.0.0.3", "2", hash, "left=7")
	})
	tr, c := run(t, cfg)
	if s := tr.Stats(); s.Peers != 2 || s.Seeders != 1 {
		t.Errorf("%+v", s)
	}
	if got := c.announce("127.0.0.4", "3", hash, "left=1").addrs(); got != "127.0.0.2:1 127.0.0.3:2" {
		t.Error(got)
	}
	if r := c.announce("127.0.0.2", "1", hash, "left=0&key=other&event=stopped"); r.Complete != 1 {
		t.Errorf("the key was forgotten: %+v", r)
	}
}

func TestDamagedStateIsToldAndTheTrackerBeginsWithoutIt(t *testing.T) {
	path := filepath.Join(t.TempDir(), "tracker")
	if err := os.WriteFile(path, []byte("d8:announce"), 0o600); err != nil {
		t.Fatal(err)
	}
	var lines []string
	tr, _ := run(t, tracker.Config{State: path, Log: func(_ swarm.Level, text string) { lines = append(lines, text) }})
	if len(lines) != 1 || !strings.Contains(lines[0], path) || tr.Stats().Peers != 0 {
		t.Errorf("%q", lines)
	}
}

func TestStatsAreServed(t *testing.T) {
	_, c := run(t, tracker.Config{})
	c.announce("", "1", hash, "left=0")
	_, body := c.get("", "/stats", "")
	var s tracker.Stats
	if err := json.Unmarshal([]byte(body), &s); err != nil || s.Announces != 1 || s.Seeders != 1 || s.Peers != 1 || s.Swarms != 1 {
		t.Errorf("%s (%v)", body, err)
	}
}

func TestBusyPortIsAnError(t *testing.T) {
	tr, _ := run(t, tracker.Config{})
	if _, err := tracker.New(tracker.Config{Listen: tr.Addr().String()}); err == nil {
		t.Error("two trackers on one port")
	}
	if !netip.MustParseAddr("127.0.0.1").IsLoopback() || tr.Addr().Port() == 0 {
		t.Error(tr.Addr())
	}
}
