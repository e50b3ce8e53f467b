package ui

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"swarmtop/swarm"
	"swarmtop/ui/draw"
)

// unbound stands for the key of what has none.
const unbound = "–"

// alwaysQuits is the key that nobody can take away: dialogs have it too.
const alwaysQuits = "ctrl+c"

// with gives actions the keys that the user wants for them, by the actions' names.
// An action keeps the keys that it has unless it is named; an empty list takes them
// away. A mistake is a [swarm.SettingError].
func (k keymap) with(own map[string][]string) (keymap, error) {
	all := slices.Clone(k)
	for _, name := range slices.Sorted(maps.Keys(own)) {
		wrong := func(err error) error { return &swarm.SettingError{Key: "keys." + name, Err: err} }
		i := slices.IndexFunc(all, func(b binding) bool { return b.name == name })
		if i < 0 || name == "" {
			return nil, wrong(fmt.Errorf("no such action; there are %s", strings.Join(all.names(), ", ")))
		}
		keys, err := ownKeys(own[name])
		switch {
		case err != nil:
			return nil, wrong(err)
		case name == "panes" && len(keys) != paneCount:
			return nil, wrong(fmt.Errorf("%d keys; want one for each of the %d panes, in their order", len(keys), paneCount))
		case name == "quit":
			keys = append(slices.DeleteFunc(keys, func(key string) bool { return key == alwaysQuits }), alwaysQuits)
		}
		all[i].keys = keys
	}
	return all, all.conflict(own)
}

// conflict returns an error for a key of two actions, of which the user has set at
// least one.
func (k keymap) conflict(own map[string][]string) error {
	taken := map[string]string{}
	for i := range k {
		for _, key := range k[i].keys {
			name, other := k[i].name, taken[key]
			if taken[key] = name; other == "" {
				continue
			}
			if _, set := own[name]; !set || key == alwaysQuits && name == "quit" {
				name, other = other, name
			}
			shown := keyNames.Replace(key)
			switch {
			case key == alwaysQuits:
				return &swarm.SettingError{Key: "keys." + name, Err: fmt.Errorf("%q always quits", shown)}
			case name == other:
				return &swarm.SettingError{Key: "keys." + name, Err: fmt.Errorf("%q stands there twice", shown)}
			}
			return &swarm.SettingError{Key: "keys." + name, Err: fmt.Errorf("%q is the key of %s too; give one of them another", shown, other)}
		}
	}
	return nil
}

func (k keymap) names() []string {
	var names []string
	for i := range k {
		if k[i].name != "" {
			names = append(names, k[i].name)
		}
	}
	return names
}

// ownKeys checks keys as a user writes them, and writes them as Bubble Tea does.
func ownKeys(written []string) ([]string, error) {
	var keys []string
	for _, w := range written {
		key, err := ownKey(w)
		if err != nil {
			return nil, err
		}
		keys = append(keys, key)
	}
	return keys, nil
}

// namedKeys are the keys without a character of their own.
func namedKeys() []string {
	names := strings.Fields("space tab enter esc backspace delete insert up down left right home end pgup pgdown")
	for n := range 12 {
		names = append(names, fmt.Sprintf("f%d", n+1))
	}
	return names
}

// sentAs returns the key as which terminals send a chord; empty for one of its own.
func sentAs(chord string) string {
	return map[string]string{"ctrl+i": "tab", "ctrl+m": "enter", "ctrl+[": "esc", "ctrl+h": "backspace"}[chord]
}

func ownKey(written string) (string, error) {
	var ctrl, alt, shift bool
	key := written
	for {
		mod, rest, ok := strings.Cut(key, "+")
		if !ok || rest == "" {
			break
		}
		switch mod {
		case "ctrl":
			ctrl = true
		case "alt":
			alt = true
		case "shift":
			shift = true
		default:
			return "", fmt.Errorf("%q: no key; before a + there is ctrl, alt or shift", written)
		}
		key = rest
	}
	for usual, label := range labels() {
		if key == label {
			key = usual
		}
	}
	named := slices.Contains(namedKeys(), key)
	r, size := utf8.DecodeRuneInString(key)
	single := size == len(key) && unicode.IsGraphic(r) && r != ' ' && draw.Width(key) > 0
	switch {
	case key == " ":
		return "", fmt.Errorf("%q: no key; write space", written)
	case !named && !single:
		return "", fmt.Errorf("%q: no key; write a character, or one of %s, with ctrl+, alt+ or shift+ before it if need be", written, strings.Join(namedKeys(), " "))
	case single && shift:
		return "", fmt.Errorf("%q: no key; write the character that it types, such as %q", written, strings.ToUpper(key))
	case single && ctrl && unicode.IsUpper(r):
		return "", fmt.Errorf("%q: no key; write ctrl+%s", written, strings.ToLower(key))
	}
	for _, m := range []struct {
		on   bool
		name string
	}{{shift, "shift+"}, {alt, "alt+"}, {ctrl, "ctrl+"}} {
		if m.on {
			key = m.name + key
		}
	}
	if other := sentAs(key); other != "" {
		return "", fmt.Errorf("%q: terminals send it as %s", written, other)
	}
	return key, nil
}

// labels are the names of keys that are shown otherwise than they are written, as
// they are shown.
func labels() map[string]string {
	shown := map[string]string{}
	for _, name := range namedKeys() {
		if label := keyNames.Replace(name); label != name {
			shown[name] = label
		}
	}
	return shown
}

// CheckSettings judges what manifests say of the screen. A mistake is a
// [swarm.SettingError].
func CheckSettings(s swarm.Settings) error {
	if _, err := screenKeys().with(s.Keys); err != nil {
		return err
	}
	if _, err := ownTheme(s.Theme); err != nil {
		return &swarm.SettingError{Key: "theme", Err: err}
	}
	return nil
}
