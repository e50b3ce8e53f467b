package interop

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"io"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"strings"
	"testing"

	"github.com/anacrolix/torrent/metainfo"
)

// The public packages whose files are the assets of these tests.
const (
	boilerplate = "html5-boilerplate@9.0.1"
	htmx        = "htmx.org@2.0.4"
	icons       = "bootstrap-icons@1.11.3"
)

// library holds the wanted files of the packages: HTML, CSS, a script, SVG, a
// PNG, a font.
type library struct{ dir string }

// wanted tells which file of a package becomes which asset.
var wanted = map[string]map[string]string{
	boilerplate: {
		"package/dist/index.html":    "page/index.html",
		"package/dist/css/style.css": "page/css/style.css",
		"package/dist/icon.svg":      "page/icon.svg",
		"package/dist/icon.png":      "page/icon.png",
	},
	htmx: {"package/dist/htmx.min.js": "htmx.min.js"},
	icons: {
		"package/font/fonts/bootstrap-icons.woff2": "bootstrap-icons.woff2",
		"package/bootstrap-icons.svg":              "bootstrap-icons.svg",
		"package/icons/share-fill.svg":             "button/share-fill.svg",
		"package/font/bootstrap-icons.min.css":     "button/bootstrap-icons.min.css",
	},
}

// fetchAssets asks the package registry for the packages and unpacks what is wanted.
func fetchAssets(dir string) (library, error) {
	for pkg, files := range wanted {
		into, err := os.MkdirTemp(dir, "pack")
		if err != nil {
			return library{}, err
		}
		cmd := exec.Command("npm", "pack", "--silent", "--cache", filepath.Join(dir, "cache"), pkg)
		cmd.Dir = into
		cmd.Stderr = os.Stderr
		out, err := cmd.Output()
		if err != nil {
			return library{}, err
		}
		lines := strings.Fields(string(out))
		if err := unpack(filepath.Join(into, lines[len(lines)-1]), filepath.Join(dir, "assets"), files); err != nil {
			return library{}, err
		}
	}
	return library{filepath.Join(dir, "assets")}, nil
}

func unpack(archive, dir string, files map[string]string) error {
	b, err := os.ReadFile(archive)
	if err != nil {
		return err
	}
	z, err := gzip.NewReader(bytes.NewReader(b))
	if err != nil {
		return err
	}
	left := len(files)
	for r := tar.NewReader(z); left > 0; {
		h, err := r.Next()
		if err != nil {
			return err // io.EOF, too: a wanted file is missing
		}
		to, ok := files[path.Clean(h.Name)]
		if !ok {
			continue
		}
		body, err := io.ReadAll(r)
		if err != nil {
			return err
		}
		to = filepath.Join(dir, filepath.FromSlash(to))
		if err := os.MkdirAll(filepath.Dir(to), 0o755); err != nil {
			return err
		}
		if err := os.WriteFile(to, body, 0o644); err != nil {
			return err
		}
		left--
	}
	return nil
}

func (l library) path(name string) string { return filepath.Join(l.dir, filepath.FromSlash(name)) }

func (l library) bytes(t *testing.T, name string) []byte {
	t.Helper()
	return readFile(t, l.path(name))
}

// torrent is a metainfo file that another program made.
type torrent struct {
	name     string // of the asset
	file     string
	infoHash string
}

// makeTorrent has transmission-create describe an asset, in pieces of 16 KiB.
func makeTorrent(t *testing.T, l library, name, announce string) torrent {
	t.Helper()
	file := filepath.Join(t.TempDir(), path.Base(name)+".torrent")
	out, err := exec.Command("transmission-create", "-s", "16", "-t", announce, "-o", file, l.path(name)).CombinedOutput()
	if err != nil {
		t.Fatalf("transmission-create: %v\n%s", err, out)
	}
	m, err := metainfo.LoadFromFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return torrent{name, file, m.HashInfoBytes().HexString()}
}

func (m torrent) magnet(announce string) string {
	return "magnet:?xt=urn:btih:" + m.infoHash + "&tr=" + announce
}
