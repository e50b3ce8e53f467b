package catalog

import (
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"strings"

	"swarmtop/swarm"
)

// Settings is what a manifest says of the screen, and where it says so. Whether a
// theme or key is known is for the screen to judge.
type Settings struct {
	Theme string              // a name, or the path of a TOML file; empty for none
	Keys  map[string][]string // by action
	place place
}

// Errorf tells of a mistake in a setting, "theme" or "keys.add", with file and line.
func (s *Settings) Errorf(key, format string, a ...any) error {
	at := key
	if table, _, inside := strings.Cut(key, "."); inside && s.place.lines[key] == 0 {
		at = table // written in one line
	}
	if s.place.line(at) == 0 { // it stands elsewhere
		return fmt.Errorf(format, a...)
	}
	return fmt.Errorf("%s:%d: %s: "+format, append([]any{s.place.file, s.place.line(at), swarm.Clean(key, keyCells)}, a...)...)
}

func (s *Settings) empty() bool { return s.Theme == "" && s.Keys == nil }

// read takes the settings from a manifest. Those that are wrong give errors.
func (s *Settings) read(at place, doc map[string]any) (errs []error) {
	s.place = at
	if v, given := doc["theme"]; given {
		name, err := text(v)
		if err != nil {
			errs = append(errs, s.Errorf("theme", "%w", err))
		}
		if strings.HasSuffix(name, ".toml") && !filepath.IsAbs(name) {
			name = filepath.Join(filepath.Dir(at.file), name)
		}
		s.Theme = name
	}
	v, given := doc["keys"]
	table, ok := v.(map[string]any)
	switch {
	case !given:
		return errs
	case !ok:
		return append(errs, s.Errorf("keys", "want a table, [keys], not %s", kind(v)))
	}
	s.Keys = map[string][]string{}
	for _, action := range slices.Sorted(maps.Keys(table)) {
		keys, err := keyList(table[action])
		if err != nil {
			errs = append(errs, s.Errorf("keys."+action, "%w", err))
			continue
		}
		s.Keys[action] = keys
	}
	return errs
}

// keyList reads a key or a list of them.
func keyList(v any) ([]string, error) {
	list, ok := v.([]any)
	if !ok {
		list = []any{v}
	}
	var keys []string
	for _, item := range list {
		key, ok := item.(string)
		if !ok {
			return nil, fmt.Errorf("want a key such as \"x\" or a list of them, not %s", kind(item))
		}
		keys = append(keys, key)
	}
	return keys, nil
}
