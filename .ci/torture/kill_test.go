package torture

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"github.com/creack/pty"

	"swarmtop/swarm"
)

// survivor is a state folder whose program is killed again and again.
type survivor struct {
	*rand.Rand
	state, files string
	manifest     string
	publisher    *running
	offered      []swarm.InfoHash            // by the publisher, not yet joined
	bytes        map[string][]byte           // of every asset, by name
	must         map[swarm.InfoHash]struct{} // swarms that were seen, or were on the list
	seeding      map[swarm.InfoHash]bool     // as the list had it when the program was killed
	next         int
}

// TestKilledAtAnyMoment kills the program while it downloads, publishes, turns
// seeding off and on, reads its manifest again, and quits.
func TestKilledAtAnyMoment(t *testing.T) {
	cycles := scaled(200, 20)
	s := newSurvivor(t, cycles/5+1)
	for i := range cycles {
		name := []string{"download", "publish", "toggle", "reload", "quit"}[i%5]
		switch name {
		case "download":
			h := s.offered[0]
			s.offered = s.offered[1:]
			r := start(t, s.state, s.publisher.last.Gateway+"/t/"+h.String()+".torrent")
			s.wait(1200)
			r.kill()
		case "publish":
			r := start(t, s.state, s.asset(t, 300_000))
			s.wait(400)
			r.kill()
		case "toggle":
			s.toggle(t)
		case "reload":
			s.reload(t)
		case "quit":
			r := start(t, s.state)
			r.until(t, "it runs", func(*swarm.Snapshot) bool { return true })
			r.cmd.Process.Signal(syscall.SIGTERM)
			s.wait(60)
			r.kill()
		}
		s.learn(t)
		s.check(t, fmt.Sprintf("cycle %d, %s", i, name))
		if t.Failed() {
			return
		}
	}
	measured("kill -9 in download, publish, toggle, manifest reload and quit", "200 cycles, no wrong byte, no lost asset or switch, no stale lock",
		"%d cycles, %d assets, none", cycles, len(s.must))
}

func newSurvivor(t *testing.T, downloads int) *survivor {
	s := &survivor{Rand: random(t), state: filepath.Join(t.TempDir(), "state"), files: t.TempDir(), bytes: map[string][]byte{},
		must: map[swarm.InfoHash]struct{}{}, seeding: map[swarm.InfoHash]bool{}}
	s.manifest = filepath.Join(s.files, "assets.toml")
	dir := t.TempDir()
	for i := range downloads {
		name := fmt.Sprintf("offered%d.bin", i)
		s.bytes[name] = noise(uint64(1000+i), 6<<20)
		if err := os.WriteFile(filepath.Join(dir, name), s.bytes[name], 0o600); err != nil {
			t.Fatal(err)
		}
	}
	s.publisher = start(t, filepath.Join(t.TempDir(), "state"), dir)
	for _, w := range s.publisher.until(t, "all is published", allComplete(downloads)).Swarms {
		s.offered = append(s.offered, w.InfoHash)
	}
	return s
}

// wait lets up to so many milliseconds pass.
func (s *survivor) wait(most int) { <-time.After(time.Duration(s.IntN(most*1000)) * time.Microsecond) }

// asset writes a new file and returns its path.
func (s *survivor) asset(t *testing.T, size int) string {
	t.Helper()
	s.next++
	name := fmt.Sprintf("asset%d.bin", s.next)
	s.bytes[name] = noise(uint64(s.next), 1+s.IntN(size))
	path := filepath.Join(s.files, name)
	if err := os.WriteFile(path, s.bytes[name], 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// toggle turns seeding off and on with the screen's key.
func (s *survivor) toggle(t *testing.T) {
	t.Helper()
	cmd := command(t, s.state)
	tty, err := pty.StartWithSize(cmd, &pty.Winsize{Cols: 100, Rows: 30})
	if err != nil {
		t.Fatal(err)
	}
	drawn := make(chan struct{})
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		io.ReadFull(tty, make([]byte, 4000))
		close(drawn)
		io.Copy(io.Discard, tty)
	}()
	select {
	case <-drawn:
	case <-time.After(patience):
		t.Error("the screen is not drawn")
	}
	for range 1 + s.IntN(3) {
		io.WriteString(tty, "S")
		s.wait(150)
	}
	killGroup(cmd)
	<-ended
	tty.Close()
}

// killGroup kills a program that has a terminal, and those that it has started.
func killGroup(cmd *exec.Cmd) {
	syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL)
	cmd.Wait()
}

