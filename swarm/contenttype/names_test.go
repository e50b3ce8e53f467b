package contenttype_test

import (
	"mime"
	"strings"
	"testing"

	"swarmtop/swarm/contenttype"
)

func TestNamesHaveTheirPinnedType(t *testing.T) {
	for name, want := range map[string]string{
		"button.html":              "text/html; charset=utf-8",
		"BUTTON.HTML":              "text/html; charset=utf-8",
		"w/share-button.js":        "text/javascript; charset=utf-8",
		"w/share-button.min.mjs":   "text/javascript; charset=utf-8",
		"w/share-button.css":       "text/css; charset=utf-8",
		"share-icon.svg":           "image/svg+xml",
		"share-badge.png":          "image/png",
		"share-config.json":        "application/json",
		"bundle.js.map":            "application/json",
		"bundle.js.gz":             "application/gzip",
		"font.woff2":               "font/woff2",
		"favicon.ico":              "image/vnd.microsoft.icon",
		"button.html.torrent":      "application/x-bittorrent",
		"README.md":                "text/markdown; charset=utf-8",
		"feed.xml":                 "application/xml",
		"module.wasm":              "application/wasm",
		"no extension":             "application/octet-stream",
		"":                         "application/octet-stream",
		".":                        "application/octet-stream",
		"dir.html/file":            "application/octet-stream",
		"what.is-this":             "application/octet-stream",
		"a b#c?d.html":             "text/html; charset=utf-8",
		"x.html ":                  "application/octet-stream",
		"snow\u2603.txt":           "text/plain; charset=utf-8",
		strings.Repeat("x.", 4096): "application/octet-stream",
	} {
		if got := contenttype.ByName(name); got != want {
			t.Errorf("ByName(%.40q) = %s, want %s", name, got, want)
		}
	}
}

func TestConstantsAreWhatTheTableSays(t *testing.T) {
	for name, want := range map[string]string{
		"x.html": contenttype.HTML, "x.txt": contenttype.Plain, "x.torrent": contenttype.Torrent, "x": contenttype.Unknown,
	} {
		if got := contenttype.ByName(name); got != want {
			t.Errorf("ByName(%q) = %q, want %q", name, got, want)
		}
		if _, _, err := mime.ParseMediaType(want); err != nil {
			t.Errorf("%q: %v", want, err)
		}
	}
}
