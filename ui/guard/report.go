package guard

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"syscall"
	"time"
	"unicode"

	"swarmtop/swarm"
)

const (
	// maxSaid bounds what is kept of a child's standard error, in bytes. The
	// goroutine that crashed comes first.
	maxSaid = 1 << 20
	// maxReports bounds the reports in a folder; the oldest goes first.
	maxReports = 10
	// reasonCells bounds the reason on standard error, in columns.
	reasonCells = 300
)

// head returns the beginning of what r holds, and reads it to its end.
func head(r io.Reader) string {
	b, _ := io.ReadAll(io.LimitReader(r, maxSaid))
	_, _ = io.Copy(io.Discard, r)
	return string(b)
}

// reason tells how a child crashed, in a line; "" says that it ended by itself or
// because it was asked to.
func reason(s syscall.WaitStatus, said string) string {
	if s.Signaled() {
		switch s.Signal() {
		case syscall.SIGINT, syscall.SIGTERM, syscall.SIGHUP, syscall.SIGPIPE:
			return ""
		case syscall.SIGKILL:
			return "killed by SIGKILL: by somebody, or by a system that had no memory left (see the kernel's log)"
		}
		return "ended by the signal " + s.Signal().String()
	}
	lines := strings.Split(strings.ReplaceAll(said, "\r", ""), "\n")
	if s.ExitStatus() == 0 || !slices.ContainsFunc(lines, func(l string) bool { return strings.HasPrefix(l, "goroutine ") }) {
		return ""
	}
	for i, l := range lines {
		if l == "Caught panic:" && i+2 < len(lines) {
			return swarm.Clean("panic: "+lines[i+2], reasonCells)
		}
		for _, begin := range []string{"panic: ", "fatal error: ", "runtime: ", "SIG"} {
			if strings.HasPrefix(l, begin) {
				return swarm.Clean(l, reasonCells)
			}
		}
	}
	return "ended without a reason"
}

// report is what there is to tell of a crash.
type report struct {
	Options
	reason       string
	stack        string
	began, ended time.Time
}

// lines writes the report and returns what standard error is to say. Where no
// file can be written the stack itself is there.
func (r *report) lines() []string {
	said := []string{r.reason}
	path, err := r.write()
	if err != nil {
		said = append(said, "the report could not be written: "+err.Error())
		said = append(said, strings.Split(r.text(), "\n")...)
		return said
	}
	return append(said, "what has happened and what to do now is told in "+path)
}

// write writes the report into its folder, or that for temporary files.
func (r *report) write() (path string, err error) {
	name := r.Name + "-crash-" + r.ended.Format("20060102-150405.000") + ".txt"
	for _, dir := range []string{r.Reports, os.TempDir()} {
		path = filepath.Join(dir, name)
		e := os.MkdirAll(dir, 0o700)
		if e == nil {
			e = os.WriteFile(path, []byte(r.text()), 0o600)
		}
		if e == nil {
			r.prune(dir)
			return path, nil
		}
		err = errors.Join(err, e)
	}
	return "", err
}

// prune removes the oldest reports of a folder.
func (r *report) prune(dir string) {
	old, _ := filepath.Glob(filepath.Join(dir, r.Name+"-crash-*.txt"))
	slices.Sort(old)
	for _, path := range old[:max(0, len(old)-maxReports)] {
		_ = os.Remove(path)
	}
}

// text is the whole report.
func (r *report) text() string {
	stack := strings.TrimSpace(strings.Map(func(c rune) rune {
		if c == '\n' || c == '\t' || unicode.IsPrint(c) {
			return c
		}
		return -1
	}, r.stack))
	if stack == "" {
		stack = "There is none: the system ended the program from outside."
	}
	return fmt.Sprintf(`%[1]s has crashed: %[2]s

What to do
  Start it again. What was complete is still there; its bytes are checked before
  they are served, and what was under way goes on.
  If it crashes again, please report it with this file: %[3]s
  Read it through before you do: it may name files, addresses and swarms.

What it was
  %[1]s %[4]s, %[5]s, %[6]s/%[7]s
  from %[8]s to %[9]s
  called as: %[10]q

The stack
%[11]s
`, r.Name, r.reason, r.Help, r.Version, runtime.Version(), runtime.GOOS, runtime.GOARCH,
		r.began.Format(time.RFC3339), r.ended.Format(time.RFC3339), os.Args, stack)
}