// reload names one more asset in the manifest while the program runs.
func (s *survivor) reload(t *testing.T) {
	t.Helper()
	s.name(t)
	r := start(t, s.state, "--manifest", s.manifest)
	r.until(t, "it runs", func(*swarm.Snapshot) bool { return true })
	s.name(t)
	r.cmd.Process.Signal(syscall.SIGHUP)
	s.wait(300)
	r.kill()
}

// name appends a new asset to the manifest.
func (s *survivor) name(t *testing.T) {
	t.Helper()
	path := s.asset(t, 100_000)
	old, err := os.ReadFile(s.manifest)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		t.Fatal(err)
	}
	text := fmt.Appendf(old, "[[asset]]\nsource = %q\npath = %q\n", path, "/"+filepath.Base(path))
	if err := os.WriteFile(s.manifest, text, 0o600); err != nil {
		t.Fatal(err)
	}
}

// learn reads the list that the killed program has left.
func (s *survivor) learn(t *testing.T) {
	t.Helper()
	var list []struct {
		InfoHash swarm.InfoHash `json:"info_hash"`
		Seeding  bool           `json:"seeding"`
	}
	b, err := os.ReadFile(filepath.Join(s.state, "swarms.json"))
	if errors.Is(err, fs.ErrNotExist) {
		return // it was killed before it had anything
	}
	if err == nil {
		err = json.Unmarshal(b, &list)
	}
	if err != nil {
		t.Fatalf("the list of swarms: %v", err)
	}
	for _, w := range list {
		s.must[w.InfoHash] = struct{}{}
		s.seeding[w.InfoHash] = w.Seeding
	}
}

// check starts the program on what is left, and looks at all of it.
func (s *survivor) check(t *testing.T, when string) {
	t.Helper()
	args := []string{}
	if len(s.must) == 0 {
		args = append(args, s.asset(t, 1000)) // with nothing it would run its demo
	}
	r := start(t, s.state, args...)
	now := r.until(t, when+": all is there and complete", func(now *swarm.Snapshot) bool {
		return now.Totals.Complete == now.Totals.Swarms && now.Totals.Swarms >= max(1, len(s.must))
	})
	for h := range s.must {
		if w := now.Swarm(h); w == nil {
			t.Errorf("%s: %s is lost", when, h.Short())
		} else if w.Seeding != s.seeding[h] {
			t.Errorf("%s: seeding of %s is %v, want %v", when, w.Name, w.Seeding, s.seeding[h])
		}
	}
	for i := range now.Swarms {
		w := &now.Swarms[i]
		status, got, err := get(now.Gateway + "/w/" + w.InfoHash.String() + "/" + w.Name)
		if status != 200 || err != nil || !bytes.Equal(got, s.bytes[w.Name]) {
			t.Errorf("%s: %s is answered %d with %d bytes, want %d (%v)", when, w.Name, status, len(got), len(s.bytes[w.Name]), err)
		}
		s.must[w.InfoHash], s.seeding[w.InfoHash] = struct{}{}, w.Seeding
	}
	if s.IntN(2) == 0 {
		r.kill()
	} else {
		r.quit(t)
	}
}

// TestTwoNeverShareAFolder starts two at once, again and again.
func TestTwoNeverShareAFolder(t *testing.T) {
	pairs := scaled(50, 5)
	state, file := filepath.Join(t.TempDir(), "state"), filepath.Join(t.TempDir(), "a.html")
	if err := os.WriteFile(file, []byte("<!doctype html>"), 0o600); err != nil {
		t.Fatal(err)
	}
	for range pairs {
		a, b := start(t, state, file), start(t, state, file)
		loser, winner := a, b
		select {
		case <-a.done:
		case <-b.done:
			loser, winner = b, a
		case <-time.After(patience):
			t.Fatal("both run")
		}
		if code := loser.cmd.ProcessState.ExitCode(); code != 1 || !bytes.Contains(loser.stderr.Bytes(), []byte("in use")) {
			t.Fatalf("the second ended with %d: %s", code, loser.stderr)
		}
		winner.until(t, "the first goes on", allComplete(1))
		winner.kill()
	}
	measured("two instances on one folder", "one of them is refused", "%d pairs, one each", pairs)
}
