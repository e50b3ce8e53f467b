package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"sync"
	"time"

	"github.com/creack/pty"
)

// screen is a program in a terminal of 200×60, whose output is counted.
type screen struct {
	*process
	terminal *os.File

	mu    sync.Mutex
	text  []byte // as much of the output as looksAt needs
	total int
	last  time.Time // when something was written
}

const looksAt = 1 << 20

// onScreen starts a program in a terminal.
func onScreen(ctx context.Context, dir, name string, args ...string) (*screen, error) {
	p := &process{cmd: exec.CommandContext(ctx, name, args...), ended: make(chan error, 1)}
	p.cmd.Dir = dir
	p.cmd.Env = append(os.Environ(), "HOME="+dir, "XDG_CONFIG_HOME="+dir, "XDG_STATE_HOME="+dir, "TERM=xterm-256color",
		"COLORTERM=truecolor", "LANG=C.UTF-8", "LC_ALL=C.UTF-8")
	p.cmd.Cancel = p.kill // the terminal makes it the leader of a group
	p.began = time.Now()
	terminal, err := pty.StartWithSize(p.cmd, &pty.Winsize{Cols: 200, Rows: 60})
	if err != nil {
		return nil, err
	}
	s := &screen{process: p, terminal: terminal}
	go s.read()
	go func() { p.ended <- p.cmd.Wait() }()
	return s, nil
}

func (s *screen) read() {
	part := make([]byte, 64<<10)
	for {
		n, err := s.terminal.Read(part)
		s.mu.Lock()
		if s.total += n; n > 0 {
			s.last = time.Now()
		}
		if len(s.text) < looksAt {
			s.text = append(s.text, part[:n]...)
		}
		s.mu.Unlock()
		if err != nil {
			return
		}
	}
}

func (s *screen) written() int {
	total, _ := s.latest()
	return total
}

// latest returns how much was written, and when the last of it came.
func (s *screen) latest() (total int, at time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.total, s.last
}

// shows returns when the output first held a text, in milliseconds after the start.
func (s *screen) shows(ctx context.Context, text string) (float64, error) {
	ctx, cancel := context.WithTimeout(ctx, 20*time.Second)
	defer cancel()
	tick := time.NewTicker(200 * time.Microsecond)
	defer tick.Stop()
	for {
		s.mu.Lock()
		found := bytes.Contains(s.text, []byte(text))
		s.mu.Unlock()
		if found {
			return float64(time.Since(s.began).Microseconds()) / 1000, nil
		}
		select {
		case <-ctx.Done():
			return 0, errors.Join(fmt.Errorf("%s never showed %q", s.cmd.Path, text), ctx.Err())
		case <-tick.C:
		}
	}
}

// typeIn is what a user types.
func (s *screen) typeIn(keys string) error {
	_, err := s.terminal.WriteString(keys)
	return err
}

// answers types a key and returns the milliseconds until the last byte of the picture
// that it brings, after which nothing comes for a while.
func (s *screen) answers(ctx context.Context, key string) (float64, error) {
	const while = 20 * time.Millisecond
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	before, began := s.written(), time.Now()
	if err := s.typeIn(key); err != nil {
		return 0, err
	}
	tick := time.NewTicker(time.Millisecond)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return 0, errors.Join(fmt.Errorf("nothing was drawn after the key %q", key), ctx.Err())
		case <-tick.C:
		}
		if total, at := s.latest(); total > before && time.Since(at) > while {
			return float64(at.Sub(began).Microseconds()) / 1000, nil
		}
	}
}

// calm waits until nothing has been drawn for longer than the screen waits for news.
func (s *screen) calm(ctx context.Context) error {
	const while = 300 * time.Millisecond
	for before := -1; before != s.written(); {
		before = s.written()
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(while):
		}
	}
	return nil
}

// quit ends the program and its terminal.
func (s *screen) quit() {
	s.stop()
	s.terminal.Close()
}

// atRest returns the share of a core in percent and the bytes a second that a program takes.
func (s *screen) atRest(ctx context.Context, length time.Duration) ([]float64, error) {
	pid := s.cmd.Process.Pid
	before, err := processor(pid)
	if err != nil {
		return nil, err
	}
	wrote, began := s.written(), time.Now()
	select {
	case <-ctx.Done():
		return nil, ctx.Err()
	case <-time.After(length):
	}
	after, err := processor(pid)
	if err != nil {
		return nil, err
	}
	took := time.Since(began).Seconds()
	return []float64{100 * (after - before).Seconds() / took, float64(s.written()-wrote) / took}, nil
}
