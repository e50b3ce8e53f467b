package catalog_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"swarmtop/swarm"
	"swarmtop/swarm/admit"
	"swarmtop/swarm/catalog"
)

func manifest(t *testing.T, text string) ([]catalog.Entry, []error) {
	t.Helper()
	dir := t.TempDir()
	write(t, filepath.Join(dir, "a.css"), "*{}")
	write(t, filepath.Join(dir, "b.css"), "p{}")
	write(t, filepath.Join(dir, "both", "a.js"), "1")
	write(t, filepath.Join(dir, "both", "b.js"), "2")
	t.Chdir(dir)
	return catalog.New(catalog.Config{}).Manifest(t.Context(), write(t, "m.toml", text))
}

func TestSampleManifest(t *testing.T) {
	got, errs := catalog.New(catalog.Config{}).Manifest(t.Context(), "testdata/manifest.toml")
	if len(errs) != 0 || len(got) != 4 {
		t.Fatalf("%d entries, %v", len(got), errs)
	}
	e := got[0]
	if e.Name != "share button" || e.Widget != "share" || e.ContentType != "text/html; charset=utf-8" || e.Alias != "/widgets/button.html" ||
		fmt.Sprint(e.URLs) != "[https://platform.example/widgets/button.html]" ||
		fmt.Sprint(e.Trackers) != "[[udp://one.example:6969 https://one.example/announce] [http://127.0.0.1:6969/announce]]" ||
		fmt.Sprint(e.WebSeeds) != "[https://cdn.example/widgets/button.html]" || !e.Seed.Or(false) ||
		e.Torrent.PieceLength != 32768 || filepath.Base(e.LocalFile) != "button.html" {
		t.Errorf("first entry %+v", e)
	}
	for _, u := range []string{"udp://one.example:6969", "https://cdn.example/widgets/button.html"} {
		if e.Trust(u) != admit.Typed {
			t.Errorf("%s is %v, want typed", u, e.Trust(u))
		}
	}
	if e := got[1]; e.Name != "button.js" || e.Seed.IsKnown() || e.Torrent.PieceLength != 16384 {
		t.Errorf("second entry %+v", e)
	}
	if e := got[2]; e.Name != "icon.svg" || e.Widget != "img" || e.Seed.Or(true) {
		t.Errorf("third entry %+v", e)
	}
	if e := got[3]; e.Torrent != nil || e.InfoHash.String() != hex || e.Name != "their button" {
		t.Errorf("fourth entry %+v", e)
	}
}

func TestManifestLaysItsTrackersBeforeThoseOfTheTorrent(t *testing.T) {
	got, errs := manifest(t, `[[asset]]
source = "magnet:?xt=urn:btih:`+hex+`&tr=udp://b.example:1&tr=udp://a.example:1"
trackers = ["udp://a.example:1", "UDP://A.example:1"]
`)
	if len(errs) != 0 || len(got) != 1 {
		t.Fatal(errs)
	}
	e := got[0]
	if fmt.Sprint(e.Trackers) != "[[udp://a.example:1] [udp://b.example:1]]" || e.Trust("udp://a.example:1") != admit.Typed || e.Trust("udp://b.example:1") != admit.Given {
		t.Errorf("trackers %v", e.Trackers)
	}
}

