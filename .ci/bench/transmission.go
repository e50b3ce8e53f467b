package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strconv"

	"github.com/anacrolix/torrent/bencode"
)

// transmission is a transmission-daemon and its RPC.
type transmission struct {
	*process
	rpc      string // URL
	peerPort int
	session  string // what its protection against forged requests wants back
}

func transmissionHome(dir string) string { return filepath.Join(dir, "transmission") }

// noteComplete writes what transmission notes of complete swarms at its end. It would
// get there by itself, but rests 0.1 s at each swarm that it checks.
func noteComplete(dir string, f *field) error {
	home := transmissionHome(dir)
	for _, d := range []string{"torrents", "resume"} {
		if err := os.MkdirAll(filepath.Join(home, d), 0o755); err != nil {
			return err
		}
	}
	for i, h := range f.hashes {
		note, err := bencode.Marshal(map[string]any{
			"destination": f.data, "paused": 0, "progress": map[string]any{"blocks": "all", "have": "all"},
		})
		if err != nil {
			return err
		}
		if err := os.WriteFile(filepath.Join(home, "resume", h.HexString()+".resume"), note, 0o644); err != nil {
			return err
		}
		if err := os.Link(f.paths[i], filepath.Join(home, "torrents", h.HexString()+".torrent")); err != nil {
			return err
		}
	}
	return nil
}

func startTransmission(ctx context.Context, dir, data string) (*transmission, error) {
	rpcPort, err := freePort()
	if err != nil {
		return nil, err
	}
	peerPort, err := freePort()
	if err != nil {
		return nil, err
	}
	home := transmissionHome(dir)
	if err := os.MkdirAll(home, 0o755); err != nil {
		return nil, err
	}
	t := &transmission{rpc: fmt.Sprintf("http://127.0.0.1:%d/transmission/rpc", rpcPort), peerPort: peerPort}
	t.process, err = start(ctx, dir, "transmission-daemon", "--foreground", "--config-dir", home, "--download-dir", data, "--no-auth",
		"--rpc-bind-address", "127.0.0.1", "--port", strconv.Itoa(rpcPort), "--bind-address-ipv4", "127.0.0.1",
		"--peerport", strconv.Itoa(peerPort), "--no-dht", "--no-lpd", "--no-portmap", "--no-utp")
	if err != nil {
		return nil, err
	}
	err = t.until(ctx, func() (bool, error) {
		_, err := t.call(ctx, "session-get", nil)
		return err == nil, err
	})
	if err != nil {
		t.stop()
		return nil, err
	}
	return t, nil
}

func (t *transmission) add(ctx context.Context, paths []string) error {
	for _, path := range paths {
		if _, err := t.call(ctx, "torrent-add", map[string]any{"filename": path}); err != nil {
			return err
		}
	}
	return nil
}

// hasAll waits until it has all of a field.
func (t *transmission) hasAll(ctx context.Context, f *field) error {
	return t.until(ctx, func() (bool, error) {
		n, err := t.complete(ctx)
		return n == len(f.hashes), err
	})
}

// complete counts the swarms that it has whole.
func (t *transmission) complete(ctx context.Context) (n int, err error) {
	answer, err := t.call(ctx, "torrent-get", map[string]any{"fields": []string{"leftUntilDone", "status"}})
	if err != nil {
		return 0, err
	}
	var all struct {
		Torrents []struct{ LeftUntilDone, Status int64 }
	}
	if err := json.Unmarshal(answer, &all); err != nil {
		return 0, err
	}
	const seeding = 6
	for _, one := range all.Torrents {
		if one.LeftUntilDone == 0 && one.Status == seeding {
			n++
		}
	}
	return n, nil
}

func (t *transmission) call(ctx context.Context, method string, arguments any) (json.RawMessage, error) {
	body, err := json.Marshal(map[string]any{"method": method, "arguments": arguments})
	if err != nil {
		return nil, err
	}
	for range 2 {
		req, err := http.NewRequestWithContext(ctx, http.MethodPost, t.rpc, bytes.NewReader(body))
		if err != nil {
			return nil, err
		}
		const header = "X-Transmission-Session-Id"
		req.Header.Set(header, t.session)
		resp, err := http.DefaultClient.Do(req)
		if err != nil {
			return nil, err
		}
		defer resp.Body.Close()
		if resp.StatusCode == http.StatusConflict {
			t.session = resp.Header.Get(header)
			continue
		}
		var answer struct {
			Result    string
			Arguments json.RawMessage
		}
		if err := json.NewDecoder(resp.Body).Decode(&answer); err != nil {
			return nil, err
		}
		if answer.Result != "success" {
			return nil, fmt.Errorf("transmission %s: %s", method, answer.Result)
		}
		return answer.Arguments, nil
	}
	return nil, fmt.Errorf("transmission %s: no session", method)
}
