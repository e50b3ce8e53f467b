// Package terminal shows pictures on a terminal. It takes the terminal over, writes
// what has changed of a picture as soon as it has, and gives the terminal back as it
// was. A picture that does not change costs nothing.
package terminal

import (
	"context"
	"fmt"
	"image/color"
	"io"
	"strings"
	"sync"
	"time"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/ansi"
	"github.com/charmbracelet/x/term"
)

// pace is the least time between two pictures. One that comes after a longer time is
// written at once; of those that come within it the last one is.
const pace = time.Second / 120

// Terminal is a keyboard and a screen. Its methods may be called at any time, from
// any goroutine.
type Terminal struct {
	out      io.Writer
	keyboard term.File // nil where input is no terminal
	screen   term.File // nil where output is none
	asks     string    // the queries that it is sent at the beginning

	news chan struct{} // capacity one: there is something to write

	coming sync.Mutex // guards what is to be written
	view   tea.View
	seqs   string

	mu            sync.Mutex // guards the terminal itself
	was           *term.State
	on            bool // it is taken over
	synced        bool // it shows what lies between two marks at once
	width, height int
	painter       painter
	shown         tea.View
}

// New returns the terminal that in and out lead to, of a size where out does not
// tell its own. getenv may be nil for a terminal that nothing is known of.
func New(in io.Reader, out io.Writer, width, height int, getenv func(string) string) *Terminal {
	t := &Terminal{out: out, width: width, height: height, news: make(chan struct{}, 1)}
	if f, ok := in.(term.File); ok && term.IsTerminal(f.Fd()) {
		t.keyboard = f
	}
	if f, ok := out.(term.File); ok && term.IsTerminal(f.Fd()) {
		t.screen = f
	}
	t.asks = ansi.RequestBackgroundColor + ansi.RequestKittyKeyboard
	if getenv != nil && !strings.Contains(getenv("TERM_PROGRAM"), "Apple") { // that one shows what it does not know
		t.asks += ansi.RequestModeSynchronizedOutput + ansi.RequestModeUnicodeCore
	}
	return t
}

// Size is the window's, in cells.
func (t *Terminal) Size() (width, height int) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.screen != nil {
		if w, h, err := term.GetSize(t.screen.Fd()); err == nil {
			t.width, t.height = w, h
		}
	}
	return t.width, t.height
}

const (
	enter = ansi.ResetModifyOtherKeys + ansi.SetModeAltScreenSaveCursor + ansi.ResetModeTextCursorEnable +
		ansi.SetModeBracketedPaste + ansi.SetModifyOtherKeys2 + "\x1b[>1u" // the keyboard protocol of kitty
	mouseOn  = ansi.SetModeMouseButtonEvent + ansi.SetModeMouseExtSgr
	mouseOff = ansi.ResetModeMouseButtonEvent + ansi.ResetModeMouseExtSgr
	leave    = ansi.ResetModifyOtherKeys + "\x1b[<u" + ansi.ResetModeBracketedPaste + mouseOff + ansi.ResetModeUnicodeCore +
		ansi.ResetForegroundColor + ansi.ResetBackgroundColor + ansi.ResetStyle + "\x1b]2;\a" +
		ansi.ResetModeAltScreenSaveCursor + ansi.SetModeTextCursorEnable
)

// Enter takes the terminal over: keys come one by one from then on, and the screen is
// empty. It fails when the keyboard cannot be had.
func (t *Terminal) Enter() error {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.keyboard != nil {
		was, err := term.MakeRaw(t.keyboard.Fd())
		if err != nil {
			return fmt.Errorf("take over the terminal: %w", err)
		}
		t.was = was
	}
	t.on, t.shown = true, tea.View{}
	t.painter.out = append(append(t.painter.out[:0], t.begins()...), enter...)
	t.painter.clear(t.width, t.height)
	t.painter.out = append(t.painter.out, t.asks...)
	t.wake()
	return nil
}

// Leave gives the terminal back. One that is gone needs nothing back.
func (t *Terminal) Leave() {
	t.mu.Lock()
	defer t.mu.Unlock()
	if !t.on {
		return
	}
	t.on = false
	_, _ = io.WriteString(t.out, leave)
	if t.was != nil {
		_ = term.Restore(t.keyboard.Fd(), t.was)
	}
}

