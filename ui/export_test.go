package ui

import (
	"context"
	"io"

	tea "charm.land/bubbletea/v2"
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
	return run(ctx, s, c, Options{}, tea.WithInput(in), tea.WithOutput(out), tea.WithWindowSize(100, 30), tea.WithEnvironment(nil))
}
