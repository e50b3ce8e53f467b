// Package catalog turns what a user names — files, folders, links, info hashes,
// manifests — into the swarms that a session can add. It reads files and asks URLs;
// it joins nothing.
package catalog

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"swarmtop/swarm"
	"swarmtop/swarm/admit"
)

// Entry is one swarm to be added.
type Entry struct {
	Torrent  *admit.Torrent // nil while only the info hash is known
	InfoHash swarm.InfoHash

	Name        string // to show; empty for none
	Widget      string // which entries belong together; empty for none
	ContentType string // as the manifest declares it; empty for none
	Alias       string // the manifest's path: where the gateway serves it; empty for none
	URLs        []string
	Trackers    [][]string // by tier: the manifest's, then those of the torrent or magnet
	WebSeeds    []string   // the manifest's, then the torrent's
	Seed        swarm.Opt[bool]

	LocalFile string          // published: the file whose bytes these are; empty otherwise
	Foreign   bool            // the torrent came from a public address
	Trusted   swarm.Opt[bool] // whether the manifest calls it so; unknown outside of one
	Notes     []string        // lines for the user

	Typed []string // those of Trackers and WebSeeds that the manifest names
}

// Trust tells where a tracker's or web seed's URL of the entry came from.
func (e *Entry) Trust(url string) admit.Trust {
	switch {
	case slices.Contains(e.Typed, url):
		return admit.Typed
	case e.Foreign:
		return admit.Foreign
	}
	return admit.Given
}

func (e *Entry) notef(format string, a ...any) { e.Notes = append(e.Notes, fmt.Sprintf(format, a...)) }

// Config is what a catalog needs.
type Config struct {
	Policy    admit.Policy
	UserAgent string       // of requests for metainfo
	Client    *http.Client // for requests for metainfo; nil for the policy's own
}

// Catalog resolves sources.
type Catalog struct {
	policy    admit.Policy
	userAgent string
	client    *http.Client
}

// New returns a catalog.
func New(c Config) *Catalog {
	if c.Client == nil {
		c.Client = c.Policy.Client(admit.Typed, 30*time.Second)
	}
	return &Catalog{policy: c.Policy, userAgent: c.UserAgent, client: c.Client}
}

const kinds = "a source is a .torrent file, a magnet link, an http(s) URL of metainfo, an info hash, a folder or file to publish, or a manifest (*.toml)"

// Resolve returns the swarms that a source names: one, or for a folder and a
// manifest any number. The good ones of these come together with an error that
// joins those of the others.
func (c *Catalog) Resolve(ctx context.Context, source string) ([]Entry, error) {
	if IsManifest(source) {
		entries, errs := c.Manifest(ctx, source)
		return entries, errors.Join(errs...)
	}
	return c.resolve(ctx, source, "", 0)
}

// IsManifest tells whether a source is a manifest.
func IsManifest(source string) bool {
	return !isURL(source) && strings.EqualFold(filepath.Ext(source), ".toml")
}

func isURL(source string) bool {
	scheme, _, ok := strings.Cut(source, "://")
	return ok && (strings.EqualFold(scheme, "http") || strings.EqualFold(scheme, "https"))
}

func isMagnet(source string) bool {
	return len(source) >= 7 && strings.EqualFold(source[:7], "magnet:")
}

// resolve resolves every kind but a manifest. Relative paths begin at dir. A
// pieceLength other than 0 is that of what is published.
func (c *Catalog) resolve(ctx context.Context, source, dir string, pieceLength int64) ([]Entry, error) {
	var e Entry
	var err error
	switch {
	case source == "":
		return nil, errors.New("empty source: " + kinds)
	case isMagnet(source):
		e, err = c.magnet(source)
	case isURL(source):
		e, err = c.fetch(ctx, source)
	default:
		return c.path(ctx, source, dir, pieceLength)
	}
	if err != nil {
		return nil, err
	}
	return []Entry{e}, nil
}

func (c *Catalog) magnet(source string) (Entry, error) {
	m, err := admit.ParseMagnet(source, admit.Given, c.policy)
	if err != nil {
		return Entry{}, err
	}
	e := Entry{InfoHash: m.InfoHash, Name: m.Name, Trackers: m.Trackers}
	for _, err := range m.Refused {
		e.notef("left out: %v", err)
	}
	return e, nil
}

// torrent makes an entry of metainfo.
func (c *Catalog) torrent(b []byte, trust admit.Trust) (Entry, error) {
	t, err := admit.Metainfo(b, trust, c.policy)
	if err != nil {
		return Entry{}, err
	}
	e := Entry{
		Torrent:  &t,
		InfoHash: t.InfoHash,
		Name:     t.Name,
		Trackers: t.Trackers,
		WebSeeds: t.WebSeeds,
		Foreign:  trust == admit.Foreign,
	}
	for _, err := range t.Refused {
		e.notef("left out: %v", err)
	}
	return e, nil
}

// path resolves what is a file, a folder or, where there is neither, an info hash.
func (c *Catalog) path(ctx context.Context, source, dir string, pieceLength int64) ([]Entry, error) {
	name := source
	if dir != "" && !filepath.IsAbs(name) {
		name = filepath.Join(dir, name)
	}
	info, err := os.Stat(name)
	switch {
	case errors.Is(err, os.ErrNotExist):
		if h, hashErr := admit.ParseHash(source); hashErr == nil {
			return []Entry{{InfoHash: h, Name: h.String()}}, nil
		}
		return nil, fmt.Errorf("%s: no such file; %s", source, kinds)
	case err != nil:
		return nil, fmt.Errorf("%s: %w", source, bare(err))
	case info.IsDir():
		return folder(ctx, name, pieceLength)
	case !info.Mode().IsRegular():
		return nil, fmt.Errorf("%s: not a file or a folder", source)
	case strings.EqualFold(filepath.Ext(name), ".torrent"):
		b, err := readFile(name, admit.MaxMetainfo)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", source, err)
		}
		e, err := c.torrent(b, admit.Given)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", source, err)
		}
		return []Entry{e}, nil
	}
	e, err := publishFile(ctx, name, pieceLength)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", source, err)
	}
	return []Entry{e}, nil
}

func publishFile(ctx context.Context, name string, pieceLength int64) (Entry, error) {
	full, err := filepath.Abs(name)
	if err != nil {
		return Entry{}, err
	}
	f, err := os.Open(full)
	if err != nil {
		return Entry{}, bare(err)
	}
	defer f.Close()
	return publish(ctx, f, full, pieceLength)
}

// readFile reads a file of at most limit bytes.
func readFile(name string, limit int64) ([]byte, error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, bare(err)
	}
	defer f.Close()
	b, err := io.ReadAll(io.LimitReader(f, limit+1))
	if err != nil {
		return nil, bare(err)
	}
	if int64(len(b)) > limit {
		return nil, fmt.Errorf("over %d bytes, the limit", limit)
	}
	return b, nil
}

// bare takes the operation and path off an error that will name the path itself.
func bare(err error) error {
	if pathErr, ok := errors.AsType[*os.PathError](err); ok {
		return pathErr.Err
	}
	return err
}
