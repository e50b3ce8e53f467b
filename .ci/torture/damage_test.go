package torture

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"os"
	"path/filepath"
	"sync"
	"syscall"
	"testing"
	"time"

	"swarmtop/swarm"
	"swarmtop/swarm/admit"
	"swarmtop/swarm/session"
)

// damages are what can happen to a file under a running program. Root may read
// anything, so that a folder in its place stands for one that cannot be read.
var damages = map[string]func(path string) error{
	"flipped": func(path string) error {
		b, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		b[len(b)/2] ^= 0x10
		f, err := os.OpenFile(path, os.O_WRONLY, 0)
		if err != nil {
			return err
		}
		_, err = f.Write(b)
		return errors.Join(err, f.Close())
	},
	"truncated": func(path string) error { return os.Truncate(path, 40_000) },
	"swapped": func(path string) error {
		return errors.Join(os.Remove(path), os.WriteFile(path, noise(99, 200_000), 0o444))
	},
	"deleted":    os.Remove,
	"unreadable": func(path string) error { return errors.Join(os.Remove(path), os.Mkdir(path, 0o700)) },
	// Opens, and then every read fails as on a broken disk: nothing is mapped that low.
	"read error": func(path string) error {
		const broken = "/proc/self/mem"
		f, err := os.Open(broken)
		if err != nil {
			return err
		}
		defer f.Close()
		if _, err := f.ReadAt(make([]byte, 1), 0); !errors.Is(err, syscall.EIO) {
			return errors.Join(fmt.Errorf("%s can be read, or not for an input/output error", broken), err)
		}
		return errors.Join(os.Remove(path), os.Symlink(broken, path))
	},
}

// origin is a web seed that answers when it is allowed to.
type origin struct {
	*httptest.Server
	mu   sync.RWMutex // held while it must not
	data []byte
}

func newOrigin(t *testing.T, data []byte) *origin {
	o := &origin{data: data}
	o.Server = httptest.NewServer(o)
	t.Cleanup(o.Close)
	return o
}

func (o *origin) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	o.mu.RLock()
	defer o.mu.RUnlock()
	http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(o.data))
}

// healers are those who have the bytes of a damaged asset. Each gives them when it is
// told to, and tells its trackers and web seeds.
var healers = map[string]func(t *testing.T, meta *admit.Torrent, path string, data []byte) (trackers [][]string, webSeeds []string, gives func(bool)){
	"web seed": func(t *testing.T, _ *admit.Torrent, _ string, data []byte) ([][]string, []string, func(bool)) {
		o := newOrigin(t, data)
		return nil, []string{o.URL + "/asset.bin"}, func(on bool) {
			if on {
				o.mu.Unlock()
			} else {
				o.mu.Lock()
			}
		}
	},
	"peer": func(t *testing.T, meta *admit.Torrent, path string, _ []byte) ([][]string, []string, func(bool)) {
		good := startLive(t, t.TempDir(), "127.0.0.2")
		if _, err := good.Add(session.Spec{Torrent: meta, InfoHash: meta.InfoHash, Publish: path}); err != nil {
			t.Fatal(err)
		}
		good.completes(t, meta.InfoHash, patience)
		return [][]string{{naming(t, good.addr.String())}}, nil, func(on bool) {
			if err := good.SetSeeding([]swarm.InfoHash{meta.InfoHash}, on); err != nil {
				t.Error(err)
			}
		}
	},
}

// naming is a tracker that names one peer to whoever asks. It returns its URL.
func naming(t *testing.T, peer string) string {
	t.Helper()
	at := netip.MustParseAddrPort(peer)
	compact := binary.BigEndian.AppendUint16(at.Addr().AsSlice(), at.Port())
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		fmt.Fprintf(w, "d8:intervali1800e5:peers6:%se", compact)
	}))
	t.Cleanup(s.Close)
	return s.URL + "/announce"
}

