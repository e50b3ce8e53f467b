package guard

import (
	"os"
	"os/signal"
	"syscall"

	"github.com/charmbracelet/x/ansi"
	"github.com/charmbracelet/x/term"
)

// terminal is standard input and output as they were found.
type terminal struct{ was *term.State }

func look() *terminal {
	was, err := term.GetState(os.Stdin.Fd())
	if err != nil {
		return &terminal{}
	}
	return &terminal{was}
}

// taken tells whether the program has left the terminal in another state. A
// screen changes the line discipline before all else, and gives it back last.
func (t *terminal) taken() bool {
	if t.was == nil {
		return false
	}
	is, err := term.GetState(os.Stdin.Fd())
	return err == nil && *is != *t.was
}

// leave undoes whatever a screen may have asked of a terminal, and begins with
// what ends a sequence that was cut off.
const leave = "\x18" + "\x1b\\" +
	ansi.ResetModeSynchronizedOutput +
	ansi.ResetModeMouseNormal + ansi.ResetModeMouseButtonEvent + ansi.ResetModeMouseAnyEvent + ansi.ResetModeMouseExtSgr +
	ansi.ResetModeFocusEvent + ansi.ResetModeBracketedPaste + ansi.ResetModeUnicodeCore + ansi.ResetModeInBandResize +
	ansi.ResetModifyOtherKeys + "\x1b[<u" + // the keyboard protocol of kitty
	ansi.ResetForegroundColor + ansi.ResetBackgroundColor + ansi.ResetCursorColor +
	"\x1b[0 q" + ansi.ResetStyle + ansi.ResetModeAltScreenSaveCursor + ansi.SetModeTextCursorEnable

// restore gives the terminal back as it was.
func (t *terminal) restore() {
	// A shell that has taken the terminal back already must not stop us for it.
	signal.Ignore(syscall.SIGTTOU)
	defer signal.Reset(syscall.SIGTTOU)
	_, _ = os.Stdout.WriteString(leave)
	_ = term.Restore(os.Stdin.Fd(), t.was)
}
