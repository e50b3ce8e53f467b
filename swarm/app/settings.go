package app

import (
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"

	"swarmtop/swarm"
	"swarmtop/swarm/catalog"
)

// settings are what the manifests say of the screen.
type settings struct {
	theme string                     // of --theme, before which the manifests' gives way
	check func(swarm.Settings) error // nil where no screen judges them
	shown atomic.Pointer[swarm.Settings]

	reading sync.Mutex // held while a manifest is read: one comes after the other

	mu    sync.Mutex
	files []string                    // the manifests, in the order in which they were named
	said  map[string]catalog.Settings // by manifest, when all of it was right last
	read  map[string]os.FileInfo      // what each file was when it was read last
	good  swarm.Settings              // as they were judged last
}

// JudgeSettings gives the function that judges what manifests say of the screen. It
// returns a [swarm.SettingError] for a mistake. It is called before anything is added.
func (a *App) JudgeSettings(check func(swarm.Settings) error) { a.settings.check = check }

// Settings returns what the manifests say of the screen, and what came of reading
// them again. It returns at once.
func (a *App) Settings() *swarm.Settings { return a.settings.shown.Load() }

// remember takes note of a manifest that is about to be read, be it right or wrong:
// it may be mended.
func (s *settings) remember(file string) {
	path := absolute(file)
	s.mu.Lock()
	defer s.mu.Unlock()
	if !slices.Contains(s.files, path) {
		s.files = append(s.files, path)
	}
	s.see(path)
}

// see takes note of what a file is before it is read.
func (s *settings) see(path string) {
	info, err := os.Stat(path)
	if s.read == nil {
		s.read = map[string]os.FileInfo{}
	}
	if s.read[path] = info; err != nil {
		delete(s.read, path)
	}
}

// adopt takes over what a manifest says of the screen, if that is right and goes
// together with what the others say.
func (s *settings) adopt(m *catalog.Manifest) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	said := maps.Clone(s.said)
	if said == nil {
		said = map[string]catalog.Settings{}
	}
	said[absolute(m.File)] = m.Settings
	err := s.judge(said)
	if wrong, ok := errors.AsType[*swarm.SettingError](err); ok {
		return m.Settings.Errorf(wrong.Key, "%w", wrong.Err)
	} else if err != nil {
		return fmt.Errorf("%s: %w", m.File, err)
	}
	s.said = said
	return nil
}

// judge makes what manifests say the settings that are good, if they are.
func (s *settings) judge(said map[string]catalog.Settings) error {
	all := swarm.Settings{Keys: map[string][]string{}}
	for _, file := range s.files {
		if said[file].Theme != "" {
			all.Theme = said[file].Theme
		}
		maps.Copy(all.Keys, said[file].Keys)
	}
	if s.theme != "" {
		all.Theme = s.theme
	}
	if strings.HasSuffix(all.Theme, ".toml") {
		s.see(all.Theme)
		if info := s.read[all.Theme]; info != nil {
			all.Saved = info.ModTime()
		}
	}
	if s.check != nil {
		if err := s.check(all); err != nil {
			return err
		}
	}
	s.good = all
	return nil
}

// judgeAgain reads the theme's file again.
func (s *settings) judgeAgain() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.judge(s.said)
}

// publish shows the screen what is good, and a line on what came of reading files
// again; err is what was wrong with them.
func (s *settings) publish(notice string, err error) {
	s.mu.Lock()
	all, files := s.good, s.files
	s.mu.Unlock()
	all.Notice = notice
	if lines := Lines(err); len(lines) > 0 {
		all.Failed, all.Notice = true, lines[0]
		for _, f := range files { // the line has no room for folders
			all.Notice = strings.TrimPrefix(all.Notice, filepath.Dir(f)+string(filepath.Separator))
		}
		if more := len(lines) - 1; more > 0 {
			all.Notice += fmt.Sprintf(" · %d more in the event log", more)
		}
	}
	s.shown.Store(&all)
}

// manifests returns those that were named.
func (s *settings) manifests() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.files)
}

// watched returns the manifests, and the file of the theme if it has one, each with
// what it was when it was read.
func (s *settings) watched() map[string]os.FileInfo {
	s.mu.Lock()
	defer s.mu.Unlock()
	files := map[string]os.FileInfo{}
	for _, f := range s.files {
		files[f] = s.read[f]
	}
	if strings.HasSuffix(s.good.Theme, ".toml") {
		files[s.good.Theme] = s.read[s.good.Theme]
	}
	return files
}

func absolute(file string) string {
	if path, err := filepath.Abs(file); err == nil {
		return path
	}
	return file
}
