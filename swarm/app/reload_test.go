package app_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"swarmtop/swarm"
	"swarmtop/swarm/app"
	"swarmtop/swarm/config"
)

// site is an app on a manifest in a folder of its own.
type site struct {
	*app.App
	t   *testing.T
	dir string
}

// open starts an app and adds the manifest, whose screen is judged as a small one's
// would be: it knows the theme "dark" and the action "add".
func open(t *testing.T, manifest string) *site {
	t.Helper()
	s := &site{t: t, dir: t.TempDir()}
	s.write("a.html", "<!doctype html><p>a")
	s.write("b.css", "p{}")
	s.write("assets.toml", manifest)
	cfg := config.Config{State: t.TempDir(), Listen: "127.0.0.1:0", PeerListen: "127.0.0.1:0", TrackerListen: "127.0.0.1:0"}
	var err error
	if s.App, err = app.New(cfg, false); err != nil {
		t.Fatal(err)
	}
	s.JudgeSettings(func(set swarm.Settings) error {
		for action := range set.Keys {
			if action != "add" {
				return &swarm.SettingError{Key: "keys." + action, Err: errors.New("no such action")}
			}
		}
		if set.Theme != "" && set.Theme != "dark" {
			return &swarm.SettingError{Key: "theme", Err: errors.New("no such theme")}
		}
		return nil
	})
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- s.Run(ctx) }()
	t.Cleanup(func() {
		cancel()
		if err := errors.Join(<-ended, s.Close()); err != nil {
			t.Error(err)
		}
	})
	if _, err := s.Add(ctx, s.path("assets.toml")); err != nil {
		t.Fatal(err)
	}
	return s
}

func (s *site) path(name string) string { return filepath.Join(s.dir, name) }

// write puts a file in its place at once, as editors do.
func (s *site) write(name, text string) {
	s.t.Helper()
	temp := s.path(name + "~")
	if err := errors.Join(os.WriteFile(temp, []byte(text), 0o600), os.Rename(temp, s.path(name))); err != nil {
		s.t.Fatal(err)
	}
}

// reload has the manifest read again and returns what came of it.
func (s *site) reload() *swarm.Settings {
	s.t.Helper()
	before := s.Settings()
	s.Reload()
	until(s.t, s.App, func(*swarm.Snapshot) bool { return s.Settings() != before })
	return s.Settings()
}

// shows fails the test unless the swarms become those that are wanted, a line each.
func (s *site) shows(want ...string) {
	s.t.Helper()
	var got []string
	until(s.t, s.App, func(snap *swarm.Snapshot) bool {
		got = got[:0]
		for _, w := range snap.Swarms {
			line := w.Name + " " + w.Widget
			if len(w.Files) > 0 {
				line += " " + w.Files[0].URLPath
			}
			if line = strings.TrimSuffix(line, "/w/"+w.InfoHash.String()+"/"+w.Name); w.Resting {
				line += " at rest"
			}
			got = append(got, strings.Join(strings.Fields(line), " "))
		}
		slices.Sort(got)
		return slices.Equal(got, want)
	})
}

func asset(source string, lines ...string) string {
	return fmt.Sprintf("[[asset]]\nsource = %q\n%s\n", source, strings.Join(lines, "\n"))
}

func TestReloadFollowsTheManifest(t *testing.T) {
	s := open(t, asset("a.html", `path = "/a.html"`, `widget = "w"`)+asset("b.css"))
	s.shows("a.html w /a.html", "b.css")

	s.write("c.js", "1")
	s.write("assets.toml", "theme = \"dark\"\n[keys]\nadd = \"i\"\n"+asset("a.html", `path = "/new.html"`)+asset("b.css", `path = "/b.css"`, `widget = "v"`)+asset("c.js"))
	if got := s.reload(); got.Failed || got.Notice != "assets.toml was read again: 1 new swarm" || got.Theme != "dark" || len(got.Keys["add"]) != 1 {
		t.Errorf("%+v", got)
	}
	s.shows("a.html /new.html", "b.css v /b.css", "c.js")

	// A file that has changed is a new swarm, and its path follows.
	s.write("a.html", "<!doctype html><p>another")
	if got := s.reload(); got.Notice != "assets.toml was read again: 1 new swarm, 1 swarm put to rest" {
		t.Errorf("%+v", got)
	}
	s.shows("a.html /new.html", "a.html at rest", "b.css v /b.css", "c.js")

	// What goes is put to rest, and what comes back wakes.
	s.write("assets.toml", asset("c.js"))
	if got := s.reload(); got.Notice != "assets.toml was read again: 2 swarms put to rest" || got.Theme != "" || len(got.Keys) > 0 {
		t.Errorf("%+v", got)
	}
	s.shows("a.html at rest", "a.html at rest", "b.css at rest", "c.js")
	s.write("assets.toml", asset("b.css")+asset("c.js"))
	if got := s.reload(); got.Notice != "assets.toml was read again: no swarm came or went" {
		t.Errorf("%+v", got)
	}
	s.shows("a.html at rest", "a.html at rest", "b.css", "c.js")
}

