package cli_test

import (
	"syscall"
	"testing"
	"time"
)

// BenchmarkFirstPicture measures from the start of the process to the first frame
// of the demo on a terminal.
func BenchmarkFirstPicture(b *testing.B) {
	for b.Loop() {
		h := newHouse(b)
		s := onTerminal(b, h.command("demo"), 120, 35)
		s.shows(b, "swarmtop", "Responses")
		b.StopTimer()
		s.cmd.Process.Signal(syscall.SIGTERM)
		s.exit(b)
		b.StartTimer()
	}
}

// BenchmarkAlive measures from the start of the process until all panes of the demo
// show something that moves.
func BenchmarkAlive(b *testing.B) {
	for b.Loop() {
		h := newHouse(b)
		s := onTerminal(b, h.command("demo"), 120, 35)
		s.until(b, "every pane is alive", alive)
		b.StopTimer()
		s.cmd.Process.Signal(syscall.SIGTERM)
		s.exit(b)
		b.StartTimer()
	}
}

// BenchmarkQuit measures from SIGTERM to the end of the process, in a demo that is alive.
func BenchmarkQuit(b *testing.B) {
	var took time.Duration
	for b.Loop() {
		h := newHouse(b)
		s := onTerminal(b, h.command("demo"), 120, 35)
		s.until(b, "every pane is alive", alive)
		asked := time.Now()
		s.cmd.Process.Signal(syscall.SIGTERM)
		s.exit(b)
		took += time.Since(asked)
	}
	b.ReportMetric(float64(took.Milliseconds())/float64(b.N), "ms/quit")
}
