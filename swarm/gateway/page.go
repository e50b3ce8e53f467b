package gateway

import (
	"bytes"
	"cmp"
	"crypto/sha256"
	_ "embed"
	"encoding/base64"
	"fmt"
	"html/template"
	"net/http"
	"slices"
	"strconv"

	"swarmtop/swarm"
	"swarmtop/swarm/contenttype"
)

//go:embed index.html
var indexHTML string

//go:embed folder.html
var folderHTML string

//go:embed index.css
var indexCSS string

// maxRows is how many assets the index page lists.
const maxRows = 1000

// page is the index: what is served here, for people.
type page struct {
	template *template.Template
	folder   *template.Template
	policy   string // Content-Security-Policy: its own style and its own assets, no script
}

// index is what the page shows.
type index struct {
	Style   template.CSS
	Demo    string // path of the frame
	Count   int
	Hidden  int // assets beyond maxRows
	Widgets []widget
}

type widget struct {
	Name   string
	Assets []row
}

type row struct {
	Name, URL, AssetURL, MetainfoURL string
	Type, Size                       string
	Complete                         bool
}

func newPage() page {
	sum := sha256.Sum256([]byte(indexCSS))
	return page{
		template: template.Must(template.New("index").Parse(indexHTML)),
		folder:   template.Must(template.New("folder").Parse(folderHTML)),
		policy: "default-src 'none'; frame-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; " +
			"style-src 'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'",
	}
}

// serveIndex answers with the list of assets. It is never cached, since it tells
// how they stand now, and other sites may not read it.
func (g *Gateway) serveIndex(w *recorder) {
	w.expect(swarm.InfoHash{}, contenttype.HTML, swarm.FromPage)
	var b bytes.Buffer
	if err := g.page.template.Execute(&b, newIndex(g.assets.Assets(), g.demo)); err != nil {
		g.log(swarm.Error, swarm.Clean(fmt.Sprintf("draw the index page: %v", err), 300))
		w.fail(http.StatusInternalServerError, "the index page cannot be drawn")
		return
	}
	w.response.Verdict = swarm.Fine
	h := w.Header()
	h.Del("Access-Control-Allow-Origin")
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
	h.Set("Content-Security-Policy", g.page.policy)
	h.Set("Content-Type", contenttype.HTML)
	h.Set("Cache-Control", "no-store")
	h.Set("Content-Length", strconv.Itoa(b.Len()))
	w.WriteHeader(http.StatusOK)
	if !w.head {
		w.Write(b.Bytes())
	}
}

// newIndex groups the assets by widget, those without one last.
func newIndex(assets []swarm.Asset, demo string) index {
	assets = slices.Clone(assets)
	slices.SortStableFunc(assets, func(a, b swarm.Asset) int {
		if (a.Widget == "") != (b.Widget == "") {
			return cmp.Compare(b.Widget, a.Widget)
		}
		return cmp.Or(cmp.Compare(a.Widget, b.Widget), cmp.Compare(a.Path, b.Path), bytes.Compare(a.InfoHash[:], b.InfoHash[:]))
	})
	x := index{Style: template.CSS(indexCSS), Demo: escapePath(demo), Count: len(assets)}
	x.Hidden = max(0, len(assets)-maxRows)
	for i, a := range assets[:len(assets)-x.Hidden] {
		if i == 0 || a.Widget != assets[i-1].Widget {
			x.Widgets = append(x.Widgets, widget{Name: swarm.Clean(a.Widget, 80)})
		}
		url := AssetURL(a)
		viaAlias := a.Alias != ""
		if viaAlias {
			url = AliasURL(a)
		}
		w := &x.Widgets[len(x.Widgets)-1]
		w.Assets = append(w.Assets, row{
			Name: swarm.Clean(a.Path, 80), URL: url, AssetURL: AssetURL(a), MetainfoURL: MetainfoURL(a.InfoHash),
			Type: ContentType(a, viaAlias), Size: sizeText(a.Size), Complete: a.Complete,
		})
	}
	return x
}

// sizeText writes a number of bytes for people.
func sizeText(n int64) string {
	const units = "KMGTPE"
	if n < 1024 {
		return fmt.Sprintf("%d B", n)
	}
	v, i := float64(n)/1024, 0
	for v >= 1023.95 && i < len(units)-1 {
		v /= 1024
		i++
	}
	return fmt.Sprintf("%.1f %ciB", v, units[i])
}
