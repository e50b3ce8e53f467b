package main

import (
	"errors"
	"fmt"
	"image/color"
	"io/fs"
	"os"
	"path/filepath"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/colorprofile"

	"swarmtop/screenshots/internal/paint"
	"swarmtop/swarm"
	"swarmtop/theme"
	"swarmtop/ui"
	"swarmtop/ui/sample"
)

//go:generate go run . -all .. -readme ../../README.md

// picture is one of the repository's pictures: a screen of a size, showing a
// snapshot, after some keys were pressed.
type picture struct {
	file          string
	columns, rows int
	dark          bool
	snapshot      func() *swarm.Snapshot
	keys          string // one character each
}

var pictures = [...]picture{
	{file: "wide.png", columns: 200, rows: 60, dark: true, snapshot: sample.Healthy},
	{file: "light.png", columns: 120, rows: 35, snapshot: sample.Healthy, keys: "jj2"},
	{file: "alarm.png", columns: 120, rows: 35, dark: true, snapshot: sample.Degraded},
	{file: "small.png", columns: 80, rows: 24, dark: true, snapshot: sample.Healthy},
}

// still is a source of snapshots that has but one.
type still struct{ *swarm.Snapshot }

func (s still) Latest() *swarm.Snapshot { return s.Snapshot }

// idle takes note of nothing; no other command is reached by the keys of pictures.
type idle struct{ ui.Commands }

func (idle) Focus(swarm.InfoHash) {}

// screen has the program draw the picture's screen.
func (p picture) screen() (*paint.Screen, error) {
	m, err := ui.New(still{p.snapshot()}, idle{}, ui.Options{})
	if err != nil {
		return nil, err
	}
	palette := paper(p.dark)
	messages := []tea.Msg{
		tea.ColorProfileMsg{Profile: colorprofile.TrueColor},
		tea.BackgroundColorMsg{Color: palette.Bg},
		tea.WindowSizeMsg{Width: p.columns, Height: p.rows},
	}
	for _, r := range p.keys {
		messages = append(messages, tea.KeyPressMsg{Code: r, Text: string(r)})
	}
	for _, msg := range messages {
		m.Update(msg)
	}
	return paint.Read(m.View().Content, p.columns, p.rows, palette), nil
}

// paper returns the colours of a terminal that suits the program's own theme.
func paper(dark bool) paint.Palette {
	t := theme.Default(dark, colorprofile.TrueColor)
	return paint.Palette{Fg: opaque(t.Color(theme.Text)), Bg: opaque(t.Background())}
}

func opaque(c color.Color) color.RGBA { return color.RGBAModel.Convert(c).(color.RGBA) }

// drawAll brings some of the pictures in dir up to date. One that shows the right cells
// already is left as it is and needs no fonts, whose versions would change its bytes.
func drawAll(dir string, some []picture, fonts func() (*paint.Fonts, error)) error {
	for _, p := range some {
		s, err := p.screen()
		if err != nil {
			return fmt.Errorf("%s: %w", p.file, err)
		}
		file := filepath.Join(dir, p.file)
		if current, err := shows(file, s); err != nil {
			return err
		} else if current {
			continue
		}
		f, err := fonts()
		if err != nil {
			return err
		}
		if err := write(file, s, f); err != nil {
			return err
		}
	}
	return nil
}

// shows tells whether a file is a picture of the screen.
func shows(file string, s *paint.Screen) (bool, error) {
	b, err := os.ReadFile(file)
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	digest, err := paint.DigestOf(b)
	return err == nil && digest == s.Digest(), nil
}

func write(file string, s *paint.Screen, f *paint.Fonts) error {
	b, err := paint.Encode(f.Draw(s), s.Digest())
	if err != nil {
		return fmt.Errorf("%s: %w", file, err)
	}
	return os.WriteFile(file, b, 0o644)
}
