package app

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"swarmtop/swarm"
	"swarmtop/swarm/catalog"
	"swarmtop/swarm/session"
)

// ErrNoSource says that of the sources given none was any good.
var ErrNoSource = errors.New("no source could be added")

// AddAll adds sources one after the other. It calls good after each that named a
// swarm, and report, a cleaned line each, with what went wrong; the others go on.
// When nothing could be added it returns [ErrNoSource].
func (a *App) AddAll(ctx context.Context, sources []string, good func(), report func(line string)) error {
	defer a.session.Save()
	none := len(sources) > 0
	for _, s := range sources {
		n, err := a.add(ctx, s)
		if ctx.Err() != nil {
			return ctx.Err()
		}
		for _, line := range Lines(err) {
			a.log.Add(swarm.Error, line)
			report(line)
		}
		if n > 0 {
			none = false
			good()
		}
	}
	if none {
		return ErrNoSource
	}
	return nil
}

// Empty tells whether there is no swarm.
func (a *App) Empty() bool { return a.session.Len() == 0 }

// Add adds one source while swarmtop runs and tells what came of it.
func (a *App) Add(ctx context.Context, source string) (message string, err error) {
	defer a.monitor.Refresh()
	before := a.session.Len()
	n, err := a.add(ctx, source)
	a.session.Save()
	if err != nil && n == 0 {
		return "", errors.New(strings.Join(Lines(err), "; "))
	}
	fresh := a.session.Len() - before
	switch {
	case fresh == 0:
		message = "already here"
	case fresh == 1:
		message = "added 1 swarm"
	default:
		message = fmt.Sprintf("added %d swarms", fresh)
	}
	return strings.Join(append([]string{message}, Lines(err)...), "; "), nil
}

// add resolves a source and adds what it names. It returns how many swarms are
// good; the error joins one for each that is not.
func (a *App) add(ctx context.Context, source string) (good int, err error) {
	if catalog.IsManifest(source) {
		return a.load(ctx, source)
	}
	entries, err := a.catalog.Resolve(ctx, source)
	good, more := a.addEntries(entries, "")
	return good, errors.Join(err, more)
}

// addEntries adds what a manifest, empty for none, or another source names.
func (a *App) addEntries(entries []catalog.Entry, manifest string) (good int, err error) {
	var errs []error
	for i := range entries {
		e := &entries[i]
		for _, note := range e.Notes {
			a.log.Add(swarm.Warn, note)
		}
		if e.LocalFile != "" {
			if err := a.startTracker(); err != nil {
				return good, errors.Join(append(errs, err)...)
			}
		}
		spec := specOf(e)
		spec.Manifest = manifest
		if _, err := a.session.Add(spec); err != nil {
			errs = append(errs, err)
			continue
		}
		good++
	}
	return good, errors.Join(errs...)
}

func specOf(e *catalog.Entry) session.Spec {
	return session.Spec{
		Torrent:     e.Torrent,
		InfoHash:    e.InfoHash,
		Name:        e.Name,
		Widget:      e.Widget,
		ContentType: e.ContentType,
		Alias:       e.Alias,
		Trackers:    e.Trackers,
		WebSeeds:    e.WebSeeds,
		Seed:        e.Seed,
		Publish:     e.LocalFile,
		Foreign:     e.Foreign,
		Trusted:     e.Trusted,
		Typed:       e.Typed,
		URLs:        publicURLs(e),
	}
}

// publicURLs are those of the manifest; unknown where none names the entry.
func publicURLs(e *catalog.Entry) swarm.Opt[[]string] {
	if !e.Trusted.IsKnown() {
		return swarm.Opt[[]string]{}
	}
	return swarm.Known(e.URLs)
}

// Settle waits for a snapshot that shows what has been added so far.
func (a *App) Settle(ctx context.Context) {
	wake, cancel := a.monitor.Subscribe()
	defer cancel()
	a.monitor.Refresh()
	select {
	case <-wake:
	case <-ctx.Done():
	}
}

// Focus tells which swarm the user looks at.
func (a *App) Focus(h swarm.InfoHash) { a.monitor.Focus(h) }

// SetSeeding turns the uploads of swarms on or off.
func (a *App) SetSeeding(hashes []swarm.InfoHash, on bool) error {
	defer a.monitor.Refresh()
	return a.session.SetSeeding(hashes, on)
}

// Remove leaves a swarm; its bytes go too if asked for.
func (a *App) Remove(h swarm.InfoHash, bytesToo bool) error {
	defer a.monitor.Refresh()
	return a.session.Remove(h, bytesToo)
}

// Restore undoes the removal of a swarm, for a minute after it.
func (a *App) Restore(h swarm.InfoHash) error {
	defer a.monitor.Refresh()
	return a.session.Restore(h)
}

// Disconnect ends a connection of a swarm.
func (a *App) Disconnect(h swarm.InfoHash, key swarm.PeerKey) error {
	defer a.monitor.Refresh()
	return a.session.Disconnect(h, key)
}

// Ban ends every connection with an address and refuses it from now on.
func (a *App) Ban(address string) error {
	defer a.monitor.Refresh()
	return a.session.Ban(address)
}

// SetUploadLimit bounds what all swarms send together, in bytes a second; unknown
// lifts the bound.
func (a *App) SetUploadLimit(limit swarm.Opt[int64]) error {
	defer a.monitor.Refresh()
	return a.session.SetUploadLimit(limit)
}

// Reannounce asks the trackers of swarms again, as far as their minimum intervals
// allow, and tells how many were asked and held back.
func (a *App) Reannounce(hashes []swarm.InfoHash) string {
	asked, held, next := a.announcer.Reannounce(hashes...)
	wait := max(next.Sub(a.clock.Now()).Round(time.Second), time.Second)
	switch {
	case asked+held == 0:
		return "no tracker to ask"
	case held == 0:
		return "asked " + count(asked, "tracker")
	case asked == 0:
		return fmt.Sprintf("%s held back by the minimum interval, for %s", count(held, "tracker"), wait)
	}
	return fmt.Sprintf("asked %s, %d held back by the minimum interval, for %s", count(asked, "tracker"), held, wait)
}

func count(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}

// errorCells bounds a line that tells of an error, which may quote what a stranger sent.
const errorCells = 1000

// Lines returns what err says, a cleaned line for each error that was joined into it.
func Lines(err error) []string {
	if err == nil {
		return nil
	}
	lines := strings.Split(err.Error(), "\n")
	for i := range lines {
		lines[i] = swarm.Clean(lines[i], errorCells)
	}
	return lines
}
