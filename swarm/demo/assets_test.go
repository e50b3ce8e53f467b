package demo_test

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"errors"
	"image/png"
	"io"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/pelletier/go-toml/v2"

	"swarmtop/swarm/demo"
)

type manifest struct {
	Asset []struct {
		Name        string `toml:"name"`
		Widget      string `toml:"widget"`
		Source      string `toml:"source"`
		Path        string `toml:"path"`
		PieceLength int    `toml:"piece_length"`
	} `toml:"asset"`
}

// written writes the demo's assets and returns the manifest and the bytes by file name.
func written(t *testing.T) (manifest, map[string][]byte) {
	t.Helper()
	file, err := demo.Write(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	b, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var m manifest
	if err := toml.NewDecoder(bytes.NewReader(b)).DisallowUnknownFields().Decode(&m); err != nil {
		t.Fatalf("manifest: %v", err)
	}
	files := map[string][]byte{}
	for _, a := range m.Asset {
		b, err := os.ReadFile(filepath.Join(filepath.Dir(file), filepath.FromSlash(a.Source)))
		if err != nil {
			t.Fatal(err)
		}
		files[a.Name] = b
	}
	return m, files
}

func TestManifestNamesEachAssetOnce(t *testing.T) {
	m, files := written(t)
	if len(files) != len(m.Asset) || len(files) < 8 {
		t.Fatalf("%d assets have %d names", len(m.Asset), len(files))
	}
	widgets := map[string]int{}
	for _, a := range m.Asset {
		widgets[a.Widget]++
		if a.Path != "/widgets/"+a.Name || a.Name != path.Base(a.Source) || a.PieceLength != 16<<10 {
			t.Errorf("%+v is not as the others", a)
		}
	}
	if widgets["share-button"] != 6 || widgets["reactions"] != 3 {
		t.Errorf("widgets are %v", widgets)
	}
}

func TestAssetsAreWhatTheirNamesSay(t *testing.T) {
	_, files := written(t)
	for name, b := range files {
		var err error
		switch path.Ext(name) {
		case ".png":
			_, err = png.Decode(bytes.NewReader(b))
		case ".json":
			var settings struct {
				Labels map[string]map[string]string `json:"labels"`
			}
			err = json.Unmarshal(b, &settings)
			for language, words := range settings.Labels {
				if len(words) != len(settings.Labels["en"]) {
					t.Errorf("%s: %s has %d labels, English %d", name, language, len(words), len(settings.Labels["en"]))
				}
			}
		case ".svg":
			err = parseXML(b, "svg")
		case ".html":
			if !bytes.HasPrefix(b, []byte("<!doctype html>")) {
				err = errors.New("no doctype")
			}
		case ".js", ".css":
			if n := strings.Count(string(b), "{") - strings.Count(string(b), "}"); n != 0 {
				t.Errorf("%s: %d braces are not closed", name, n)
			}
		default:
			t.Errorf("%s: no test for this type", name)
		}
		if err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func parseXML(b []byte, root string) error {
	d := xml.NewDecoder(bytes.NewReader(b))
	found := ""
	for {
		token, err := d.Token()
		switch e := token.(type) {
		case xml.StartElement:
			if found == "" {
				found = e.Name.Local
			}
		}
		if err == io.EOF && found == root {
			return nil
		}
		if err != nil {
			return err
		}
	}
}

// TestPagesNeedOnlyTheirNeighbours: all is served from one folder, by relative references.
func TestPagesNeedOnlyTheirNeighbours(t *testing.T) {
	_, files := written(t)
	reference := regexp.MustCompile(`(?:\bsrc=|\bhref=|url\(|fetch\()"([^"]+)"`)
	used := map[string]bool{}
	for name, b := range files {
		// What stands in a comment is for whoever embeds the page.
		b = regexp.MustCompile(`(?s)<!--.*?-->`).ReplaceAll(b, nil)
		for _, m := range reference.FindAllSubmatch(b, -1) {
			to := string(m[1])
			if strings.HasPrefix(to, "#") {
				continue
			}
			file, relative := strings.CutPrefix(to, "./")
			if _, ok := files[file]; !ok || !relative {
				t.Errorf("%s refers to %q", name, to)
			}
			used[file] = true
		}
	}
	for name := range files {
		if path.Ext(name) != ".html" && !used[name] {
			t.Errorf("nothing refers to %s", name)
		}
	}
}

func TestScriptsFindTheirElements(t *testing.T) {
	_, files := written(t)
	for _, page := range []string{"share-button", "reactions"} {
		html := string(files[page+".html"])
		for _, m := range regexp.MustCompile(`(?:\$|getElementById)\("([\w-]+)"\)`).FindAllSubmatch(files[page+".js"], -1) {
			if !strings.Contains(html, `id="`+string(m[1])+`"`) {
				t.Errorf("%s.js looks for %q, which the page lacks", page, m[1])
			}
		}
	}
}