// Show makes v the picture. It never waits for the terminal.
func (t *Terminal) Show(v tea.View) {
	t.coming.Lock()
	defer t.coming.Unlock()
	if same(v, t.view) {
		return
	}
	t.view = v
	t.wake()
}

// Send sends a sequence that is no part of a picture.
func (t *Terminal) Send(sequence string) {
	t.coming.Lock()
	defer t.coming.Unlock()
	t.seqs += sequence
	t.wake()
}

// Resized says that the window has another size.
func (t *Terminal) Resized(width, height int) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if width == t.painter.width && height == len(t.painter.lines) {
		return
	}
	t.width, t.height = width, height
	if t.on {
		t.painter.clear(width, height)
		t.wake()
	}
}

// Answered takes note of what the terminal says of a mode that it was asked about.
func (t *Terminal) Answered(m tea.ModeReportMsg) {
	switch {
	case m.Mode == ansi.ModeSynchronizedOutput && m.Value == ansi.ModeReset:
		t.mu.Lock()
		defer t.mu.Unlock()
		if !t.synced {
			t.synced = true
			t.painter.out = append([]byte(ansi.SetModeSynchronizedOutput), t.painter.out...)
		}
	case m.Mode == ansi.ModeUnicodeCore && m.Value == ansi.ModeReset:
		t.Send(ansi.SetModeUnicodeCore)
	}
}

func (t *Terminal) wake() {
	select {
	case t.news <- struct{}{}:
	default:
	}
}

// Run writes what comes until ctx ends.
func (t *Terminal) Run(ctx context.Context) {
	var last time.Time // a picture was written
	for {
		select {
		case <-ctx.Done():
			return
		case <-t.news:
		}
		if wait := pace - time.Since(last); wait > 0 {
			select {
			case <-ctx.Done():
				return
			case <-time.After(wait):
			}
		}
		t.Flush()
		last = time.Now()
	}
}

// Flush writes what has come and not been written.
func (t *Terminal) Flush() {
	t.mu.Lock()
	defer t.mu.Unlock()
	if !t.on {
		return
	}
	t.coming.Lock()
	v, seqs := t.view, t.seqs
	t.seqs = ""
	t.coming.Unlock()

	p := &t.painter
	p.out = append(p.out, seqs...)
	t.settings(v)
	p.paint(v.Content)
	t.shown = v
	if len(p.out) == len(t.begins()) {
		return // nothing has changed
	}
	if t.synced {
		p.out = append(p.out, ansi.ResetModeSynchronizedOutput...)
	}
	_, _ = t.out.Write(p.out) // a terminal that is gone is noticed by whoever waits for its keys
	p.out = append(p.out[:0], t.begins()...)
}

// begins is what every write begins with.
func (t *Terminal) begins() string {
	if t.synced {
		return ansi.SetModeSynchronizedOutput
	}
	return ""
}

// settings appends what a picture asks for besides its cells.
func (t *Terminal) settings(v tea.View) {
	p := &t.painter
	if v.MouseMode != t.shown.MouseMode {
		if v.MouseMode == tea.MouseModeNone {
			p.out = append(p.out, mouseOff...)
		} else {
			p.out = append(p.out, mouseOn...)
		}
	}
	if v.WindowTitle != t.shown.WindowTitle {
		p.out = append(p.out, ansi.SetWindowTitle(v.WindowTitle)...)
	}
	p.out = append(p.out, paper(v.ForegroundColor, t.shown.ForegroundColor, ansi.SetForegroundColor, ansi.ResetForegroundColor)...)
	p.out = append(p.out, paper(v.BackgroundColor, t.shown.BackgroundColor, ansi.SetBackgroundColor, ansi.ResetBackgroundColor)...)
}

// paper asks for the terminal's own colour of text or ground, if it is another one.
func paper(is, was color.Color, set func(string) string, reset string) string {
	switch {
	case is == was:
		return ""
	case is == nil:
		return reset
	}
	r, g, b, _ := is.RGBA()
	return set(fmt.Sprintf("#%02x%02x%02x", r>>8, g>>8, b>>8))
}

// same tells whether two pictures are.
func same(a, b tea.View) bool {
	return a.Content == b.Content && a.WindowTitle == b.WindowTitle && a.MouseMode == b.MouseMode &&
		a.ForegroundColor == b.ForegroundColor && a.BackgroundColor == b.BackgroundColor
}
