package theme

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/charmbracelet/colorprofile"
	"github.com/pelletier/go-toml/v2"
)

// Own is a theme that was read from a file.
type Own struct{ palette palette }

// Name returns the name by which the theme is chosen: its file's, unless the file
// names it.
func (o *Own) Name() string { return o.palette.name }

// Compile makes the theme ready for a terminal.
func (o *Own) Compile(profile colorprofile.Profile) *Theme { return compile(&o.palette, profile) }

// file is the form of a theme on disk.
type file struct {
	Name       string            `toml:"name"`
	Base       string            `toml:"base"` // built-in theme from which comes what is not named
	Dark       *bool             `toml:"dark"`
	Background string            `toml:"background"`
	Selection  string            `toml:"selection"`
	Colors     map[string]string `toml:"colors"`
}

// tokenNames are the keys of the colours, in the order of the tokens. Alarm is made of others.
func tokenNames() []string {
	return []string{
		"text", "muted", "quiet", "faint", "title", "accent", "good", "warn", "bad", "down", "up", "border", "border-focus",
		"heat-0", "heat-1", "heat-2", "heat-3", "heat-4", "heat-5",
	}
}

// Load reads a theme from a TOML file. Errors name the file and the key.
//
//	base = "dusk"            # a built-in theme; without one every colour is needed
//	background = "#11151c"
//	[colors]
//	accent = "#7cc7ff"
func Load(path string) (*Own, error) {
	b, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("theme: %w", err)
	}
	p, err := parse(b)
	if err != nil {
		return nil, fmt.Errorf("theme %s: %w", path, err)
	}
	if p.name == "" {
		p.name = strings.TrimSuffix(filepath.Base(path), filepath.Ext(path))
	}
	if slices.Contains(Builtin(), p.name) {
		return nil, fmt.Errorf("theme %s: name: %q is a built-in theme", path, p.name)
	}
	return &Own{*p}, nil
}

func parse(b []byte) (*palette, error) {
	var f file
	d := toml.NewDecoder(strings.NewReader(string(b))).DisallowUnknownFields()
	if err := d.Decode(&f); err != nil {
		return nil, explain(err)
	}
	p := &palette{dark: true}
	if f.Base != "" {
		i := slices.Index(Builtin(), f.Base)
		if i < 0 {
			return nil, fmt.Errorf("base: theme %q is unknown: there are %s", f.Base, strings.Join(Builtin(), ", "))
		}
		*p = palettes[i]
	}
	p.name = f.Name
	if f.Dark != nil {
		p.dark = *f.Dark
	}
	var errs []error
	set := func(key, value string, to *rgb, needed bool) {
		switch c, err := parseColor(value); {
		case value == "" && needed && f.Base == "":
			errs = append(errs, fmt.Errorf("%s is missing: name it, or a base to take it from", key))
		case value == "":
		case err != nil:
			errs = append(errs, fmt.Errorf("%s: %w", key, err))
		default:
			*to = c
		}
	}
	set("background", f.Background, &p.background, true)
	set("selection", f.Selection, &p.selection, true)
	names := tokenNames()
	for i, name := range names {
		set("colors."+name, f.Colors[name], &p.colors[i], Token(i) != Quiet)
	}
	for key := range f.Colors {
		if !slices.Contains(names, key) {
			errs = append(errs, fmt.Errorf("colors.%s is unknown: there are %s", shown(key), strings.Join(names, ", ")))
		}
	}
	if len(errs) > 0 {
		return nil, slices.MinFunc(errs, func(a, b error) int { return strings.Compare(a.Error(), b.Error()) })
	}
	return p, nil
}

// parseColor reads #rrggbb.
func parseColor(s string) (rgb, error) {
	digits, ok := strings.CutPrefix(s, "#")
	n, err := strconv.ParseUint(digits, 16, 24)
	if !ok || err != nil || len(digits) != 6 {
		return 0, fmt.Errorf("%q is not a colour such as #7cc7ff", s)
	}
	return rgb(n), nil
}

// shown is a key as it is shown: on one line, without control characters.
func shown(key ...string) string {
	return strings.Trim(strconv.Quote(strings.Join(key, ".")), `"`)
}

// explain puts a decoder's error into one line with the key and the place.
func explain(err error) error {
	if unknown, ok := errors.AsType[*toml.StrictMissingError](err); ok && len(unknown.Errors) > 0 {
		e := unknown.Errors[0]
		line, _ := e.Position()
		return fmt.Errorf("line %d: %s is unknown", line, shown(e.Key()...))
	}
	if e, ok := errors.AsType[*toml.DecodeError](err); ok {
		line, _ := e.Position()
		if key := shown(e.Key()...); key != "" {
			return fmt.Errorf("line %d: %s: %w", line, key, err)
		}
		return fmt.Errorf("line %d: %w", line, err)
	}
	return err
}
