package guard

import (
	"context"
	"os"
	"os/signal"
	"syscall"
)

// Suspend asks this process to stop as a shell would, by SIGTSTP.
func Suspend() { _ = syscall.Kill(os.Getpid(), syscall.SIGTSTP) }

// Away sends, until ctx ends, what is to run in a child while its screen has left
// the terminal: a stop, when somebody asks for one, and nothing at all, when a
// stop that nobody announced is over and the screen has to be drawn anew.
func Away(ctx context.Context) <-chan func() {
	away := make(chan func())
	signals := make(chan os.Signal, 8)
	signal.Notify(signals, syscall.SIGTSTP, syscall.SIGCONT)
	suspend := func() {
		stop() // seen by the guard, which stops too
		forget(signals)
	}
	go func() {
		defer signal.Stop(signals)
		for {
			var run func()
			select {
			case <-ctx.Done():
				return
			case s := <-signals:
				run = suspend
				if s == syscall.SIGCONT {
					run = func() {}
				}
			}
			ran := make(chan struct{})
			select {
			case <-ctx.Done():
				return
			case away <- func() { run(); close(ran) }:
			}
			select { // what is asked meanwhile is forgotten
			case <-ctx.Done():
				return
			case <-ran:
			}
		}
	}()
	return away
}
