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
			back := make(chan struct{})
			p.Send(away(func() {
				defer close(back)
				t.Leave()
				f()
				t.Enter()
			}))
			select {
			case <-ctx.Done():
				return
			case <-back: // the window may have another size now
				p.Send(windowSize(t))
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
