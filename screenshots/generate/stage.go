package main

import (
	"reflect"
	"strings"
	"unicode/utf8"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/colorprofile"

	"swarmtop/screenshots/internal/paint"
	"swarmtop/swarm"
	"swarmtop/ui"
)

// stage is a screen that is driven by keys and by hand, without a terminal and
// without a clock.
type stage struct {
	columns, rows int
	theme         string
	snapshot      *swarm.Snapshot
	commands      ui.Commands // nil for one that takes note of nothing

	model *ui.Model
}

// Latest implements [ui.Snapshots].
func (s *stage) Latest() *swarm.Snapshot { return s.snapshot }

// idle takes note of nothing. No other command is reached by the keys of pictures.
type idle struct{ ui.Commands }

// Focus implements [ui.Commands].
func (idle) Focus(swarm.InfoHash) {}

// open opens the screen on a terminal of 24-bit colours.
func (s *stage) open() (err error) {
	if s.commands == nil {
		s.commands = idle{}
	}
	if s.model, err = ui.New(s, s.commands, ui.Options{Theme: s.theme}); err != nil {
		return err
	}
	for _, msg := range []tea.Msg{
		tea.ColorProfileMsg{Profile: colorprofile.TrueColor},
		tea.BackgroundColorMsg{Color: paper(s.theme, true).Bg},
		tea.WindowSizeMsg{Width: s.columns, Height: s.rows},
	} {
		s.send(msg)
	}
	return nil
}

// send gives the screen a message and what follows from it.
func (s *stage) send(msg tea.Msg) {
	_, cmd := s.model.Update(msg)
	s.run(cmd)
}

func (s *stage) run(cmd tea.Cmd) {
	if cmd == nil {
		return
	}
	switch msg := cmd().(type) {
	case nil:
	case tea.BatchMsg:
		for _, c := range msg {
			s.run(c)
		}
	default:
		if reflect.TypeOf(msg) != reflect.TypeOf(ui.Pull()) { // it looks when it is told to
			s.send(msg)
		}
	}
}

// show shows a snapshot.
func (s *stage) show(snap *swarm.Snapshot) {
	s.snapshot = snap
	s.send(ui.Pull())
}

// press presses keys, separated by spaces.
func (s *stage) press(keys string) {
	for _, name := range strings.Fields(keys) {
		k := tea.Key{Text: name}
		k.Code, _ = utf8.DecodeRuneInString(name)
		switch name {
		case "space":
			k = tea.Key{Code: tea.KeySpace, Text: " "}
		case "enter":
			k = tea.Key{Code: tea.KeyEnter}
		}
		s.send(tea.KeyPressMsg(k))
	}
}

// screen is what is seen, with lines below it.
func (s *stage) screen(below string) *paint.Screen {
	return paint.Read(s.model.View().Content+below, s.columns, s.rows+strings.Count(below, "\n"), paper(s.theme, true))
}
