package session_test

import (
	"slices"
	"testing"

	"swarmtop/swarm"
	"swarmtop/swarm/session"
)

const siteManifest = "/site/assets.toml"

func TestWhatAManifestNamesNoMoreRestsUntilSomebodyWakesIt(t *testing.T) {
	dir := t.TempDir()
	path, bytes, meta := asset(t, "button.js", 40_000, 16<<10)
	other, _, otherMeta := asset(t, "other.js", 20_000, 16<<10)
	spec := session.Spec{
		Torrent: &meta, InfoHash: meta.InfoHash, Publish: path, Manifest: siteManifest, Widget: "share",
		Alias: "/button.js", URLs: swarm.Known([]string{"https://cdn.example/button.js"}),
	}
	h := meta.InfoHash
	awake := func(t *testing.T, f *fixture, want bool) {
		t.Helper()
		s := f.sampled(t, h, "its switch", func(s *swarm.Swarm) bool { return s.State == swarm.Complete && s.Seeding == want })
		if s.Resting == want {
			t.Errorf("seeding %v, at rest %v", s.Seeding, s.Resting)
		}
		if active, _ := f.trackers.is(h); active != want {
			t.Errorf("seeding %v, but the trackers are told %v", want, active)
		}
	}
	t.Run("it rests", func(t *testing.T) {
		f := start(t, dir, nil)
		for _, s := range []session.Spec{spec, {Torrent: &otherMeta, InfoHash: otherMeta.InfoHash, Publish: other}} {
			if _, err := f.Add(s); err != nil {
				t.Fatal(err)
			}
		}
		awake(t, f, true)
		if names := f.PutToRest("/another.toml", nil); names != nil {
			t.Errorf("another manifest puts %q to rest", names)
		}
		if names := f.PutToRest(siteManifest, []swarm.InfoHash{h}); names != nil {
			t.Errorf("%q are named, and put to rest", names)
		}
		if names := f.PutToRest(siteManifest, nil); !slices.Equal(names, []string{"button.js"}) {
			t.Errorf("put to rest: %q", names)
		}
		awake(t, f, false)
		if _, ok := f.AssetAt("/button.js"); ok || len(f.Publications()) > 0 {
			t.Errorf("it has a path %v, and the URLs %v", ok, f.Publications())
		}
		if a, ok := f.Asset(h, "button.js"); !ok || a.Widget != "" {
			t.Errorf("its asset is %+v, %v", a, ok)
		} else if got := read(t, f, h, a.Path); !slices.Equal(got, bytes) {
			t.Errorf("%d bytes, want %d", len(got), len(bytes))
		}
	})
	t.Run("a restart does not wake it, its manifest does", func(t *testing.T) {
		f := start(t, dir, nil)
		awake(t, f, false)
		if _, err := f.Add(spec); err != nil {
			t.Fatal(err)
		}
		awake(t, f, true)
		if _, ok := f.AssetAt("/button.js"); !ok || len(f.Publications()) != 1 {
			t.Errorf("it has a path %v, and the URLs %v", ok, f.Publications())
		}
	})
	t.Run("the switch does too, and is kept", func(t *testing.T) {
		f := start(t, dir, nil)
		f.PutToRest(siteManifest, nil)
		awake(t, f, false)
		if err := f.SetSeeding([]swarm.InfoHash{h}, true); err != nil {
			t.Fatal(err)
		}
		awake(t, f, true)
		if err := f.SetSeeding([]swarm.InfoHash{h}, false); err != nil {
			t.Fatal(err)
		}
		if names := f.PutToRest(siteManifest, nil); names != nil {
			t.Errorf("%q rest again, though no manifest has named them since", names)
		}
	})
}

// TestAManifestDecidesTypeWidgetAndPath holds that what it takes away is gone.
func TestAManifestDecidesTypeWidgetAndPath(t *testing.T) {
	f := start(t, t.TempDir(), nil)
	path, _, meta := asset(t, "button.js", 40_000, 16<<10)
	full := session.Spec{Torrent: &meta, InfoHash: meta.InfoHash, Publish: path, Manifest: siteManifest,
		Widget: "share", Alias: "/button.js", ContentType: "text/x-js", Typed: []string{"http://t.example/announce"}}
	bare := session.Spec{Torrent: &meta, InfoHash: meta.InfoHash, Publish: path, Manifest: siteManifest}
	for i, spec := range []session.Spec{full, bare, full} {
		if _, err := f.Add(spec); err != nil {
			t.Fatal(err)
		}
		a, _ := f.Asset(meta.InfoHash, "button.js")
		if a.Widget != spec.Widget || a.ContentType != spec.ContentType || a.Alias != spec.Alias {
			t.Errorf("reading %d: %+v, want %+v", i, a, spec)
		}
		if _, ok := f.AssetAt("/button.js"); ok != (spec.Alias != "") {
			t.Errorf("reading %d: the path is served: %v", i, ok)
		}
	}
}
