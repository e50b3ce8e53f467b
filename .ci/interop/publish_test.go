package interop

import (
	"net/http"
	"path"
	"strings"
	"testing"
)

// TestSeedsWhatItPublishes publishes a folder at the embedded tracker. aria2 takes
// the metainfo from the gateway, and every byte from swarmtop alone.
func TestSeedsWhatItPublishes(t *testing.T) {
	h := startHeadless(t, assets.path("button"))
	now := h.until(t, "both files are published and announced", func(s snapshot) bool {
		announced := 0
		for _, w := range s.Swarms {
			if w.State == "complete" && w.Seeding && countsSeeders(w, s.Tracker, 1) {
				announced++
			}
		}
		return announced == 2
	})

	a := startAria2(t)
	slow := map[string]string{"max-download-limit": "30K"} // to be seen
	var downloads []download
	for _, w := range now.Swarms {
		metainfo := curl(t, now.Gateway+"/t/"+w.InfoHash+".torrent")
		if got := metainfo.header.Get("Content-Type"); metainfo.status != http.StatusOK || got != "application/x-bittorrent" {
			t.Fatalf("metainfo of %s: status %d, %q", w.Name, metainfo.status, got)
		}
		downloads = append(downloads, a.add(t, metainfo.body, slow))
	}
	h.until(t, "aria2 is seen by its name", func(s snapshot) bool {
		for _, w := range s.Swarms {
			for _, p := range w.Peers {
				if p.Client != nil && strings.HasPrefix(*p.Client, "aria2") {
					return true
				}
			}
		}
		return false
	})
	for _, d := range downloads {
		d.finish(t)
	}
	for _, name := range []string{"share-fill.svg", "bootstrap-icons.min.css"} {
		sameFile(t, a.path(name), assets.bytes(t, path.Join("button", name)))
	}
	h.until(t, "the uploaded bytes are counted", func(s snapshot) bool {
		for _, w := range s.Swarms {
			if w.Size == nil || w.Uploaded < *w.Size {
				return false
			}
		}
		return true
	})
	h.quit(t)
}
