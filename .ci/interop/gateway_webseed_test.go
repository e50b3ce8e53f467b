package interop

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/anacrolix/torrent/metainfo"
)

// published is a swarmtop that gives its assets over HTTP alone.
type published struct {
	*headless
	gateway string
	now     snapshot
}

// publishOverHTTP publishes a folder with seeding off.
func publishOverHTTP(t *testing.T, folder string, args ...string) published {
	t.Helper()
	address := "127.0.0.1:" + freePort(t)
	files, err := os.ReadDir(folder)
	if err != nil {
		t.Fatal(err)
	}
	p := published{gateway: "http://" + address}
	p.headless = startHeadless(t, append(args, "--no-seed", "--listen", address, "--public-url", p.gateway, folder)...)
	p.now = p.until(t, "the folder is published", func(s snapshot) bool {
		complete := 0
		for _, w := range s.Swarms {
			if w.State == "complete" {
				complete++
			}
		}
		return complete == len(files)
	})
	return p
}

// seededByURLAlone is the metainfo from the gateway without its trackers, so that the
// gateway is all that a client knows of.
func (p published) seededByURLAlone(t *testing.T, infoHash string) []byte {
	t.Helper()
	m, err := metainfo.Load(bytes.NewReader(curl(t, p.gateway+"/t/"+infoHash+".torrent").body))
	if err != nil {
		t.Fatal(err)
	}
	if want := p.gateway + "/w/" + infoHash + "/"; len(m.UrlList) != 1 || m.UrlList[0] != want {
		t.Fatalf("web seeds %q, want %s", m.UrlList, want)
	}
	m.Announce, m.AnnounceList = "", nil
	var b bytes.Buffer
	if err := m.Write(&b); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// TestDownloadersNeedTheGatewayAlone has aria2 and transmission complete assets whose
// only web seed (BEP 19) is the gateway, and no peer.
func TestDownloadersNeedTheGatewayAlone(t *testing.T) {
	folder := assets.path("button")
	p := publishOverHTTP(t, folder)
	a := startAria2(t)
	d := startTransmission(t, 1000)
	into := t.TempDir()
	for _, w := range p.now.Swarms {
		b := p.seededByURLAlone(t, w.InfoHash)
		a.add(t, b, nil).finish(t)
		sameFile(t, a.path(w.Name), readFile(t, filepath.Join(folder, w.Name)))

		file := filepath.Join(t.TempDir(), "x.torrent")
		if err := os.WriteFile(file, b, 0o644); err != nil {
			t.Fatal(err)
		}
		d.call(t, "torrent-add", map[string]any{"filename": file, "download-dir": into}, nil)
		eventually(t, "transmission completes "+w.Name, patience, func() bool {
			var list struct {
				Torrents []struct{ PercentDone float64 }
			}
			d.call(t, "torrent-get", map[string]any{"ids": []string{w.InfoHash}, "fields": []string{"percentDone"}}, &list)
			return len(list.Torrents) == 1 && list.Torrents[0].PercentDone == 1
		})
		sameFile(t, filepath.Join(into, w.Name), readFile(t, filepath.Join(folder, w.Name)))
	}
	p.until(t, "a snapshot after all that", func(s snapshot) bool {
		for _, w := range s.Swarms {
			if w.Uploaded != 0 {
				t.Errorf("%s: %d bytes went to peers", w.Name, w.Uploaded)
			}
		}
		return true
	})
}

// TestColdAssetWithAWebSeedAnswersAtOnce joins a swarm that has no tracker and no
// peer, only an nginx that has the file.
func TestColdAssetWithAWebSeedAnswersAtOnce(t *testing.T) {
	const name = "bootstrap-icons.svg"
	origin := startNginx(t, assets.dir)
	m := makeTorrent(t, assets, name, "http://127.0.0.1:1/announce")
	dir := t.TempDir()
	manifest := fmt.Sprintf("[[asset]]\nsource = %q\npath = \"/icons.svg\"\nweb_seeds = [%q]\n", m.file, origin+"/")
	file := filepath.Join(dir, "manifest.toml")
	if err := os.WriteFile(file, []byte(manifest), 0o644); err != nil {
		t.Fatal(err)
	}
	log := filepath.Join(dir, "access.log")
	address := "127.0.0.1:" + freePort(t)
	gateway := "http://" + address
	h := startHeadless(t, "--listen", address, "--access-log", log, file)
	eventually(t, "the gateway answers", patience, func() bool { return answers(gateway) })
	began := time.Now()
	var got answer
	eventually(t, "the asset is there", patience, func() bool {
		got = curl(t, gateway+"/icons.svg", "--range", "0-99", "--max-time", "30")
		return got.status != http.StatusNotFound
	})
	t.Logf("100 bytes after %v", time.Since(began))
	want := assets.bytes(t, name)
	if got.status != http.StatusPartialContent || !bytes.Equal(got.body, want[:100]) {
		t.Fatalf("status %d, %d bytes", got.status, len(got.body))
	}
	whole := curl(t, gateway+"/w/"+m.infoHash+"/"+name)
	if whole.status != http.StatusOK || !bytes.Equal(whole.body, want) {
		t.Fatalf("status %d, %d bytes", whole.status, len(whole.body))
	}
	h.stop()
	var first struct {
		Origin, Type, Verdict string
		Status                int
		Range                 string
		FirstByte             *float64 `json:"first_byte_ms"`
	}
	var line string
	for line = range strings.Lines(string(readFile(t, log))) {
		if err := json.Unmarshal([]byte(line), &first); err != nil {
			t.Fatalf("%v: %s", err, line)
		}
		if first.Status == http.StatusPartialContent {
			break
		}
	}
	t.Log(line)
	// The torrent client may have asked the web seed by itself before.
	if first.Origin != "web seed" && first.Origin != "blob" || first.Type != "image/svg+xml" || first.Verdict != "fine" || first.Range != "bytes=0-99" || first.FirstByte == nil {
		t.Errorf("the access log says %s", line)
	}
}
