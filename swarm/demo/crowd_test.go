package demo_test

import (
	"bytes"
	"context"
	"encoding/binary"
	"io"
	"log/slog"
	"maps"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/anacrolix/torrent"
	"github.com/anacrolix/torrent/bencode"
	"github.com/anacrolix/torrent/metainfo"
	"github.com/anacrolix/torrent/storage"
	"go.uber.org/goleak"

	"swarmtop/swarm/demo"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// tracker is the least that a tracker can be: it keeps who is in which swarm
// and tells of every event.
type tracker struct {
	mu     sync.Mutex
	swarms map[string]map[netip.AddrPort]string // to the peer id
	events chan event
}

type event struct {
	hash, name, id string
	peer           netip.AddrPort
}

func newTracker(t *testing.T) (*tracker, string) {
	k := &tracker{swarms: map[string]map[netip.AddrPort]string{}, events: make(chan event, 4096)}
	s := httptest.NewServer(k)
	t.Cleanup(s.Close)
	return k, s.URL + "/announce"
}

func (k *tracker) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	port, _ := strconv.Atoi(q.Get("port"))
	peer := netip.AddrPortFrom(netip.MustParseAddrPort(r.RemoteAddr).Addr(), uint16(port))
	hash := q.Get("info_hash")
	if q.Get("event") == "stopped" {
		k.leave(hash, peer)
	} else {
		k.join(hash, peer, q.Get("peer_id"))
	}
	var peers []byte
	for _, p := range k.peers(hash) {
		if p != peer {
			peers = append(peers, p.Addr().AsSlice()...)
			peers = binary.BigEndian.AppendUint16(peers, p.Port())
		}
	}
	b, _ := bencode.Marshal(map[string]any{"interval": 600, "peers": peers})
	w.Write(b)
	k.events <- event{hash, q.Get("event"), q.Get("peer_id"), peer}
}

func (k *tracker) join(hash string, peer netip.AddrPort, id string) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.swarms[hash] == nil {
		k.swarms[hash] = map[netip.AddrPort]string{}
	}
	k.swarms[hash][peer] = id
}

func (k *tracker) leave(hash string, peer netip.AddrPort) {
	k.mu.Lock()
	defer k.mu.Unlock()
	delete(k.swarms[hash], peer)
}

func (k *tracker) peers(hash string) []netip.AddrPort {
	k.mu.Lock()
	defer k.mu.Unlock()
	return slices.Collect(maps.Keys(k.swarms[hash]))
}

// seed publishes the bytes from a client at 127.0.0.1, as swarmtop does, and
// announces it to the tracker.
func seed(t *testing.T, k *tracker, name string, data []byte, announce string) (file []byte, tt *torrent.Torrent) {
	t.Helper()
	cl := newClient(t)
	info := metainfo.Info{Name: name, Length: int64(len(data)), PieceLength: 16 << 10}
	err := info.GeneratePieces(func(metainfo.FileInfo) (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(data)), nil })
	if err != nil {
		t.Fatal(err)
	}
	b, err := bencode.Marshal(info)
	if err != nil {
		t.Fatal(err)
	}
	file, err = bencode.Marshal(metainfo.MetaInfo{InfoBytes: b, Announce: announce})
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, name), data, 0o600); err != nil {
		t.Fatal(err)
	}
	hash := metainfo.HashBytes(b)
	tt, _ = cl.AddTorrentOpt(torrent.AddTorrentOpts{
		InfoHash: hash, InfoBytes: b,
		Storage: storage.NewFileWithCompletion(dir, storage.NewMapPieceCompletion()),
	})
	<-tt.Complete().On()
	k.join(string(hash[:]), netip.AddrPortFrom(netip.MustParseAddr("127.0.0.1"), uint16(cl.LocalPort())), "")
	return file, tt
}

