package torture

import (
	"bytes"
	"context"
	"errors"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"swarmtop/swarm"
	"swarmtop/swarm/admit"
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

// TestDamagedUnderARunningProgram damages the file of a finished asset, and lets it
// heal from a web seed.
func TestDamagedUnderARunningProgram(t *testing.T) {
	data := noise(5, 200_000)
	path := filepath.Join(t.TempDir(), "asset.bin")
	if err := os.WriteFile(path, data, 0o600); err != nil {
		t.Fatal(err)
	}
	meta := torrentOf(t, path, 32<<10)
	for kind, damage := range damages {
		t.Run(kind, func(t *testing.T) {
			o := newOrigin(t, data)
			torrent := filepath.Join(t.TempDir(), "asset.torrent")
			if err := os.WriteFile(torrent, admit.EncodeMetainfo(&meta, nil, []string{o.URL + "/asset.bin"}), 0o600); err != nil {
				t.Fatal(err)
			}
			state := t.TempDir()
			in := startInside(t, state)
			if _, err := in.Add(context.Background(), torrent); err != nil {
				t.Fatal(err)
			}
			is := func(state swarm.State) func() bool {
				return func() bool { w := in.now().Swarm(meta.InfoHash); return w != nil && w.State == state }
			}
			eventually(t, "it is complete", patience, is(swarm.Complete))
			o.mu.Lock()
			file := filepath.Join(state, "assets", meta.InfoHash.String()+".blob")
			if err := os.Chmod(file, 0o600); err != nil {
				t.Fatal(err)
			}
			if err := damage(file); err != nil {
				t.Fatal(err)
			}
			url := in.now().Gateway + "/w/" + meta.InfoHash.String() + "/asset.bin"
			nothingWrongLeaves(t, in, &meta, data, url)
			eventually(t, "the event log tells of it", patience, func() bool { return in.told("damaged") > 0 })
			eventually(t, "the row shows it", patience, func() bool { return !is(swarm.Complete)() })
			o.mu.Unlock()
			eventually(t, "it is whole again", patience, is(swarm.Complete))
			eventually(t, "the event log tells of that", patience, func() bool { return in.told("whole again") > 0 })
			if status, got, err := get(url); status != 200 || err != nil || !bytes.Equal(got, data) {
				t.Errorf("healed, it is answered %d with %d bytes (%v)", status, len(got), err)
			}
			in.end()
			if got, err := os.ReadFile(file); err != nil || !bytes.Equal(got, data) {
				t.Errorf("healed, the file is another (%v)", err)
			}
		})
	}
	if !t.Failed() {
		measured("file flipped, truncated, swapped, deleted, unreadable under the running program", "no wrong byte to a reader or a peer; told; heals", "%d ways, none; each told in the log and the row, each healed", len(damages))
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
