package app

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"swarmtop/swarm"
)

// lookEvery is the time between two looks at whether a file was saved.
const lookEvery = 500 * time.Millisecond

// Reload asks for every manifest to be read again, while Run runs. It returns at once.
func (a *App) Reload() {
	select {
	case a.again <- struct{}{}:
	default: // asked for already
	}
}

// watchManifests reads manifests, and the theme's file, again when they are saved,
// and all manifests when [App.Reload] asks for it, until ctx ends.
func (a *App) watchManifests(ctx context.Context) {
	tick := time.NewTicker(lookEvery)
	defer tick.Stop()
	w := watcher{}
	for {
		select {
		case <-ctx.Done():
			return
		case <-a.again:
			a.reloadAll(ctx, a.settings.manifests())
		case <-tick.C:
			if saved := w.saved(a.settings.watched()); len(saved) > 0 {
				a.reloadAll(ctx, saved)
			}
		}
	}
}

// reloadAll reads files again and tells what came of it, in the event log and on the
// screen.
func (a *App) reloadAll(ctx context.Context, files []string) {
	notice := "there is no manifest to read again"
	var wrong error
	for _, file := range files {
		message, err := a.reloadFile(ctx, file)
		if ctx.Err() != nil {
			return
		}
		if notice = message; message != "" {
			a.log.Add(swarm.Info, message)
		}
		for _, line := range Lines(err) {
			a.log.Add(swarm.Error, line)
		}
		if message == "" {
			a.log.Add(swarm.Warn, filepath.Base(file)+" has a mistake, so all stays as it was before it was saved")
		}
		if err != nil {
			wrong = err
		}
	}
	a.settings.publish(notice, wrong)
}

func (a *App) reloadFile(ctx context.Context, file string) (message string, err error) {
	if slices.Contains(a.settings.manifests(), file) {
		return a.reload(ctx, file)
	}
	if err := a.settings.judgeAgain(); err != nil {
		return "", err
	}
	return "the theme was read again: " + filepath.Base(file), nil
}

// watcher tells which files were saved; it holds what they were when it last
// looked. It knows a file by its identity, size and time, so that one which an editor
// has put in the place of another counts as saved.
type watcher map[string]os.FileInfo

// saved returns the files that are no more what they were when they were read, and
// have not changed since the last look: an editor may still be writing the others.
func (w watcher) saved(read map[string]os.FileInfo) (files []string) {
	for file, known := range read {
		info, err := os.Stat(file)
		if err != nil {
			delete(w, file)
			continue
		}
		if last, seen := w[file]; seen && same(info, last) && !same(info, known) {
			files = append(files, file)
		}
		w[file] = info
	}
	slices.SortFunc(files, strings.Compare)
	return files
}

func same(a, b os.FileInfo) bool {
	return a != nil && b != nil && os.SameFile(a, b) && a.Size() == b.Size() && a.ModTime().Equal(b.ModTime())
}
