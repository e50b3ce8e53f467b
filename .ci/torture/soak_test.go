package torture

import (
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/netip"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"sync"
	"testing"
	"time"
)

// TestSoak lets peers come and go and clients ask, and compares what the program
// holds after a warm-up with what it holds at the end.
func TestSoak(t *testing.T) {
	warm, span := scaled(2*time.Minute, 5*time.Second), scaled(8*time.Minute, 10*time.Second)
	files := t.TempDir()
	for i := range 20 {
		if err := os.WriteFile(filepath.Join(files, fmt.Sprintf("%02d.bin", i)), noise(uint64(i), 100_000), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	profiles := freeAddress(t).String()
	s := start(t, filepath.Join(t.TempDir(), "state"), "--pprof", profiles, files)
	now := s.until(t, "all is published", allComplete(20))
	stop := make(chan struct{})
	var busy sync.WaitGroup
	work := func(f func(i int)) {
		busy.Go(func() {
			for i := 0; ; i++ {
				select {
				case <-stop:
					return
				case <-time.After(20 * time.Millisecond):
					f(i)
				}
			}
		})
	}
	work(func(i int) {
		w := now.Swarms[i%20]
		if status, _, err := get(now.Gateway + "/w/" + w.InfoHash.String() + "/" + w.Name); status != http.StatusOK || err != nil {
			t.Errorf("%s is answered %d, %v", w.Name, status, err)
		}
	})
	peers := netip.MustParseAddrPort(peerAddress(t, s))
	r := rand.New(rand.NewPCG(1, 2))
	work(func(i int) {
		p, err := attack(peers, somewhere(r), now.Swarms[i%20].InfoHash, nil, nil, nil)
		if err != nil {
			return
		}
		p.write(append(message(mInterested), message(mRequest, numbers(0, 0, 16<<10)...)...))
		p.ping()
		p.close()
	})
	<-time.After(warm)
	before := s.holds(t, profiles)
	<-time.After(span)
	after := s.holds(t, profiles)
	close(stop)
	busy.Wait()
	if after.goroutines > before.goroutines+20 || after.files > before.files+20 {
		t.Errorf("%d goroutines and %d descriptors, after the warm-up %d and %d", after.goroutines, after.files, before.goroutines, before.files)
	}
	slack := scaled(1<<20, 8<<20) // of bytes, more where a slow machine has hardly warmed up
	if grown := float64(after.heap)/float64(before.heap) - 1; grown > 0.05 && after.heap-before.heap > slack {
		t.Errorf("%d bytes in use, %.1f %% more than after the warm-up", after.heap, grown*100)
	}
	measured("soak", "10 min: goroutines and descriptors level, memory within 5 % after warm-up",
		"%v: goroutines %d → %d, descriptors %d → %d, heap %.1f → %.1f MiB", warm+span, before.goroutines, after.goroutines, before.files, after.files,
		float64(before.heap)/(1<<20), float64(after.heap)/(1<<20))
}

// held is what a program has of what it must give back.
type held struct{ goroutines, files, heap int }

var (
	goroutines = regexp.MustCompile(`goroutine profile: total (\d+)`)
	heap       = regexp.MustCompile(`# HeapAlloc = (\d+)`)
)

// holds takes the least of several looks, between which work comes and goes.
func (r *running) holds(t *testing.T, profiles string) held {
	t.Helper()
	least := held{1 << 40, 1 << 40, 1 << 60}
	for range 10 {
		least.goroutines = min(least.goroutines, number(t, "http://"+profiles+"/debug/pprof/goroutine?debug=1", goroutines))
		least.heap = min(least.heap, number(t, "http://"+profiles+"/debug/pprof/heap?debug=1&gc=1", heap))
		least.files = min(least.files, descriptors(t, r.cmd.Process.Pid))
	}
	return least
}

// number returns what a page has where the pattern's parentheses are.
func number(t *testing.T, url string, where *regexp.Regexp) int {
	t.Helper()
	_, body, err := get(url)
	found := where.FindSubmatch(body)
	if err != nil || found == nil {
		t.Fatalf("%s: %.200s (%v)", url, body, err)
	}
	n, err := strconv.Atoi(string(found[1]))
	if err != nil {
		t.Fatal(err)
	}
	return n
}