func newClient(t *testing.T) *torrent.Client {
	t.Helper()
	cfg := torrent.NewDefaultClientConfig()
	cfg.Slogger = slog.New(slog.DiscardHandler)
	cfg.DataDir = t.TempDir()
	cfg.DefaultStorage = storage.NewFileWithCompletion(cfg.DataDir, storage.NewMapPieceCompletion())
	cfg.Seed, cfg.DropMutuallyCompletePeers = true, false
	cfg.DisableUTP, cfg.DisableIPv6, cfg.NoDHT, cfg.NoDefaultPortForwarding = true, true, true, true
	cfg.DisableTrackers, cfg.DisableWebtorrent = true, true
	cfg.SetListenAddr("127.0.0.1:0")
	cl, err := torrent.NewClient(cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { cl.Close() })
	return cl
}

// start lets a crowd live, with lives so many times shorter, and returns a
// function that ends it and tells how long that took.
func start(t *testing.T, cfg demo.Config, speed float64) (*demo.Crowd, func() time.Duration) {
	t.Helper()
	c, err := demo.NewCrowd(cfg)
	if err != nil {
		t.Fatal(err)
	}
	c.Hurry(speed)
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- c.Run(ctx) }()
	stop := sync.OnceValue(func() time.Duration {
		cancel()
		began := time.Now()
		if err := <-done; err != nil {
			t.Error(err)
		}
		return time.Since(began)
	})
	t.Cleanup(func() { stop() })
	return c, stop
}

// promptly is how long a crowd may take to go on a busy machine: less than it lives.
const promptly = 5 * time.Second

// pattern returns n bytes without a short period.
func pattern(n int) []byte {
	b := make([]byte, n)
	for i := range b {
		b[i] = byte(i * i >> 7)
	}
	return b
}

func TestCrowdFetchesWhatIsPublishedAndLeavesNothing(t *testing.T) {
	const size = 40 << 10
	t.Chdir(t.TempDir())
	k, url := newTracker(t)
	file, seeding := seed(t, k, "share.js", pattern(size), url)
	hash := string(seeding.InfoHash().Bytes())

	_, stop := start(t, demo.Config{Tracker: url, Swarms: [][]byte{file}, Seed: 1, Peers: 6}, 8)
	hosts := 1
	if l, err := net.Listen("tcp4", "127.0.0.2:0"); err == nil { // elsewhere ports tell them apart
		l.Close()
		hosts = 7
	}
	addresses, seen, complete := map[netip.Addr]bool{}, map[string]bool{}, map[string]bool{}
	for len(complete) < 6 || len(seen) < 12 || len(addresses) < hosts { // some were complete, and some have come again under another id
		e := <-k.events
		addresses[e.peer.Addr()] = true
		seen[e.id] = true
		if e.name == "completed" && e.hash == hash {
			complete[e.id] = true
		}
	}
	if len(addresses) != hosts {
		t.Errorf("six peers and the origin announced from %d addresses", len(addresses))
	}
	stats := seeding.Stats()
	if n := stats.BytesWrittenData.Int64(); n < size {
		t.Errorf("the crowd is complete with %d bytes of the only seeder, want at least a copy", n)
	}
	if d := stop(); d > promptly {
		t.Errorf("the crowd took %v to go", d)
	}
	if left := k.peers(hash); len(left) != 1 {
		t.Errorf("in the swarm are %v, want the seeder alone", left)
	}
	if files, err := os.ReadDir("."); err != nil || len(files) != 0 {
		t.Errorf("in the working directory are %v, %v", files, err)
	}
}

