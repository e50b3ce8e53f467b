package app

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strings"

	"swarmtop/swarm"
	"swarmtop/swarm/catalog"
)

// load reads a manifest for the first time and adds what is right of it. It returns
// how many swarms that makes, with one more for what it says of the screen, and the
// errors of the rest.
func (a *App) load(ctx context.Context, file string) (good int, err error) {
	a.settings.reading.Lock()
	defer a.settings.reading.Unlock()
	if !a.demo {
		a.settings.remember(file)
	}
	m, errs := a.catalog.Read(file)
	if err := a.settings.adopt(m); err != nil {
		errs = append(errs, err)
	} else if m.Settings.Theme != "" || len(m.Settings.Keys) > 0 {
		good++
	}
	a.settings.publish("", nil)
	n, _, err := a.apply(ctx, m, errs)
	return good + n, err
}

// reload reads a manifest again and tells what came of it. One that has a mistake
// changes nothing; where only a source cannot be had, the others count.
func (a *App) reload(ctx context.Context, file string) (message string, err error) {
	a.settings.reading.Lock()
	defer a.settings.reading.Unlock()
	defer a.monitor.Refresh()
	a.settings.remember(file)
	m, errs := a.catalog.Read(file)
	if len(errs) > 0 {
		return "", errors.Join(errs...)
	}
	if err := a.settings.adopt(m); err != nil {
		return "", err
	}
	before := a.session.Len()
	_, rested, err := a.apply(ctx, m, nil)
	var news []string
	if n := a.session.Len() - before; n > 0 {
		news = append(news, count(n, "new swarm"))
	}
	if rested > 0 {
		news = append(news, count(rested, "swarm")+" put to rest")
	}
	if news == nil {
		news = []string{"no swarm came or went"}
	}
	return filepath.Base(file) + " was read again: " + strings.Join(news, ", "), err
}

// apply adds what a manifest names. When nothing of it is wrong, errs included, what
// it named before and names no more is put to rest; else that may be what could not
// be read. Whoever is killed on the way reads the manifest at the next start, which
// leads to the same end.
func (a *App) apply(ctx context.Context, m *catalog.Manifest, errs []error) (good, rested int, err error) {
	defer a.session.Save() // what a manifest names no more, nobody else could name again
	entries, more := a.catalog.Entries(ctx, m)
	errs = append(errs, more...)
	path := absolute(m.File)
	good, err = a.addEntries(entries, path)
	if err != nil {
		errs = append(errs, err)
	}
	if len(errs) > 0 || ctx.Err() != nil {
		return good, 0, errors.Join(errs...)
	}
	named := make([]swarm.InfoHash, len(entries))
	for i := range entries {
		named[i] = entries[i].InfoHash
	}
	names := a.session.PutToRest(path, named)
	for _, name := range names {
		a.log.Add(swarm.Info, fmt.Sprintf("%s: %s names it no more, so it is at rest; its bytes stay", name, filepath.Base(path)))
	}
	return good, len(names), nil
}
