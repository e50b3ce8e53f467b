package session_test

import (
	"testing"

	"swarmtop/swarm"
	"swarmtop/swarm/session"
)

func TestPublicURLsOutlastARestartAndFollowAReleaseAndTheManifest(t *testing.T) {
	const button, mirror = "https://cdn.example/button.js", "https://mirror.example/button.js"
	dir := t.TempDir()
	var f *fixture
	one, _, first := asset(t, "button.js", 40_000, 16<<10)
	two, _, second := asset(t, "button.js", 41_000, 16<<10)
	add := func(t *testing.T, path string, spec session.Spec) {
		t.Helper()
		spec.Publish = path
		if _, err := f.Add(spec); err != nil {
			t.Fatal(err)
		}
	}
	urls := func(all ...string) swarm.Opt[[]string] { return swarm.Known(all) }
	holds := func(t *testing.T, want map[string]swarm.InfoHash, former map[string]swarm.InfoHash) {
		t.Helper()
		got := map[string]swarm.Publication{}
		for _, p := range f.Publications() {
			got[p.URL] = p
		}
		if len(got) != len(want) {
			t.Errorf("publications %v, want %v", got, want)
		}
		for u, h := range want {
			p := got[u]
			if p.Asset.InfoHash != h || p.Asset.Path != "button.js" {
				t.Errorf("%s is %s %q, want %s", u, p.Asset.InfoHash.Short(), p.Asset.Path, h.Short())
			}
			before, ok := former[u]
			if ok != (len(p.Former) == 1) || ok && (p.Former[0].Asset.InfoHash != before || p.Former[0].Until.IsZero()) {
				t.Errorf("%s was %+v, want %v", u, p.Former, former)
			}
		}
	}

	now := map[string]swarm.InfoHash{button: second.InfoHash, mirror: first.InfoHash}
	was := map[string]swarm.InfoHash{button: first.InfoHash}
	t.Run("before the restart", func(t *testing.T) {
		f = start(t, dir, nil)
		add(t, one, session.Spec{Torrent: &first, InfoHash: first.InfoHash, URLs: urls(button, mirror)})
		holds(t, map[string]swarm.InfoHash{button: first.InfoHash, mirror: first.InfoHash}, nil)
		// Without a manifest it names no URL, and takes none away.
		add(t, one, session.Spec{Torrent: &first, InfoHash: first.InfoHash})
		add(t, two, session.Spec{Torrent: &second, InfoHash: second.InfoHash, URLs: urls(button)})
		holds(t, now, was)
	})
	t.Run("after it", func(t *testing.T) {
		f = start(t, dir, nil)
		holds(t, now, was)
		// The manifest takes a URL away, and goes back to the release before.
		add(t, one, session.Spec{Torrent: &first, InfoHash: first.InfoHash, URLs: urls(button)})
		holds(t, map[string]swarm.InfoHash{button: first.InfoHash}, map[string]swarm.InfoHash{button: second.InfoHash})
	})
}
