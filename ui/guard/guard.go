// Package guard keeps the terminal usable whatever becomes of the program that
// draws on it. The process that the user starts is a small parent: [Run] starts
// the same program again, as its child and in the same process group, passes
// signals on, and waits. When the child ends by a crash in any goroutine, by a
// fatal error of the runtime or by a signal that cannot be caught, the parent
// gives the terminal back as it found it, says why on standard error, and writes
// a report.
//
// The child learns from [Inside] that it is one, follows its parent by [Follow],
// and shares the terminal with the shell's job control by [Away] and [Suspend].
package guard

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"strconv"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// variable tells a child the process id of its guard. A value that was left in
// the environment by accident names another process, and counts for nothing.
const variable = "SWARMTOP_GUARD"

// lifeline is the descriptor in a child from which nothing ever comes: its end
// tells that the parent is gone.
const lifeline = 3

// Options are what a guard needs to know.
type Options struct {
	Name    string // of the program, before each line on standard error
	Version string
	Reports string // folder for reports; made when there is one to write
	Help    string // where to report a crash, a sentence
}

// Inside tells whether this process is a child of [Run].
func Inside() bool { return os.Getenv(variable) == strconv.Itoa(os.Getppid()) }

// Run starts this program once more, with the same arguments, and returns its
// exit code when it has ended: 128 and the signal's number if one ended it, 1 if
// it crashed by itself. It fails only when the child cannot be started.
//
// While it runs, every signal that can be caught and was not ignored belongs to it.
func Run(o Options) (code int, err error) {
	terminal := look()
	signals := make(chan os.Signal, 16)
	for _, s := range []syscall.Signal{syscall.SIGINT, syscall.SIGTERM, syscall.SIGHUP, syscall.SIGQUIT, syscall.SIGABRT,
		syscall.SIGUSR1, syscall.SIGUSR2, syscall.SIGTSTP} {
		if !signal.Ignored(s) { // what is ignored here, as by nohup, the child ignores too
			signal.Notify(signals, s)
		}
	}
	defer signal.Stop(signals)
	began := time.Now()
	child, said, err := start()
	if err != nil {
		return 0, err
	}
	status := watch(child, signals, terminal)
	text := said()
	crashed := reason(status, text)
	if terminal.taken() {
		terminal.restore()
	}
	if crashed == "" {
		os.Stderr.WriteString(text)
		return exitCode(status), nil
	}
	r := report{Options: o, reason: crashed, stack: text, began: began, ended: time.Now()}
	for _, line := range r.lines() {
		fmt.Fprintf(os.Stderr, "%s: %s\n", o.Name, line)
	}
	if status.Signaled() {
		return exitCode(status), nil
	}
	return 1, nil // the runtime's 2 is that of a mistake in how the program was called
}

// start starts the child. said waits for its end and returns what it wrote to
// standard error.
func start() (child *os.Process, said func() string, err error) {
	path, err := os.Executable()
	if err != nil {
		return nil, nil, err
	}
	errRead, errWrite, err := os.Pipe()
	if err != nil {
		return nil, nil, err
	}
	defer errWrite.Close()
	lifeRead, lifeWrite, err := os.Pipe() // its write end is held until this process ends
	if err != nil {
		errRead.Close()
		return nil, nil, err
	}
	defer lifeRead.Close()
	child, err = os.StartProcess(path, os.Args, &os.ProcAttr{
		Env:   append(os.Environ(), variable+"="+strconv.Itoa(os.Getpid()), "GOTRACEBACK=all"),
		Files: []*os.File{os.Stdin, os.Stdout, errWrite, lifeRead},
	})
	if err != nil {
		errRead.Close()
		lifeWrite.Close()
		return nil, nil, err
	}
	text := make(chan string, 1)
	go func() {
		text <- head(errRead)
		errRead.Close()
	}()
	return child, func() string {
		lifeWrite.Close()
		return <-text
	}, nil
}

// watch passes signals on to the child until it has ended, and stops with it.
func watch(child *os.Process, signals chan os.Signal, t *terminal) syscall.WaitStatus {
	changes := make(chan syscall.WaitStatus)
	go func() {
		for {
			var status syscall.WaitStatus
			_, err := syscall.Wait4(child.Pid, &status, syscall.WUNTRACED, nil)
			switch err {
			case nil:
			case syscall.EINTR:
				continue
			default: // its end has been seen already
				return
			}
			changes <- status
			if !status.Stopped() {
				return
			}
		}
	}()
	for {
		select {
		case s := <-signals:
			_ = child.Signal(s) // one that has just ended needs no signal
		case status := <-changes:
			if !status.Stopped() {
				return status
			}
			if t.taken() { // it was stopped from outside, without a chance to leave the screen
				t.restore()
			}
			if hasShell() {
				stop() // the shell sees this process
				forget(signals)
			}
			// A shell continues both. One signal more would have the screen drawn twice,
			// and lose what is typed between.
			if got, _ := syscall.Wait4(child.Pid, &status, syscall.WNOHANG|syscall.WCONTINUED, nil); got != child.Pid {
				_ = child.Signal(syscall.SIGCONT)
			} else if !status.Continued() {
				return status
			}
		}
	}
}

// hasShell tells whether somebody may continue this process once it is stopped:
// its parent is in another process group of the same session.
func hasShell() bool {
	parent := os.Getppid()
	session, err := unix.Getsid(parent)
	own, _ := unix.Getsid(0)
	group, _ := unix.Getpgid(parent)
	return err == nil && session == own && group != unix.Getpgrp()
}

// stop stops this process until it is continued.
func stop() {
	continued := make(chan os.Signal, 1)
	signal.Notify(continued, syscall.SIGCONT)
	defer signal.Stop(continued)
	_ = syscall.Kill(os.Getpid(), syscall.SIGSTOP)
	<-continued
}

// forget drops requests to stop that came before the program went on, as the
// kernel does with those that wait at a SIGCONT. It keeps all else, in order.
func forget(signals chan os.Signal) {
	for range len(signals) {
		if s := <-signals; s != syscall.SIGTSTP && s != syscall.SIGCONT {
			signals <- s
		}
	}
}

func exitCode(s syscall.WaitStatus) int {
	if s.Signaled() {
		return 128 + int(s.Signal())
	}
	return s.ExitStatus()
}

// Follow returns a context that ends with ctx, and when the guard of this child is gone.
func Follow(ctx context.Context) context.Context {
	ctx, cancel := context.WithCancel(ctx)
	f := os.NewFile(lifeline, "lifeline")
	syscall.CloseOnExec(lifeline)
	go func() { // owned by the process: it ends with it
		_, _ = f.Read(make([]byte, 1))
		cancel()
	}()
	return ctx
}
