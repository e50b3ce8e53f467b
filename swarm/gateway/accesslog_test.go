package gateway

import (
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"swarmtop/swarm"
)

// logRun runs an access log until the test calls the returned function.
func logRun(t *testing.T, path string) (l *accessLog, said func() []string, stop func()) {
	t.Helper()
	var mu sync.Mutex
	var lines []string
	l, err := openAccessLog(path, func(_ swarm.Level, s string) {
		mu.Lock()
		defer mu.Unlock()
		lines = append(lines, s)
	})
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan struct{})
	var writer sync.WaitGroup
	return l, func() []string { mu.Lock(); defer mu.Unlock(); return lines }, func() {
		writer.Go(func() { l.run(done) })
		close(done)
		writer.Wait()
	}
}

func TestAccessLogHasALineOfJSONForEachResponse(t *testing.T) {
	path := filepath.Join(t.TempDir(), "access.log")
	if err := os.WriteFile(path, []byte("earlier\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	l, _, stop := logRun(t, path)
	for i := range 3 {
		l.add(swarm.Response{Seq: uint64(i + 1), Path: "/a\"\n", Status: 206, Range: "bytes=0-1", Duration: 1500 * time.Microsecond,
			FirstByte: swarm.Known(time.Millisecond), Origin: swarm.FromWebSeed, Verdict: swarm.Fine, InfoHash: swarm.InfoHash{1}})
	}
	stop()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(string(b), "\n")
	if len(lines) != 5 || lines[0] != "earlier" || lines[4] != "" {
		t.Fatalf("%q", b)
	}
	var got map[string]any
	if err := json.Unmarshal([]byte(lines[3]), &got); err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]any{
		"seq": 3.0, "path": "/a\"\n", "status": 206.0, "range": "bytes=0-1", "duration_ms": 1.5, "first_byte_ms": 1.0,
		"origin": "web seed", "verdict": "fine", "info_hash": swarm.InfoHash{1}.String(),
	} {
		if got[name] != want {
			t.Errorf("%s: %v, want %v", name, got[name], want)
		}
	}
}

func TestAccessLogThatWasMovedAwayIsBegunAnew(t *testing.T) {
	path := filepath.Join(t.TempDir(), "access.log")
	l, _, stop := logRun(t, path)
	l.write(swarm.Response{Seq: 1})
	if err := os.Rename(path, path+".1"); err != nil {
		t.Fatal(err)
	}
	l.write(swarm.Response{Seq: 2})
	stop()
	for name, seq := range map[string]string{path + ".1": `"seq":1,`, path: `"seq":2,`} {
		b, err := os.ReadFile(name)
		if err != nil || strings.Count(string(b), "\n") != 1 || !strings.Contains(string(b), seq) {
			t.Errorf("%s: %q, %v", filepath.Base(name), b, err)
		}
	}
}

func TestDiskThatTakesNothingIsToldOnceAndBlocksNobody(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "logs")
	if err := os.Mkdir(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	l, said, stop := logRun(t, filepath.Join(dir, "access.log"))
	if err := os.Rename(dir, dir+".gone"); err != nil {
		t.Fatal(err)
	}
	for range accessQueue + 100 { // nobody takes them yet
		l.add(swarm.Response{})
	}
	for range 3 {
		l.write(swarm.Response{})
	}
	if got := said(); len(got) != 1 || !strings.Contains(got[0], "no such file") {
		t.Errorf("said %q", got)
	}
	if err := os.Rename(dir+".gone", dir); err != nil {
		t.Fatal(err)
	}
	l.write(swarm.Response{})
	stop()
	if got := said(); len(got) != 2 || !strings.Contains(got[1], "written again") {
		t.Errorf("said %q", got)
	}
}

func TestLineThatWasTornIsEnded(t *testing.T) {
	path := filepath.Join(t.TempDir(), "access.log")
	l, _, stop := logRun(t, path)
	if _, err := l.file.WriteString(`{"seq":1,"at`); err != nil {
		t.Fatal(err)
	}
	l.torn = true
	l.write(swarm.Response{Seq: 2})
	l.write(swarm.Response{Seq: 3})
	stop()
	b, err := os.ReadFile(path)
	if lines := strings.Split(string(b), "\n"); err != nil || len(lines) != 4 || !strings.HasPrefix(lines[1], `{"seq":2,`) {
		t.Errorf("%q, %v", b, err)
	}
}

func TestAccessLogThatCannotBeOpenedIsNamed(t *testing.T) {
	_, err := New(Config{Listen: "127.0.0.1:0", AccessLog: "/no/such/folder/x.log"})
	if !errors.Is(err, fs.ErrNotExist) || !strings.Contains(err.Error(), "/no/such/folder/x.log") {
		t.Errorf("%v", err)
	}
}
