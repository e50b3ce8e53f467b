package gateway

import (
	"bytes"
	"cmp"
	"crypto/sha256"
	"fmt"
	"html/template"
	"net/http"
	"slices"
	"strings"
	"time"

	"swarmtop/swarm"
	"swarmtop/swarm/contenttype"
)

// folder is what the page of a torrent's folder shows. All of it follows from the
// info hash.
type folder struct {
	Style       template.CSS
	Name        string
	Hash        string
	MetainfoURL string
	Rows        []folderRow
	Hidden      int // rows beyond maxRows
}

// folderRow is a file, or a folder of which Name ends in a slash.
type folderRow struct {
	Name, URL, Type, Size string
	bytes                 int64
}

// serveFolder answers with a page that lists a folder of a torrent of several files,
// and tells whether there is one at path, which ends in a slash.
func (g *Gateway) serveFolder(w *recorder, r *http.Request, h swarm.InfoHash, path string) bool {
	f := newFolder(g.assets.Files(h), path)
	if len(f.Rows) == 0 {
		return false
	}
	w.expect(h, contenttype.HTML, swarm.FromPage)
	f.Name, f.Hash, f.MetainfoURL = swarm.Clean(path, 200), h.String(), MetainfoURL(h)
	var b bytes.Buffer
	if err := g.page.folder.Execute(&b, f); err != nil {
		g.log(swarm.Error, swarm.Clean(fmt.Sprintf("draw the page of a folder: %v", err), 300))
		w.fail(http.StatusInternalServerError, "the page of this folder cannot be drawn")
		return true
	}
	w.response.Verdict = swarm.Fine
	sum := sha256.Sum256(b.Bytes())
	header := w.Header()
	header.Set("Content-Security-Policy", g.page.policy)
	header.Set("Content-Type", contenttype.HTML)
	header.Set("Cache-Control", "public, no-cache")
	header.Set("ETag", fmt.Sprintf(`"%x"`, sum[:16]))
	header.Set("Repr-Digest", reprDigest(sum[:]))
	http.ServeContent(w, plainRange(r), "", time.Time{}, bytes.NewReader(b.Bytes()))
	return true
}

// newFolder lists what is directly in the folder, folders first, by name.
func newFolder(files []swarm.Asset, path string) folder {
	rows := map[string]*folderRow{}
	for _, a := range files {
		rest, in := strings.CutPrefix(a.Path, path)
		if !in || rest == "" {
			continue
		}
		name, _, isFolder := strings.Cut(rest, "/")
		if isFolder {
			name += "/"
		}
		row := rows[name]
		if row == nil {
			a.Path = path + name
			row = &folderRow{Name: swarm.Clean(name, 200), URL: AssetURL(a), Type: "folder"}
			if !isFolder {
				row.Type = ContentType(a, false)
			}
			rows[name] = row
		}
		row.bytes += a.Size
	}
	f := folder{Style: template.CSS(indexCSS)}
	for _, row := range rows {
		row.Size = sizeText(row.bytes)
		f.Rows = append(f.Rows, *row)
	}
	slices.SortFunc(f.Rows, func(a, b folderRow) int {
		if aIs, bIs := strings.HasSuffix(a.URL, "/"), strings.HasSuffix(b.URL, "/"); aIs != bIs {
			if aIs {
				return -1
			}
			return 1
		}
		return cmp.Compare(a.URL, b.URL)
	})
	if len(f.Rows) > maxRows {
		f.Rows, f.Hidden = f.Rows[:maxRows], len(f.Rows)-maxRows
	}
	return f
}
