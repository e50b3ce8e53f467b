package interop

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"net/http"
	"path/filepath"
	"strconv"
	"testing"
)

// aria2 is a BitTorrent client that downloads, and is asked how it fares.
type aria2 struct {
	*process
	rpc string // URL
	dir string // where its files appear
}

func startAria2(t *testing.T) *aria2 {
	t.Helper()
	port := freePort(t)
	a := &aria2{rpc: "http://127.0.0.1:" + port + "/jsonrpc", dir: t.TempDir()}
	a.process = start(t, "aria2c", "--no-conf", "--enable-rpc", "--rpc-listen-port="+port, "--listen-port="+freePort(t),
		"--dir="+a.dir, "--enable-dht=false", "--enable-dht6=false", "--bt-enable-lpd=false", "--enable-peer-exchange=false",
		"--disable-ipv6", "--file-allocation=none", "--bt-tracker-interval=2", "--seed-time=0", "--console-log-level=notice")
	eventually(t, "aria2 answers", patience, func() bool { return answers(a.rpc) })
	return a
}

// download is one torrent of an aria2.
type download struct {
	a   *aria2
	gid string
}

// add begins to download a torrent, with options beyond those of the program.
func (a *aria2) add(t *testing.T, metainfo []byte, options map[string]string) download {
	t.Helper()
	if options == nil {
		options = map[string]string{} // aria2 takes no null
	}
	var gid string
	a.call(t, "aria2.addTorrent", []any{base64.StdEncoding.EncodeToString(metainfo), []string{}, options}, &gid)
	return download{a, gid}
}

// progress is what aria2 says of a download, in bytes.
type progress struct {
	status      string
	done, total int64
}

func (d download) progress(t *testing.T) progress {
	t.Helper()
	var s struct{ Status, CompletedLength, TotalLength string }
	d.a.call(t, "aria2.tellStatus", []any{d.gid}, &s)
	number := func(s string) int64 { n, _ := strconv.ParseInt(s, 10, 64); return n }
	return progress{s.Status, number(s.CompletedLength), number(s.TotalLength)}
}

// chokingSeeders counts the connected peers that have everything and send nothing.
func (d download) chokingSeeders(t *testing.T) int {
	t.Helper()
	var peers []struct{ Seeder, PeerChoking string }
	d.a.call(t, "aria2.getPeers", []any{d.gid}, &peers)
	n := 0
	for _, p := range peers {
		if p.Seeder == "true" && p.PeerChoking == "true" {
			n++
		}
	}
	return n
}

// finish waits until everything is there.
func (d download) finish(t *testing.T) {
	t.Helper()
	eventually(t, "aria2 completes", patience, func() bool { return d.progress(t).status == "complete" })
}

func (a *aria2) path(name string) string { return filepath.Join(a.dir, filepath.FromSlash(name)) }

func (a *aria2) call(t *testing.T, method string, params []any, answer any) {
	t.Helper()
	body, err := json.Marshal(map[string]any{"jsonrpc": "2.0", "id": "1", "method": method, "params": params})
	if err != nil {
		t.Fatal(err)
	}
	r, err := http.Post(a.rpc, "application/json", bytes.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	defer r.Body.Close()
	reply := struct {
		Result any
		Error  *struct{ Message string }
	}{Result: answer}
	if err := json.NewDecoder(r.Body).Decode(&reply); err != nil {
		t.Fatalf("%s: %v", method, err)
	}
	if reply.Error != nil {
		t.Fatalf("%s: %s", method, reply.Error.Message)
	}
}