func TestManifestErrorsNameFileLineAndKeyAndTheOthersGoOn(t *testing.T) {
	asset := func(lines string) string { return "[[asset]]\nsource = \"a.css\"\n" + lines + "\n" }
	for _, c := range []struct{ name, text, want string }{
		{"unknown key", asset(`cotent_type = "text/css"`), "m.toml:3: cotent_type: unknown key; an asset has"},
		{"unknown key at the top", "\nport = 1\n", "m.toml:2: port: unknown key"},
		{"unknown table", asset("\n[gateway]\nport = 1"), "m.toml:4: gateway: unknown key"},
		{"unknown table in an asset", asset("[asset.more]\nx = 1"), "m.toml:3: more: unknown key"},
		{"unknown dotted key", asset("more.x = 1"), "m.toml:3: more: unknown key"},
		{"one bracket", "[asset]\nsource = \"a.css\"\n", "m.toml:1: asset: want [[asset]]"},
		{"list of strings", "asset = [\"a.css\"]\n", "m.toml:1: asset: want a table"},
		{"in one line", "\nasset = [{source = \"a.css\", sed = true}]\n", "m.toml:2: sed: unknown key"},
		{"not TOML", asset("path ="), "m.toml:3: "},
		{"key twice", asset(`source = "b.css"`), "m.toml:3: "},
		{"no source", "[[asset]]\nname = \"x\"\n", "m.toml:1: source: missing"},
		{"empty source", "[[asset]]\nsource = \"\"\n", "m.toml:2: source: empty"},
		{"source of another type", "[[asset]]\nsource = 1\n", "m.toml:2: source: want a string, not a number"},
		{"no such file", "[[asset]]\nname = \"x\"\nsource = \"gone.css\"\n", "m.toml:3: source: gone.css: no such file"},
		{"manifest in a manifest", "[[asset]]\nsource = \"m.toml\"\n", "m.toml:2: source: a manifest cannot name another"},
		{"same source twice", asset("") + asset(""), "m.toml:5: source: the same swarm as in line 2"},
		{"content type", asset(`content_type = "html"`), `m.toml:3: content_type: "html" is not of the form type/subtype`},
		{"content type with bad parameters", asset(`content_type = "text/html; =x"`), "m.toml:3: content_type: "},
		{"path without a slash", asset(`path = "x"`), "m.toml:3: path: does not begin with /"},
		{"path with a query", asset(`path = "/x?torrent"`), "m.toml:3: path: "},
		{"path with a fragment", asset(`path = "/x#y"`), "m.toml:3: path: "},
		{"path that is not clean", asset(`path = "/a/../b"`), `m.toml:3: path: "/a/../b" is not clean; write "/b"`},
		{"path with a slash at the end", asset(`path = "/a/"`), "not clean"},
		{"path of the index", asset(`path = "/"`), "m.toml:3: path: \"/\" is the index page"},
		{"path of hashes", asset(`path = "/w/x"`), "reserved"},
		{"path of metainfo", asset(`path = "/t/x"`), "reserved"},
		{"path twice", asset(`path = "/x"`) + "[[asset]]\nsource = \"b.css\"\npath = \"/x\"\n", `m.toml:6: path: "/x" is the path of the asset in line 3 too`},
		{"urls not a list", asset(`urls = "http://x/"`), "m.toml:3: urls: want a list of URLs, not a string"},
		{"url of another scheme", asset(`urls = ["ftp://x/"]`), "m.toml:3: urls: URL \"ftp://x/\": scheme"},
		{"url of another type", asset(`urls = [1979-05-27]`), "m.toml:3: urls: want a string, not a date or time"},
		{"web seed over UDP", asset(`web_seeds = ["udp://x:1"]`), "m.toml:3: web_seeds: "},
		{"tracker over WebSocket", asset("trackers = [\n  \"ws://x/\"]"), "m.toml:3: trackers: tracker \"ws://x/\": WebSocket"},
		{"tracker tier too deep", asset(`trackers = [[["udp://x:1"]]]`), "m.toml:3: trackers: want a string, not a list"},
		{"link-local tracker", asset(`trackers = ["http://169.254.169.254/announce"]`), "link-local"},
		{"seed of another type", asset(`seed = "yes"`), "m.toml:3: seed: want true or false, not a string"},
		{"trusted of another type", asset(`trusted = 1`), "m.toml:3: trusted: want true or false, not a number"},
		{"piece length", asset(`piece_length = 20000`), "m.toml:3: piece_length: 20000 is not a power of two"},
		{"piece length of another type", asset(`piece_length = 0.5`), "m.toml:3: piece_length: want a number of bytes"},
		{"piece length of what is not published", "[[asset]]\nsource = \"" + hex + "\"\npiece_length = 16384\n", "m.toml:2: source: piece_length is for what is published"},
		{"path for a folder", "[[asset]]\nsource = \"both\"\npath = \"/x\"\n", "m.toml:2: source: a folder of 2 files, but path can be true of one file only"},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, errs := manifest(t, c.text)
			if len(errs) != 1 || !strings.Contains(errs[0].Error(), c.want) || strings.Contains(errs[0].Error(), "\n") {
				t.Errorf("errors %v, want one with %q", errs, c.want)
			}
		})
	}
	got, errs := manifest(t, asset("sed = 1")+"[[asset]]\nsource = \"gone\"\n[[asset]]\nsource = \"both\"\nwidget = \"w\"\n[[asset]]\nsource = \"b.css\"\n")
	if len(errs) != 2 || len(got) != 3 {
		t.Errorf("%d good assets, want 3; errors %v", len(got), errs)
	}
}

func TestOnlyTheManifestCallsAnAssetTrusted(t *testing.T) {
	got, errs := manifest(t, "[[asset]]\nsource = \"a.css\"\ntrusted = true\n[[asset]]\nsource = \"b.css\"\n")
	if len(errs) != 0 || len(got) != 2 || got[0].Trusted != swarm.Known(true) || got[1].Trusted != swarm.Known(false) {
		t.Errorf("%+v, %v", got, errs)
	}
	plain, err := catalog.New(catalog.Config{}).Resolve(t.Context(), "a.css")
	if err != nil || len(plain) != 1 || plain[0].Trusted.IsKnown() {
		t.Errorf("%+v, %v", plain, err)
	}
}

func TestManifestAsASourceGivesItsGoodAssetsWithTheErrors(t *testing.T) {
	manifest(t, "[[asset]]\nsource = \"a.css\"\n[[asset]]\nsource = \"gone\"\n")
	got, err := catalog.New(catalog.Config{}).Resolve(t.Context(), "m.toml")
	if len(got) != 1 || err == nil || !strings.Contains(err.Error(), "gone: no such file") {
		t.Errorf("%d entries, %v", len(got), err)
	}
}

func FuzzManifest(f *testing.F) {
	sample, err := os.ReadFile("testdata/manifest.toml")
	if err != nil {
		f.Fatal(err)
	}
	f.Add(string(sample))
	f.Fuzz(func(t *testing.T, text string) {
		assets, errs := catalog.Parse("m.toml", []byte(text))
		for _, err := range errs {
			if !strings.HasPrefix(err.Error(), "m.toml:") || strings.HasPrefix(err.Error(), "m.toml:0:") || strings.Contains(err.Error(), "\n") {
				t.Errorf("error %q does not name its line", err)
			}
		}
		if assets > strings.Count(text, "source") {
			t.Errorf("%d assets in %q", assets, text)
		}
	})
}
