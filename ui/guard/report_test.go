package guard

import (
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

func TestTheReasonOfACrash(t *testing.T) {
	exited := func(code int) syscall.WaitStatus { return syscall.WaitStatus(code << 8) }
	for _, c := range []struct {
		name   string
		status syscall.WaitStatus
		said   string
		want   string
	}{
		{"an orderly end", exited(0), "swarmtop: a line\n", ""},
		{"a failure that was told", exited(1), "swarmtop: no such file\n", ""},
		{"a panic", exited(2), "swarmtop: a line\npanic: index out of range\n\ngoroutine 7 [running]:\n", "panic: index out of range"},
		{"a panic with what a stranger sent", exited(2), "panic: \x1b]0;x\x07\n\ngoroutine 7 [running]:\n", "panic: ]0;x"},
		{"maps written at once", exited(2), "fatal error: concurrent map writes\n\ngoroutine 7 [running]:\n", "fatal error: concurrent map writes"},
		{"no memory", exited(2), "runtime: out of memory: cannot allocate\n\ngoroutine 7 [running]:\n", "runtime: out of memory: cannot allocate"},
		{"a panic that the screen caught", exited(1), "Caught panic:\r\n\r\nno snapshot\r\n\r\ngoroutine 7 [running]:\r\n", "panic: no snapshot"},
		{"asked to end", syscall.WaitStatus(syscall.SIGTERM), "", ""},
		{"killed", syscall.WaitStatus(syscall.SIGKILL), "", "killed by SIGKILL: by somebody, or by a system that had no memory left (see the kernel's log)"},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := reason(c.status, c.said); got != c.want {
				t.Errorf("reason = %q, want %q", got, c.want)
			}
		})
	}
}

func TestReportsAreBounded(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "reports")
	at := time.Date(2026, 3, 14, 15, 9, 26, 0, time.UTC)
	for range maxReports + 5 {
		at = at.Add(time.Second)
		r := report{Options: Options{Name: "x", Reports: dir}, reason: "panic: y", stack: "goroutine 1\x1b[2J", ended: at}
		if said := r.lines(); len(said) != 2 || !strings.Contains(said[1], dir) {
			t.Fatalf("it says %q", said)
		}
	}
	all, err := os.ReadDir(dir)
	if err != nil || len(all) != maxReports {
		t.Fatalf("%d reports are kept, want %d: %v", len(all), maxReports, err)
	}
	text, err := os.ReadFile(filepath.Join(dir, all[maxReports-1].Name()))
	if err != nil || !strings.Contains(string(text), "goroutine 1[2J\n") || strings.Contains(string(text), "\x1b") {
		t.Errorf("the report says %q, %v", text, err)
	}
	if want := at.Format("150405"); !strings.Contains(all[maxReports-1].Name(), want) {
		t.Errorf("the last report is %s, want one of %s", all[maxReports-1].Name(), want)
	}
}

// TestAReportThatCannotBeWrittenIsTold has a file where the folders ought to be.
func TestAReportThatCannotBeWrittenIsTold(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	t.Setenv("TMPDIR", filepath.Join(file, "tmp"))
	r := report{Options: Options{Name: "x", Reports: filepath.Join(file, "reports")}, reason: "panic: y", stack: "goroutine 1"}
	said := strings.Join(r.lines(), "\n")
	for _, part := range []string{"panic: y\n", "could not be written", "goroutine 1"} {
		if !strings.Contains(said, part) {
			t.Errorf("it says %q without %q", said, part)
		}
	}
}

func TestWhatAChildSaysIsBounded(t *testing.T) {
	if got := head(strings.NewReader(strings.Repeat("x", 2*maxSaid))); len(got) != maxSaid {
		t.Errorf("%d bytes are kept, want %d", len(got), maxSaid)
	}
}
