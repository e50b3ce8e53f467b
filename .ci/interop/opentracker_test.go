package interop

import (
	"encoding/hex"
	"io"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"syscall"
	"testing"
)

// opentracker is a public tracker's software. Debian's build tracks only the
// info hashes of a list.
type opentracker struct {
	*process
	base string // URL without a path
	list string
}

func startOpentracker(t *testing.T, hashes ...string) *opentracker {
	t.Helper()
	port, dir := freePort(t), t.TempDir()
	if err := os.Chmod(dir, 0o755); err != nil { // it reads the list as nobody
		t.Fatal(err)
	}
	list := filepath.Join(dir, "list")
	if err := os.WriteFile(list, []byte(strings.Join(hashes, "\n")+"\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	o := &opentracker{base: "http://127.0.0.1:" + port, list: list}
	o.process = start(t, "opentracker", "-i", "127.0.0.1", "-p", port, "-P", port, "-u", "nobody", "-d", dir, "-w", "list")
	eventually(t, "opentracker answers", patience, func() bool { return answers(o.base + "/stats") })
	return o
}

func (o *opentracker) announceURL() string { return o.base + "/announce" }

// allow adds info hashes to the list and has it read again.
func (o *opentracker) allow(t *testing.T, hashes ...string) {
	t.Helper()
	f, err := os.OpenFile(o.list, os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	_, err = io.WriteString(f, strings.Join(hashes, "\n")+"\n")
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	if err != nil {
		t.Fatal(err)
	}
	if err := o.cmd.Process.Signal(syscall.SIGHUP); err != nil {
		t.Fatal(err)
	}
}

var scraped = regexp.MustCompile(`8:completei(\d+)e.*10:incompletei(\d+)e`)

// scrape returns how many seeders and leechers the tracker counts (BEP 48).
func (o *opentracker) scrape(t *testing.T, infoHash string) (seeders, leechers int) {
	t.Helper()
	raw, err := hex.DecodeString(infoHash)
	if err != nil {
		t.Fatal(err)
	}
	r, err := http.Get(o.base + "/scrape?info_hash=" + url.QueryEscape(string(raw)))
	if err != nil {
		t.Fatal(err)
	}
	defer r.Body.Close()
	b, err := io.ReadAll(r.Body)
	if err != nil {
		t.Fatal(err)
	}
	m := scraped.FindSubmatch(b)
	if m == nil {
		return 0, 0 // nobody has announced it
	}
	seeders, _ = strconv.Atoi(string(m[1]))
	leechers, _ = strconv.Atoi(string(m[2]))
	return seeders, leechers
}
