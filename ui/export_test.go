package ui

import (
	"context"
	"io"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/colorprofile"

	"swarmtop/ui/terminal"
)

// Tick is the message on which the screen pulls a snapshot.
func Tick() tea.Msg { return tickMsg{} }

// IsTick tells whether a message asks to pull.
func IsTick(msg tea.Msg) bool {
	_, ok := msg.(tickMsg)
	return ok
}

// RunOn is [Run] with the terminal of a test.
func RunOn(ctx context.Context, s Snapshots, c Commands, in io.Reader, out io.Writer) error {
	return run(ctx, s, c, Options{}, terminal.New(in, out, 100, 30, nil), in, colorprofile.NoTTY)
}
