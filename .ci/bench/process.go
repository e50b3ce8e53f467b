package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// process is a running program and what it started.
type process struct {
	cmd   *exec.Cmd
	began time.Time
	out   bytes.Buffer
	ended chan error
}

// start runs a program in dir, in a process group of its own.
func start(ctx context.Context, dir string, name string, args ...string) (*process, error) {
	return startWith(ctx, dir, nil, nil, name, args...)
}

// startWith is start with standard input from in, a file so that nobody needs to copy
// from it until it ends, and standard output to out if that is not nil.
func startWith(ctx context.Context, dir string, in *os.File, out io.Writer, name string, args ...string) (*process, error) {
	p := &process{cmd: exec.CommandContext(ctx, name, args...), ended: make(chan error, 1)}
	p.cmd.Dir = dir
	p.cmd.Env = append(os.Environ(), "HOME="+dir, "XDG_CONFIG_HOME="+dir, "XDG_STATE_HOME="+dir)
	p.cmd.Stdout, p.cmd.Stderr = &p.out, &p.out
	if in != nil {
		p.cmd.Stdin = in
	}
	if out != nil {
		p.cmd.Stdout = out
	}
	p.cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	p.cmd.Cancel, p.cmd.WaitDelay = p.kill, straggle
	p.began = time.Now()
	if err := p.cmd.Start(); err != nil {
		return nil, err
	}
	go func() { p.ended <- p.cmd.Wait() }()
	return p, nil
}

// straggle is how long the output of a process that was killed may go on.
const straggle = 2 * time.Second

// kill ends the process and what it started at once.
func (p *process) kill() error { return syscall.Kill(-p.cmd.Process.Pid, syscall.SIGKILL) }

// wait waits until the program has ended well.
func (p *process) wait() error {
	err := <-p.ended
	p.ended <- err
	if err != nil {
		return fmt.Errorf("%s: %w: %s", filepath.Base(p.cmd.Path), err, tail(p.out.String()))
	}
	return nil
}

// stop ends the program, politely at first.
func (p *process) stop() {
	if !p.alive() {
		return
	}
	_ = syscall.Kill(-p.cmd.Process.Pid, syscall.SIGTERM)
	select {
	case err := <-p.ended:
		p.ended <- err
	case <-time.After(10 * time.Second):
		_ = p.kill()
		p.ended <- <-p.ended
	}
}

// alive tells whether the program still runs.
func (p *process) alive() bool {
	select {
	case err := <-p.ended:
		p.ended <- err
		return false
	default:
		return true
	}
}

// spent returns the wall time since a program began, its processor time, both in
// seconds, and the most memory that it had resident, in MB; it is for one that has ended.
func (p *process) spent() []float64 {
	wall := time.Since(p.began).Seconds()
	usage := p.cmd.ProcessState.SysUsage().(*syscall.Rusage)
	cpu := time.Duration(usage.Utime.Nano() + usage.Stime.Nano()).Seconds()
	return []float64{wall, cpu, float64(usage.Maxrss) / 1024}
}

// soFar is spent for one that goes on.
func (p *process) soFar() ([]float64, error) {
	wall := time.Since(p.began).Seconds()
	cpu, err := processor(p.cmd.Process.Pid)
	if err != nil {
		return nil, err
	}
	most, err := kilobytes(p.cmd.Process.Pid, "status", "VmHWM:")
	return []float64{wall, cpu.Seconds(), most / 1024}, err
}

// family lists the process and all that descend from it.
func family(pid int) []int {
	all := []int{pid}
	for i := 0; i < len(all); i++ {
		tasks, _ := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/children", all[i]))
		for _, t := range tasks {
			text, _ := os.ReadFile(t)
			for _, f := range strings.Fields(string(text)) {
				if child, err := strconv.Atoi(f); err == nil {
					all = append(all, child)
				}
			}
		}
	}
	return all
}

// memory returns the proportional set size of a process and its descendants, in MB.
func memory(pid int) (mb float64, err error) {
	for _, p := range family(pid) {
		kb, err := kilobytes(p, "smaps_rollup", "Pss:")
		if err != nil {
			return 0, err
		}
		mb += kb / 1024
	}
	return mb, nil
}

// kilobytes reads one figure from a file of /proc/PID.
func kilobytes(pid int, file, label string) (float64, error) {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/%s", pid, file))
	if err != nil {
		return 0, err
	}
	for line := range strings.Lines(string(text)) {
		if f := strings.Fields(line); len(f) > 1 && f[0] == label {
			return strconv.ParseFloat(f[1], 64)
		}
	}
	return 0, fmt.Errorf("/proc/%d/%s has no %s", pid, file, label)
}

// processor returns the processor time of a process and its descendants so far.
func processor(pid int) (time.Duration, error) {
	var ticks int64
	for _, p := range family(pid) {
		text, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", p))
		if err != nil {
			return 0, err
		}
		_, after, ok := strings.Cut(string(text), ") ")
		f := strings.Fields(after)
		if !ok || len(f) < 13 {
			return 0, fmt.Errorf("/proc/%d/stat: %q", p, text)
		}
		for _, s := range f[11:13] {
			n, err := strconv.ParseInt(s, 10, 64)
			if err != nil {
				return 0, err
			}
			ticks += n
		}
	}
	return time.Duration(ticks) * (time.Second / 100), nil // USER_HZ is 100 on Linux
}

// patience ends what is awaited before a run, whose own limit is the stricter one.
const patience = 4 * time.Minute

// until asks every 10 ms, as long as patience lasts, whether something holds.
func (p *process) until(ctx context.Context, holds func() (bool, error)) error {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	var last error
	for {
		ok, err := holds()
		if ok {
			return nil
		}
		if err != nil {
			last = err
		}
		if !p.alive() {
			return fmt.Errorf("%s ended: %s", filepath.Base(p.cmd.Path), tail(p.out.String()))
		}
		select {
		case <-ctx.Done():
			return errors.Join(fmt.Errorf("%s took too long: %s", filepath.Base(p.cmd.Path), tail(p.out.String())), last)
		case <-tick.C:
		}
	}
}

func tail(s string) string {
	s = strings.TrimSpace(s)
	return s[max(0, len(s)-500):]
}
