package catalog_test

import (
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"swarmtop/swarm/catalog"
)

func read(t *testing.T, text string) (*catalog.Manifest, []error) {
	t.Helper()
	t.Chdir(t.TempDir())
	return catalog.New(catalog.Config{}).Read(write(t, "m.toml", text))
}

func TestManifestMaySetThemeAndKeysAlone(t *testing.T) {
	m, errs := read(t, "theme = \"nord\"\n\n[keys]\nadd = \"i\"\nremove = [\"D\", \"delete\"]\nzoom = []\n")
	if len(errs) > 0 || m.Settings.Theme != "nord" || fmt.Sprint(m.Settings.Keys) != "map[add:[i] remove:[D delete] zoom:[]]" {
		t.Errorf("%+v, %v", m.Settings, errs)
	}
	for key, want := range map[string]string{"theme": "m.toml:1: theme: no", "keys.remove": "m.toml:5: keys.remove: no", "keys.gone": "m.toml:3: keys.gone: no"} {
		if got := m.Settings.Errorf(key, "%w", errors.New("no")).Error(); got != want {
			t.Errorf("a mistake in %s: %q, want %q", key, got, want)
		}
	}
}

func TestThemeFileBeginsAtTheManifest(t *testing.T) {
	dir := t.TempDir()
	m, errs := catalog.New(catalog.Config{}).Read(write(t, filepath.Join(dir, "m.toml"), `theme = "mine.toml"`))
	if len(errs) > 0 || m.Settings.Theme != filepath.Join(dir, "mine.toml") {
		t.Errorf("theme %q, %v", m.Settings.Theme, errs)
	}
}

func TestMistakesInSettingsNameLineAndKey(t *testing.T) {
	for text, want := range map[string]string{
		"theme = 1":                         "m.toml:1: theme: want a string, not a number",
		"theme = \"\"":                      "m.toml:1: theme: empty",
		"\nkeys = \"x\"":                    "m.toml:2: keys: want a table, [keys], not a string",
		"[[keys]]\nadd = \"x\"":             "m.toml:1: keys: want a table, [keys], not a list",
		"[keys]\n\nadd = 1":                 "m.toml:3: keys.add: want a key such as \"x\" or a list of them, not a number",
		"[keys]\nadd = [\"x\", true]":       "m.toml:2: keys.add: want a key such as \"x\" or a list of them, not a boolean",
		"[keys.more]\nadd = \"x\"":          "m.toml:1: keys.more: want a key",
		"\nkeys = {add = 1}":                "m.toml:2: keys.add: want a key",
		"\nkeys.add = 1":                    "m.toml:2: keys.add: want a key",
		"colour = 1\n[keys]\nadd = \"x\"\n": "m.toml:1: colour: unknown key; there are theme, [keys] and [[asset]]",
	} {
		_, errs := read(t, text)
		if len(errs) != 1 || !strings.HasPrefix(errs[0].Error(), want) {
			t.Errorf("%q: errors %v, want one that begins %q", text, errs, want)
		}
	}
}
