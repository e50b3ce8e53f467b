package guard

import (
	"context"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/charmbracelet/x/term"
)

// lookEvery is the time between two looks at whether the terminal is still there:
// it may go without a signal, as when a shell between has taken that.
const lookEvery = time.Second

// Hangups does what SIGHUP asks for until ctx ends: it calls end when standard
// output was a terminal that is gone, and reload otherwise. A terminal is gone when
// the kernel no longer answers for it as one (tcgetattr fails), or took it away because
// the shell that led its session has died. A program that was started with SIGHUP
// ignored, as by nohup, goes on ignoring it.
func Hangups(ctx context.Context, reload, end func()) {
	hangups := make(chan os.Signal, 1)
	if !signal.Ignored(syscall.SIGHUP) {
		signal.Notify(hangups, syscall.SIGHUP)
		defer signal.Stop(hangups)
	}
	onTerminal, controlled := term.IsTerminal(os.Stdout.Fd()), hasTerminal()
	tick := time.NewTicker(lookEvery)
	defer tick.Stop()
	for {
		signalled := false
		select {
		case <-ctx.Done():
			return
		case <-hangups:
			signalled = true
		case <-tick.C:
		}
		switch {
		case onTerminal && (!term.IsTerminal(os.Stdout.Fd()) || controlled && !hasTerminal()):
			end()
		case signalled:
			reload()
		}
	}
}

// hasTerminal tells whether this process has a controlling terminal.
func hasTerminal() bool {
	f, err := os.OpenFile("/dev/tty", os.O_RDONLY|syscall.O_NOCTTY, 0)
	if err != nil {
		return false
	}
	f.Close()
	return true
}