// TestDamagedUnderARunningProgram damages the file of a finished asset in every way,
// and lets it heal from a web seed and from the swarm.
func TestDamagedUnderARunningProgram(t *testing.T) {
	data := noise(5, 200_000)
	path := filepath.Join(t.TempDir(), "asset.bin")
	if err := os.WriteFile(path, data, 0o600); err != nil {
		t.Fatal(err)
	}
	meta := torrentOf(t, path, 32<<10)
	for from, healer := range healers {
		for kind, damage := range damages {
			t.Run(kind+", heals from a "+from, func(t *testing.T) {
				trackers, webSeeds, gives := healer(t, &meta, path, data)
				torrent := filepath.Join(t.TempDir(), "asset.torrent")
				if err := os.WriteFile(torrent, admit.EncodeMetainfo(&meta, trackers, webSeeds), 0o600); err != nil {
					t.Fatal(err)
				}
				damageAndHeal(t, &meta, data, torrent, damage, gives)
			})
		}
	}
	if !t.Failed() {
		measured("file flipped, truncated, swapped, deleted, not to be opened, or read with an input/output error, under the running program",
			"no wrong byte to a reader or a peer; told; heals from the swarm or a web seed",
			"%d ways, healed from %d kinds of source: no wrong byte; each told in the log and the row, each healed", len(damages), len(healers))
	}
}

// damageAndHeal fetches an asset from those who give it, damages its file while they
// do not, and lets them give again.
func damageAndHeal(t *testing.T, meta *admit.Torrent, data []byte, torrent string, damage func(path string) error, gives func(bool)) {
	state := t.TempDir()
	in := startInside(t, state)
	if _, err := in.Add(context.Background(), torrent); err != nil {
		t.Fatal(err)
	}
	is := func(state swarm.State) func() bool {
		return func() bool { w := in.now().Swarm(meta.InfoHash); return w != nil && w.State == state }
	}
	eventually(t, "it is complete", patience, is(swarm.Complete))
	gives(false)
	again := sync.OnceFunc(func() { gives(true) })
	defer again()
	file := filepath.Join(state, "assets", meta.InfoHash.String()+".blob")
	if err := os.Chmod(file, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := damage(file); err != nil {
		t.Fatal(err)
	}
	url := in.now().Gateway + "/w/" + meta.InfoHash.String() + "/asset.bin"
	nothingWrongLeaves(t, in, meta, data, url)
	eventually(t, "the event log tells of it", patience, func() bool { return in.told("damaged") > 0 })
	eventually(t, "the row shows it", patience, func() bool { return !is(swarm.Complete)() })
	again()
	eventually(t, "it is whole again", patience, is(swarm.Complete))
	eventually(t, "the event log tells of that", patience, func() bool { return in.told("whole again") > 0 })
	if status, got, err := get(url); status != 200 || err != nil || !bytes.Equal(got, data) {
		t.Errorf("healed, it is answered %d with %d bytes (%v)", status, len(got), err)
	}
	in.end()
	if got, err := os.ReadFile(file); err != nil || !bytes.Equal(got, data) {
		t.Errorf("healed, the file is another (%v)", err)
	}
	if st, err := os.Lstat(file); err != nil || !st.Mode().IsRegular() {
		t.Errorf("healed, the file is not a file of its own (%v)", err)
	}
}

// nothingWrongLeaves asks the gateway and the session for every byte of an asset.
func nothingWrongLeaves(t *testing.T, in *inside, meta *admit.Torrent, data []byte, url string) {
	t.Helper()
	p, err := attack(in.peers, somewhere(rand.New(rand.NewPCG(1, 2))), meta.InfoHash, data, nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	p.write(append(message(mHaveNone), message(mInterested)...))
	if ok, err := p.ping(); !ok || err != nil {
		t.Errorf("the session does not answer: %v", err)
	}
	for i := range meta.Pieces {
		p.write(message(mRequest, numbers(i, 0, 16<<10)...))
	}
	p.ping()
	ctx, cancel := context.WithTimeout(t.Context(), time.Second) // it waits for the web seed, in vain
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	if resp, err := http.DefaultClient.Do(req); err == nil {
		defer resp.Body.Close()
		var got bytes.Buffer
		_, err = got.ReadFrom(resp.Body)
		if resp.StatusCode == http.StatusOK && (err == nil || !bytes.HasPrefix(data, got.Bytes())) {
			t.Errorf("a reader got %d bytes as the whole or in error", got.Len())
		}
	}
	if err := p.close(); err != nil {
		t.Errorf("wrong bytes left to a peer: %v", err)
	}
}
