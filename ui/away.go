package ui

import (
	"context"
	"io"

	tea "charm.land/bubbletea/v2"

	"swarmtop/ui/terminal"
)

// away is what runs while the screen has left the terminal. It is the
// [tea.ExecCommand] of itself.
type away func()

// Run implements [tea.ExecCommand].
func (a away) Run() error { a(); return nil }

// SetStdin implements [tea.ExecCommand].
func (away) SetStdin(io.Reader) {}

// SetStdout implements [tea.ExecCommand].
func (away) SetStdout(io.Writer) {}

// SetStderr implements [tea.ExecCommand].
func (away) SetStderr(io.Writer) {}

// goAway lets a program leave the terminal whenever somebody asks for it, until ctx ends.
func goAway(ctx context.Context, p *tea.Program, t *terminal.Terminal, asked <-chan func()) {
	for {
		select {
		case <-ctx.Done():
			return
		case f := <-asked:
			back := make(chan error, 1)
			p.Send(away(func() {
				t.Leave()
				f()
				back <- t.Enter()
			}))
			select {
			case <-ctx.Done():
				return
			case err := <-back:
				if err != nil {
					p.Quit() // there are no keys to come
					return
				}
				p.Send(windowSize(t)) // which may be another one now
			}
		}
	}
}

// suspend asks for the program to be stopped.
func (m *Model) suspend(string) tea.Cmd {
	if m.options.Suspend == nil {
		return nil
	}
	return func() tea.Msg { m.options.Suspend(); return nil }
}
