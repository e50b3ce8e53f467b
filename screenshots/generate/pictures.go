package main

import (
	"errors"
	"fmt"
	"image/color"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/charmbracelet/colorprofile"

	"swarmtop/screenshots/internal/paint"
	"swarmtop/swarm"
	"swarmtop/theme"
	"swarmtop/ui/sample"
)

//go:generate go run . -all .. -readme ../../README.md

// picture is one of the repository's pictures: a screen of a size, showing a
// snapshot in a theme, after some keys were pressed.
type picture struct {
	file          string
	columns, rows int
	theme         string // empty for our own dark one
	snapshot      func() *swarm.Snapshot
	keys          string // as the key table names them, separated by spaces
}

// pictures are the whole screen at several sizes, the alarm, themes, and each pane.
func pictures() []picture {
	return []picture{
		{file: "wide.png", columns: 200, rows: 60, snapshot: sample.Healthy},
		{file: "screen.png", columns: 120, rows: 35, snapshot: sample.Healthy, keys: "j j j j"},
		{file: "small.png", columns: 80, rows: 24, snapshot: sample.Healthy},
		{file: "alarm.png", columns: 120, rows: 35, snapshot: sample.Poisoned, keys: "5"},
		{file: "degraded.png", columns: 160, rows: 45, snapshot: sample.Degraded, keys: "j j j j 4"},

		{file: "theme-paper.png", columns: 120, rows: 35, theme: "paper", snapshot: sample.Healthy, keys: "j j 2"},
		{file: "theme-nord.png", columns: 120, rows: 35, theme: "nord", snapshot: sample.Healthy, keys: "j j 2"},
		{file: "theme-gruvbox.png", columns: 120, rows: 35, theme: "gruvbox", snapshot: sample.Healthy, keys: "j j 2"},
		{file: "theme-safe.png", columns: 120, rows: 35, theme: "safe", snapshot: sample.Healthy, keys: "j j 2"},

		{file: "pane-swarms.png", columns: 120, rows: 24, snapshot: sample.Degraded, keys: "z j j j"},
		{file: "pane-peers.png", columns: 120, rows: 24, snapshot: sample.Healthy, keys: "j j j j 2 z j j"},
		{file: "pane-pieces.png", columns: 120, rows: 24, snapshot: sample.Healthy, keys: "3 z"},
		{file: "pane-who-has-what.png", columns: 120, rows: 24, snapshot: sample.Healthy, keys: "G 3 z"},
		{file: "pane-trackers.png", columns: 120, rows: 24, snapshot: sample.Degraded, keys: "G k k k k k k 4 z"},
		{file: "pane-responses.png", columns: 120, rows: 24, snapshot: sample.Poisoned, keys: "5 z A"},
	}
}

// screen has the program draw the picture's screen.
func (p picture) screen() (*paint.Screen, error) {
	s := &stage{columns: p.columns, rows: p.rows, theme: p.theme, snapshot: p.snapshot()}
	if err := s.open(); err != nil {
		return nil, err
	}
	s.press(p.keys)
	return s.screen(""), nil
}

// paper returns the colours of a terminal on which a theme is used; of our own one
// if it has no name.
func paper(name string, dark bool) paint.Palette {
	t := theme.Default(dark, colorprofile.TrueColor)
	if named, err := theme.Named(name, colorprofile.TrueColor); err == nil {
		t = named
	}
	return paint.Palette{Fg: opaque(t.Color(theme.Text)), Bg: opaque(t.Background())}
}

func opaque(c color.Color) color.RGBA { return color.RGBAModel.Convert(c).(color.RGBA) }

// drawn is a file that goes with a digest of the cells that it shows.
type drawn struct {
	file     string
	digest   string
	digestOf func(b []byte) (string, error)
	encode   func(*paint.Fonts) ([]byte, error)
}

// draw returns the picture as it ought to be.
func (p picture) draw() (drawn, error) {
	s, err := p.screen()
	if err != nil {
		return drawn{}, fmt.Errorf("%s: %w", p.file, err)
	}
	return drawn{p.file, s.Digest(), paint.DigestOf, func(f *paint.Fonts) ([]byte, error) {
		return paint.Encode(f.Draw(s), s.Digest())
	}}, nil
}

// refresh brings a file in dir up to date. One that shows the right cells already is
// left as it is and needs no fonts, whose versions would change its bytes.
func (d drawn) refresh(dir string, fonts func() (*paint.Fonts, error)) error {
	file := filepath.Join(dir, d.file)
	old, err := os.ReadFile(file)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if digest, err := d.digestOf(old); err == nil && digest == d.digest {
		return nil
	}
	f, err := fonts()
	if err != nil {
		return err
	}
	b, err := d.encode(f)
	if err != nil {
		return fmt.Errorf("%s: %w", d.file, err)
	}
	return os.WriteFile(file, b, 0o644)
}