func TestMistakeInAManifestKeepsTheOldOne(t *testing.T) {
	good := "theme = \"dark\"\n" + asset("a.html", `path = "/a.html"`) + asset("b.css")
	s := open(t, good)
	s.shows("a.html /a.html", "b.css")
	for want, text := range map[string]string{
		"assets.toml:4: path: does not begin with /":       "theme = \"dark\"\n" + asset("b.css", `path = "b"`),
		"assets.toml:1: theme: no such theme":              "theme = \"plaid\"\n" + asset("b.css"),
		"assets.toml:2: keys.ad: no such action":           "[keys]\nad = \"i\"\n" + asset("b.css"),
		"assets.toml:1: titel: unknown key":                "titel = \"x\"\n" + asset("b.css"),
		"assets.toml:3: ":                                  asset("b.css", "path ="),
		"assets.toml: names no asset":                      "",
		"assets.toml:3: seed: want true or false · 1 more": asset("b.css", "seed = 1") + asset("a.html", "seed = 1"),
	} {
		s.write("assets.toml", text)
		got := s.reload()
		place, words, _ := strings.Cut(want, ": ")
		first, more, _ := strings.Cut(words, " · ")
		if !got.Failed || !strings.Contains(got.Notice, place+": "+first) || !strings.Contains(got.Notice, more) || got.Theme != "dark" {
			t.Errorf("%q: %+v, want …%s…", text, got, want)
		}
		s.shows("a.html /a.html", "b.css")
		until(t, s.App, func(now *swarm.Snapshot) bool { // the event log tells of it too
			return slices.ContainsFunc(now.Events, func(e swarm.Event) bool {
				return e.Level == swarm.Error && strings.Contains(e.Text, place)
			})
		})
	}
	s.write("assets.toml", good)
	if got := s.reload(); got.Failed || got.Notice != "assets.toml was read again: no swarm came or went" {
		t.Errorf("mended: %+v", got)
	}
}

// TestSourceThatCannotBeHadPutsNothingToRest: what seems to be gone may be what could
// not be read.
func TestSourceThatCannotBeHadPutsNothingToRest(t *testing.T) {
	s := open(t, asset("a.html")+asset("b.css"))
	s.write("c.js", "1")
	s.write("assets.toml", asset("gone.html")+asset("c.js"))
	if got := s.reload(); !got.Failed || !strings.Contains(got.Notice, "assets.toml:2: source: gone.html: no such file") {
		t.Errorf("%+v", got)
	}
	s.shows("a.html", "b.css", "c.js")
}

func TestManifestIsReadAgainWhenItIsSaved(t *testing.T) {
	s := open(t, asset("a.html"))
	s.shows("a.html")
	s.write("assets.toml", asset("a.html")+asset("b.css"))
	s.shows("a.html", "b.css")
	s.write("assets.toml", asset("b.css"))
	s.shows("a.html at rest", "b.css")
}

func TestReloadWithoutAManifestSaysSo(t *testing.T) {
	a, _ := running(t)
	before := a.Settings()
	a.Reload()
	until(t, a, func(*swarm.Snapshot) bool { return a.Settings() != before })
	if got := a.Settings(); got.Notice != "there is no manifest to read again" {
		t.Errorf("%+v", got)
	}
}