func TestCrowdSeedsTheForeignAssetAndReleasesTheNext(t *testing.T) {
	k, url := newTracker(t)
	released := make(chan demo.Release)
	c, _ := start(t, demo.Config{
		Tracker: url, Seed: 7, Peers: 1, Origin: "http://127.0.0.1:1",
		Release: func(r demo.Release) { released <- r },
	}, 80)
	first, second := c.Foreign(), <-released
	if bytes.Equal(first.Metainfo, second.Metainfo) || bytes.Equal(first.Data, second.Data) || first.Path == second.Path {
		t.Error("the next version is the first again")
	}
	for _, r := range []demo.Release{first, second} {
		mi, err := metainfo.Load(bytes.NewReader(r.Metainfo))
		if err != nil {
			t.Fatal(err)
		}
		if mi.Announce != url {
			t.Errorf("announce is %q, want %q", mi.Announce, url)
		}
		if len(mi.UrlList) != 1 || mi.UrlList[0] != "http://127.0.0.1:1"+r.Path {
			t.Errorf("the web seeds are %q", mi.UrlList)
		}
		hash := mi.HashInfoBytes()
		for !slices.ContainsFunc(k.peers(string(hash[:])), func(netip.AddrPort) bool { return true }) {
			<-k.events
		}
	}

	// A piece of the second one, taken from the crowd.
	mi, err := metainfo.Load(bytes.NewReader(second.Metainfo))
	if err != nil {
		t.Fatal(err)
	}
	cl := newClient(t)
	tt, err := cl.AddTorrent(mi)
	if err != nil {
		t.Fatal(err)
	}
	hash := mi.HashInfoBytes()
	for _, p := range k.peers(string(hash[:])) {
		tt.AddPeers([]torrent.PeerInfo{{Addr: net.TCPAddrFromAddrPort(p)}})
	}
	changes := tt.SubscribePieceStateChanges()
	defer changes.Close()
	tt.DownloadPieces(0, 1)
	for change := range changes.Values {
		if change.Index == 0 && change.Complete {
			return
		}
	}
	t.Error("piece 0 did not come")
}

func TestVisitorsAskInEveryWay(t *testing.T) {
	_, url := newTracker(t)
	type request struct {
		method string
		status int
	}
	requests := make(chan request, 1024)
	content := strings.NewReader(strings.Repeat("a", 9000))
	gateway := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		rec := httptest.NewRecorder()
		if r.URL.Path == "/widgets/a.js" {
			rec.Header().Set("ETag", `"a"`)
			http.ServeContent(rec, r, "a.js", time.Time{}, io.NewSectionReader(content, 0, content.Size()))
		} else {
			http.NotFound(rec, r)
		}
		requests <- request{r.Method, rec.Code}
		maps.Copy(w.Header(), rec.Header())
		w.WriteHeader(rec.Code)
		w.Write(rec.Body.Bytes())
	}))
	t.Cleanup(gateway.Close)

	start(t, demo.Config{Tracker: url, Gateway: gateway.URL, Paths: []string{"/widgets/a.js"}, Seed: 3, Peers: 1}, 100)
	statuses, methods := map[int]bool{}, map[string]bool{}
	for !(statuses[200] && statuses[206] && statuses[304] && statuses[404] && methods["HEAD"]) {
		r := <-requests
		statuses[r.status], methods[r.method] = true, true
	}
}

func TestCrowdLivesOnWithoutATracker(t *testing.T) {
	asked := make(chan string, 4096)
	tracker := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked <- r.URL.Query().Get("peer_id")
		io.WriteString(w, "no tracker lives here")
	}))
	t.Cleanup(tracker.Close)
	_, stop := start(t, demo.Config{Tracker: tracker.URL + "/announce", Peers: 2}, 50)
	ids := map[string]bool{}
	for len(ids) < 8 {
		ids[<-asked] = true
	}
	if d := stop(); d > promptly {
		t.Errorf("the crowd took %v to go", d)
	}
}

func TestForeignAssetFollowsFromTheSeed(t *testing.T) {
	foreign := func(seed uint64) []byte {
		c, err := demo.NewCrowd(demo.Config{Tracker: "http://127.0.0.1/announce", Seed: seed})
		if err != nil {
			t.Fatal(err)
		}
		return c.Foreign().Metainfo
	}
	one := foreign(1)
	if !bytes.Equal(one, foreign(1)) || bytes.Equal(one, foreign(2)) {
		t.Error("the metainfo is not one for each seed")
	}
}

func TestNewCrowdRefusesWhatItCannotRead(t *testing.T) {
	for _, cfg := range []demo.Config{
		{Tracker: "http://127.0.0.1/announce", Swarms: [][]byte{[]byte("d4:infoi3ee")}},
		{Tracker: "http://127.0.0.1:port/announce"},
		{Tracker: "http://127.0.0.1/announce", Gateway: "http://127.0.0.1:port"},
	} {
		if _, err := demo.NewCrowd(cfg); err == nil {
			t.Errorf("%+v was taken", cfg)
		}
	}
}
