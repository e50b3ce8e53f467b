package cli_test

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"swarmtop/swarm"
)

// save puts a file in its place at once.
func save(t testing.TB, dir, name, text string) {
	t.Helper()
	path := filepath.Join(dir, name)
	if err := errors.Join(os.WriteFile(path+"~", []byte(text), 0o600), os.Rename(path+"~", path)); err != nil {
		t.Fatal(err)
	}
}

// hangUp sends SIGHUP.
func (r *running) hangUp(t testing.TB) {
	t.Helper()
	if err := r.cmd.Process.Signal(syscall.SIGHUP); err != nil {
		t.Fatal(err)
	}
}

func TestSIGHUPReadsTheManifestAgain(t *testing.T) {
	h := newHouse(t)
	dir := write(t, map[string]string{"page.html": "<!doctype html>page", "assets.toml": "[[asset]]\nsource = \"page.html\"\npath = \"/page\"\n"})
	s := onTerminal(t, h.command(onAnyPort(filepath.Join(dir, "assets.toml"))...), 200, 60)
	s.shows(t, "page.html", "1 swarm ", "1 seeding")
	save(t, dir, "page.html", "<!doctype html>another page") // which is no change of the manifest
	s.hangUp(t)
	s.shows(t, "assets.toml was read again: 1 new swarm, 1 swarm put to rest")
	s.shows(t, "2 swarms", "1 seeding", "at rest")
	s.press(t, "q")
	s.ends(t, h)
}

func TestMistakeInASavedManifestIsShownWithItsPlace(t *testing.T) {
	h := newHouse(t)
	dir := write(t, map[string]string{"page.html": "<!doctype html>page", "assets.toml": "[keys]\nhelp = \"f1\"\n[[asset]]\nsource = \"page.html\"\n"})
	s := onTerminal(t, h.command(onAnyPort(filepath.Join(dir, "assets.toml"))...), 200, 60)
	s.shows(t, "page.html", "f1 help")
	save(t, dir, "assets.toml", "[keys]\nhelp = \"a\"\n[[asset]]\nsource = \"page.html\"\n")
	s.shows(t, `assets.toml:2: keys.help: "a" is the key of add too; give one of them another`)
	save(t, dir, "assets.toml", "[keys]\nhelp = \"f2\"\n[[asset]]\nsource = \"page.html\"\n")
	s.shows(t, "assets.toml was read again: no swarm came or went")
	s.press(t, "\x1bOQ") // f2
	s.shows(t, "show this help")
	s.press(t, "\x03")
	s.ends(t, h)
}

func TestWithoutAScreenSIGHUPReadsTheManifestAgainToo(t *testing.T) {
	h := newHouse(t)
	dir := write(t, map[string]string{"page.html": "<!doctype html>page", "assets.toml": "[[asset]]\nsource = \"page.html\"\n"})
	r := start(t, h.command(onAnyPort("--json", filepath.Join(dir, "assets.toml"))...))
	r.until(t, "the first release", func(s *swarm.Snapshot) bool { return s.Totals.Seeding == 1 })
	save(t, dir, "page.html", "<!doctype html>another page")
	r.hangUp(t)
	r.until(t, "the second release", func(s *swarm.Snapshot) bool { return s.Totals.Swarms == 2 && s.Totals.Seeding == 1 })
	r.quits(t)
}

// TestTheProgramEndsWithItsTerminal closes the terminal, from which SIGHUP comes too.
func TestTheProgramEndsWithItsTerminal(t *testing.T) {
	h := newHouse(t)
	s := onTerminal(t, h.command("demo"), 80, 24)
	s.shows(t, "share-button.html")
	closed := time.Now()
	if err := s.tty.Close(); err != nil {
		t.Fatal(err)
	}
	if code := s.exit(t); code != 0 {
		t.Errorf("exit code %d, want 0", code)
	}
	inTime(t, "the end without a terminal", closed)
	isEmpty(t, h.temp)
}

// TestKilledWhileItReloads kills the program, with no chance to do anything, at
// several points of reading a manifest again. At the next start all is as the
// manifest wants it, whatever had been done.
func TestKilledWhileItReloads(t *testing.T) {
	const many = 60
	files, before, after := map[string]string{}, "", ""
	for i := range many {
		name := fmt.Sprintf("f%02d.css", i)
		files[name] = fmt.Sprintf("p{order:%d}", i)
		entry := fmt.Sprintf("[[asset]]\nsource = %q\npath = \"/%s\"\n", name, name)
		if i < 6 {
			before += entry
		}
		if i >= 3 {
			after += strings.Replace(entry, "/"+name, "/new/"+name, 1)
		}
	}
	for _, at := range []int{0, 7, 20, 45, many} {
		t.Run(fmt.Sprintf("with %d assets taken in", at), func(t *testing.T) {
			h := newHouse(t)
			dir := write(t, files)
			save(t, dir, "assets.toml", before)
			args := onAnyPort("--json", "--state="+h.home+"/state", filepath.Join(dir, "assets.toml"))
			r := start(t, h.command(args...))
			r.until(t, "the first six", func(s *swarm.Snapshot) bool { return s.Totals.Seeding == 6 })
			save(t, dir, "assets.toml", after)
			r.hangUp(t)
			r.takesIn(t, filepath.Join(h.home, "state", "assets"), at)
			if err := r.cmd.Process.Kill(); err != nil {
				t.Fatal(err)
			}
			r.exit(t)

			again := start(t, h.command(args...))
			var wrong []string
			s := again.until(t, "all is as the manifest wants it", func(s *swarm.Snapshot) bool { return s.Totals.Seeding == many-3 && s.Totals.Complete == many })
			for _, w := range s.Swarms {
				rests := w.Name < "f03"
				want := "/new/" + w.Name
				if rests {
					want = "/w/" + w.InfoHash.String() + "/" + w.Name
				}
				if w.Resting != rests || w.State != swarm.Complete || len(w.Files) != 1 || w.Files[0].URLPath != want {
					wrong = append(wrong, fmt.Sprintf("%s: resting %v, %v, %+v", w.Name, w.Resting, w.State, w.Files))
				}
			}
			if len(s.Swarms) != many || len(wrong) > 0 {
				t.Errorf("%d swarms, want %d; wrong: %q", len(s.Swarms), many, wrong)
			}
			if i := slices.IndexFunc(s.Events, func(e swarm.Event) bool { return e.Level == swarm.Error }); i >= 0 {
				t.Errorf("the event log: %s", s.Events[i].Text)
			}
			again.quits(t)
		})
	}
}

// takesIn waits until a folder has so many files.
func (r *running) takesIn(t testing.TB, dir string, want int) {
	t.Helper()
	tick := time.NewTicker(time.Millisecond)
	defer tick.Stop()
	for {
		entries, err := os.ReadDir(dir)
		if err != nil {
			t.Fatal(err)
		}
		if len(entries) >= want {
			return
		}
		select {
		case <-tick.C:
		case <-r.done:
			t.Fatalf("it ended with %d files in %s", len(entries), dir)
		}
	}
}
