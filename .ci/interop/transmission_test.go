package interop

import (
	"bytes"
	"encoding/json"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"testing"
)

// transmission is a BitTorrent client that seeds what it is given. It makes no
// connection to loopback peers that a tracker names; others connect to it.
type transmission struct {
	*process
	rpc     string // URL
	session string // token against forged requests, handed out by the daemon
}

// startTransmission starts a daemon that sends at most rate kB a second, so that
// a download can be watched. It finds peers through trackers alone.
func startTransmission(t *testing.T, rate int) *transmission {
	t.Helper()
	dir := t.TempDir()
	rpcPort := freePort(t)
	number := func(s string) int { n, _ := strconv.Atoi(s); return n }
	settings, err := json.Marshal(map[string]any{
		"bind-address-ipv4":            "127.0.0.1",
		"peer-port":                    number(freePort(t)),
		"rpc-bind-address":             "127.0.0.1",
		"rpc-port":                     number(rpcPort),
		"rpc-authentication-required":  false,
		"dht-enabled":                  false,
		"lpd-enabled":                  false,
		"pex-enabled":                  false,
		"utp-enabled":                  false,
		"port-forwarding-enabled":      false,
		"speed-limit-up":               rate,
		"speed-limit-up-enabled":       true,
		"ratio-limit-enabled":          false,
		"idle-seeding-limit-enabled":   false,
		"trash-original-torrent-files": false,
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "settings.json"), settings, 0o600); err != nil {
		t.Fatal(err)
	}
	d := &transmission{rpc: "http://127.0.0.1:" + rpcPort + "/transmission/rpc"}
	d.process = start(t, "transmission-daemon", "-f", "-g", dir, "--log-error")
	eventually(t, "transmission answers", patience, func() bool { return answers(d.rpc) })
	return d
}

// seed adds a torrent whose bytes are in the library, and waits until they are checked.
func (d *transmission) seed(t *testing.T, l library, m torrent) {
	t.Helper()
	d.call(t, "torrent-add", map[string]any{"filename": m.file, "download-dir": filepath.Dir(l.path(m.name))}, nil)
	eventually(t, "transmission seeds "+m.name, patience, func() bool {
		var list struct {
			Torrents []struct {
				PercentDone float64
				Status      int
			}
		}
		d.call(t, "torrent-get", map[string]any{"ids": []string{m.infoHash}, "fields": []string{"percentDone", "status"}}, &list)
		const seeding = 6
		return len(list.Torrents) == 1 && list.Torrents[0].PercentDone == 1 && list.Torrents[0].Status == seeding
	})
}

// call makes a remote call; answer, if not nil, receives its arguments.
func (d *transmission) call(t *testing.T, method string, arguments, answer any) {
	t.Helper()
	body, err := json.Marshal(map[string]any{"method": method, "arguments": arguments})
	if err != nil {
		t.Fatal(err)
	}
	for range 2 {
		q, err := http.NewRequestWithContext(t.Context(), http.MethodPost, d.rpc, bytes.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		const header = "X-Transmission-Session-Id"
		q.Header.Set(header, d.session)
		r, err := http.DefaultClient.Do(q)
		if err != nil {
			t.Fatal(err)
		}
		if r.StatusCode == http.StatusConflict { // the first call only fetches the token
			d.session = r.Header.Get(header)
			r.Body.Close()
			continue
		}
		reply := struct {
			Result    string
			Arguments any
		}{Arguments: answer}
		err = json.NewDecoder(r.Body).Decode(&reply)
		r.Body.Close()
		if err != nil || reply.Result != "success" {
			t.Fatalf("transmission %s: %q, %v", method, reply.Result, err)
		}
		return
	}
	t.Fatalf("transmission %s: refused twice", method)
}
