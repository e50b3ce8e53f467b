package catalog

import (
	"context"
	"errors"
	"fmt"
	"mime"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"unicode"

	"swarmtop/swarm"
)

const maxManifest = 16 << 20 // bytes

// Manifest is a manifest that was read: what it says of the screen, and the assets
// that are right.
type Manifest struct {
	File     string
	Settings Settings
	assets   []asset
}

// Manifest reads a manifest (TOML) and resolves the sources of its assets. What is
// wrong gives errors that name file, line and key, and the others go on.
func (c *Catalog) Manifest(ctx context.Context, file string) ([]Entry, []error) {
	m, errs := c.Read(file)
	entries, more := c.Entries(ctx, m)
	return entries, append(errs, more...)
}

// Read reads a manifest without looking at the sources of its assets.
func (c *Catalog) Read(file string) (*Manifest, []error) {
	b, err := readFile(file, maxManifest)
	if err != nil {
		return &Manifest{File: file}, []error{fmt.Errorf("%s: %w", file, err)}
	}
	m, errs := parseManifest(file, b, c.policy)
	if len(m.assets) == 0 && len(errs) == 0 && m.Settings.empty() {
		errs = []error{fmt.Errorf("%s: names no asset; [[asset]] begins one", file)}
	}
	return m, errs
}

// Entries resolves the sources of a manifest's assets, which begin at its folder
// where they are relative.
func (c *Catalog) Entries(ctx context.Context, m *Manifest) ([]Entry, []error) {
	var errs []error
	var entries []Entry
	lines := map[swarm.InfoHash]int{}
	for _, a := range m.assets {
		if ctx.Err() != nil {
			return entries, append(errs, ctx.Err())
		}
		found, err := c.asset(ctx, a, filepath.Dir(m.File))
		if err != nil {
			errs = append(errs, a.errorf("source", "%w", err))
		}
		for _, e := range found {
			if line, twice := lines[e.InfoHash]; twice {
				errs = append(errs, a.errorf("source", "the same swarm as in line %d", line))
				continue
			}
			lines[e.InfoHash] = a.line("source")
			entries = append(entries, e)
		}
	}
	return entries, errs
}

// asset resolves the source of an asset and lays what the manifest says over it.
func (c *Catalog) asset(ctx context.Context, a asset, dir string) ([]Entry, error) {
	if IsManifest(a.source) {
		return nil, errors.New("a manifest cannot name another one")
	}
	found, err := c.resolve(ctx, a.source, dir, a.pieceLength)
	if err == nil && len(found) > 1 {
		if key := a.singular(); key != "" {
			return nil, fmt.Errorf("a folder of %d files, but %s can be true of one file only; name the file", len(found), key)
		}
	}
	for i := range found {
		e := &found[i]
		if a.pieceLength != 0 && e.LocalFile == "" {
			return nil, errors.New("piece_length is for what is published; this source has its own")
		}
		if a.name != "" {
			e.Name = a.name
		}
		if a.widget != "" {
			e.Widget = a.widget
		}
		e.ContentType, e.Alias, e.URLs, e.Seed = a.contentType, a.path, a.urls, a.seed
		e.Trusted = swarm.Known(a.trusted)
		e.Trackers = distinct(a.trackers, e.Trackers)
		e.WebSeeds = slices.Concat(a.webSeeds, slices.DeleteFunc(slices.Clone(e.WebSeeds), func(u string) bool {
			return slices.Contains(a.webSeeds, u)
		}))
		e.Typed = slices.Concat(a.webSeeds, slices.Concat(a.trackers...))
	}
	return found, err
}

// distinct joins tiers and leaves out what stood before.
func distinct(tiers ...[][]string) [][]string {
	seen := map[string]bool{}
	var out [][]string
	for _, tier := range slices.Concat(tiers...) {
		var kept []string
		for _, u := range tier {
			if !seen[u] {
				seen[u] = true
				kept = append(kept, u)
			}
		}
		if kept != nil {
			out = append(out, kept)
		}
	}
	return out
}

// asset is one [[asset]] of a manifest, checked.
type asset struct {
	place // of the asset in the manifest

	name, widget, source, contentType, path string

	urls        []string
	trackers    [][]string
	webSeeds    []string
	seed        swarm.Opt[bool]
	trusted     bool  // its pages run without a sandbox
	pieceLength int64 // 0 for none
}

// singular returns a key that is set and cannot be true of several files.
func (a *asset) singular() string {
	switch {
	case a.name != "":
		return "name"
	case a.path != "":
		return "path"
	case a.contentType != "":
		return "content_type"
	case len(a.urls) > 0:
		return "urls"
	case len(a.webSeeds) > 0:
		return "web_seeds"
	}
	return ""
}

// checkAlias accepts what can be the path of an asset at the gateway.
func checkAlias(s string) error {
	switch {
	case !strings.HasPrefix(s, "/"):
		return errors.New("does not begin with /")
	case strings.ContainsAny(s, "?#\\") || strings.ContainsFunc(s, unicode.IsControl):
		return fmt.Errorf(`%q has a "?", "#", "\" or control character`, s)
	case s == "/":
		return errors.New(`"/" is the index page`)
	case path.Clean(s) != s:
		return fmt.Errorf("%q is not clean; write %q", s, path.Clean(s))
	case s == "/w" || s == "/t" || strings.HasPrefix(s, "/w/") || strings.HasPrefix(s, "/t/"):
		return fmt.Errorf("%q is reserved: assets and metainfo by info hash stand under /w/ and /t/", s)
	}
	return nil
}

func checkContentType(s string) error {
	t, _, err := mime.ParseMediaType(s)
	if err != nil {
		return fmt.Errorf("%q: %w", s, err)
	}
	if main, sub, ok := strings.Cut(t, "/"); !ok || main == "" || sub == "" {
		return fmt.Errorf("%q is not of the form type/subtype", s)
	}
	return nil
}
