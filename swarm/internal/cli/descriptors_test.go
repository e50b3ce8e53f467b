package cli_test

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os/exec"
	"strings"
	"testing"
	"time"

	"swarmtop/swarm"
)

// under returns a command that runs with so many descriptors at most.
func under(cmd *exec.Cmd, descriptors int) *exec.Cmd {
	cmd.Args = append([]string{"sh", "-c", fmt.Sprintf(`ulimit -n %d && exec "$@"`, descriptors), "sh", cmd.Path}, cmd.Args[1:]...)
	cmd.Path = "/bin/sh"
	return cmd
}

// TestDescriptorsThatRunOutAreNotTheEnd gives it 64 and takes every one that
// strangers can have: at the gateway, at the tracker and as peers.
func TestDescriptorsThatRunOutAreNotTheEnd(t *testing.T) {
	h := newHouse(t)
	page := "<!doctype html>" + strings.Repeat("page ", 20_000)
	peers := freePort(t)
	cmd := h.command("--json", "--listen=127.0.0.1:0", "--peer-listen="+peers, "--tracker-listen=127.0.0.1:0", "--cache-bytes=0",
		write(t, map[string]string{"page.html": page}))
	r := start(t, under(cmd, 64))
	s := r.until(t, "it runs", func(s *swarm.Snapshot) bool { return s.Totals.Complete == 1 })
	var held []net.Conn
	for _, address := range []string{s.Gateway, s.Tracker, "http://" + peers} {
		u, err := url.Parse(address)
		if err != nil {
			t.Fatal(err)
		}
		for range 100 {
			c, err := net.Dial("tcp", u.Host)
			if err != nil {
				t.Fatal(err)
			}
			defer c.Close()
			held = append(held, c)
			fmt.Fprint(c, "GET /") // and no more
		}
	}
	r.until(t, "it goes on", func(now *swarm.Snapshot) bool { return now.At.After(s.At.Add(2 * time.Second)) })
	for _, c := range held {
		c.Close()
	}
	eventually(t, "the page is served again", func() bool {
		client := http.Client{Transport: &http.Transport{DisableKeepAlives: true}, Timeout: 10 * time.Second}
		resp, err := client.Get(s.Gateway + "/w/" + s.Swarms[0].InfoHash.String() + "/page.html")
		if err != nil {
			return false
		}
		defer resp.Body.Close()
		b, err := io.ReadAll(resp.Body)
		return err == nil && resp.StatusCode == http.StatusOK && string(b) == page
	})
	r.quits(t)
	if said := r.stderr.String(); !strings.HasPrefix(said, "swarmtop: only 64 files and connections may be open at once: ") || !strings.Contains(said, "ulimit -n raises it\n") {
		t.Errorf("without a screen it said %q", said)
	}
}

func TestTooFewDescriptorsAreToldOf(t *testing.T) {
	r := start(t, under(newHouse(t).command("--json"), 40))
	if code := r.exit(t); code != 1 {
		t.Errorf("exit code %d, want 1", code)
	}
	if said := r.stderr.String(); strings.Count(said, "\n") != 1 || !strings.Contains(said, "ulimit -n") {
		t.Errorf("it said %q", said)
	}
}

// freePort returns an address on which nobody listens now.
func freePort(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}
