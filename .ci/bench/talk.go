package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
)

// partner is a program that takes lines and says lines.
type partner struct {
	*process
	commands *os.File
	said     *os.File
	lines    chan string // closed when it has nothing more to say
}

// converse starts one. Its standard input and output are files, so that nobody has to
// copy them.
func converse(ctx context.Context, dir, name string, args ...string) (*partner, error) {
	in, commands, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	defer in.Close()
	said, out, err := os.Pipe()
	if err != nil {
		commands.Close()
		return nil, err
	}
	defer out.Close()
	p := &partner{commands: commands, said: said, lines: make(chan string, 16)}
	if p.process, err = startWith(ctx, dir, in, out, name, args...); err != nil {
		return nil, errors.Join(err, commands.Close(), said.Close())
	}
	go func() {
		defer close(p.lines)
		for s := bufio.NewScanner(said); s.Scan(); {
			p.lines <- s.Text()
		}
	}()
	return p, nil
}

// tell gives it a line.
func (p *partner) tell(format string, args ...any) error {
	_, err := fmt.Fprintf(p.commands, format+"\n", args...)
	return err
}

// hear returns the next line that it says.
func (p *partner) hear(ctx context.Context) (string, error) {
	select {
	case line, ok := <-p.lines:
		if !ok {
			return "", fmt.Errorf("%s ended: %s", filepath.Base(p.cmd.Path), tail(p.out.String()))
		}
		return line, nil
	case <-ctx.Done():
		return "", ctx.Err()
	}
}

// stop ends the program and what it says.
func (p *partner) stop() {
	p.commands.Close()
	p.process.stop()
	for range p.lines { // its reader ends with the program
	}
	p.said.Close()
}
