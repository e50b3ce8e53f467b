package ui

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"sync"
	"syscall"
	"time"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/colorprofile"
	"github.com/charmbracelet/x/ansi"

	"swarmtop/ui/terminal"
)

// Run shows the screen on the terminal until the user quits or ctx ends, and
// returns when the commands that were under way have ended too.
func Run(ctx context.Context, s Snapshots, c Commands, o Options) error {
	t := terminal.New(os.Stdin, os.Stdout, 0, 0, os.Getenv)
	return run(ctx, s, c, o, t, os.Stdin, colorprofile.Detect(os.Stdout, os.Environ()))
}

func run(ctx context.Context, s Snapshots, c Commands, o Options, t *terminal.Terminal, in io.Reader, profile colorprofile.Profile) error {
	m, err := New(s, c, o)
	if err != nil {
		return err
	}
	defer m.working.wait()
	inner, cancel := context.WithCancel(ctx)
	defer cancel()
	m.ctx = inner

	teller, told := m.snapshots.(teller)
	m.told = told
	size := windowSize(t)
	m.Update(tea.ColorProfileMsg{Profile: profile})
	m.Update(size)
	t.Show(m.View())
	if err := t.Enter(); err != nil {
		return err
	}
	defer t.Leave()
	t.Flush()

	// Bubble Tea reads the keys and runs the commands. It writes nothing: see
	// [program]. Signals are the caller's, who ends ctx: two owners of one signal can
	// wait for each other.
	p := tea.NewProgram(program{m, t}, tea.WithContext(ctx), tea.WithoutSignalHandler(), tea.WithoutRenderer(), tea.WithFPS(1),
		tea.WithInput(in), tea.WithOutput(io.Discard), tea.WithColorProfile(profile), tea.WithWindowSize(size.Width, size.Height))
	var waiting sync.WaitGroup
	defer waiting.Wait()
	defer cancel()
	waiting.Go(func() { t.Run(inner) })
	waiting.Go(func() { goAway(inner, p, t, o.Away) })
	waiting.Go(func() { followWindow(inner, p, t) })
	if told {
		waiting.Go(func() { followSnapshots(inner, p, teller) })
	}
	_, err = p.Run()
	switch {
	case err == nil, ctx.Err() != nil && !errors.Is(err, tea.ErrProgramPanic):
		return nil
	}
	return fmt.Errorf("screen: %w", err)
}

// program is a screen and the terminal that shows it.
type program struct {
	*Model
	terminal *terminal.Terminal
}

// clipboardMsg is a text for the clipboard (OSC 52).
type clipboardMsg string

func toClipboard(text string) tea.Cmd {
	return func() tea.Msg { return clipboardMsg(text) }
}

// Update implements [tea.Model].
func (p program) Update(msg tea.Msg) (tea.Model, tea.Cmd) {
	_, cmd := p.Model.Update(msg)
	switch msg := msg.(type) {
	case tea.WindowSizeMsg:
		p.terminal.Show(p.Model.View()) // first, so that the window does not begin with the picture of another size
		p.terminal.Resized(msg.Width, msg.Height)
	case tea.ModeReportMsg:
		p.terminal.Answered(msg)
	case tea.RawMsg:
		p.terminal.Send(fmt.Sprint(msg.Msg))
	case clipboardMsg:
		p.terminal.Send(ansi.SetSystemClipboard(string(msg)))
	}
	return p, cmd
}

// View implements [tea.Model].
func (p program) View() tea.View {
	p.terminal.Show(p.Model.View())
	return tea.View{}
}

// teller tells when there is a new snapshot: then the channel holds a token.
type teller interface {
	Subscribe() (wake <-chan struct{}, cancel func())
}

// followSnapshots tells a program of new snapshots until ctx ends.
func followSnapshots(ctx context.Context, p *tea.Program, from teller) {
	wake, cancel := from.Subscribe()
	defer cancel()
	p.Send(pullMsg{}) // one may have come before
	last := time.Now()
	for {
		select {
		case <-ctx.Done():
			return
		case <-wake:
		}
		if wait := pull - time.Since(last); wait > 0 {
			select {
			case <-ctx.Done():
				return
			case <-time.After(wait):
			}
		}
		last = time.Now()
		p.Send(pullMsg{})
	}
}

func windowSize(t *terminal.Terminal) tea.WindowSizeMsg {
	width, height := t.Size()
	return tea.WindowSizeMsg{Width: width, Height: height}
}

// followWindow tells a program the size of its window whenever that changes, until ctx ends.
func followWindow(ctx context.Context, p *tea.Program, t *terminal.Terminal) {
	resized := make(chan os.Signal, 1)
	signal.Notify(resized, syscall.SIGWINCH)
	defer signal.Stop(resized)
	for {
		select {
		case <-ctx.Done():
			return
		case <-resized:
			p.Send(windowSize(t))
		}
	}
}
