package announce_test

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"swarmtop/swarm"
	"swarmtop/swarm/admit"
	"swarmtop/swarm/announce"
)

var errRefused = syscall.ECONNREFUSED

func TestEveryFailureIsAKindOfItsOwn(t *testing.T) {
	for name, c := range map[string]struct {
		reply reply
		want  swarm.Outcome
		text  string
	}{
		"no such name":         {reply{err: &net.DNSError{Err: "no such host", Name: "t", IsNotFound: true}}, swarm.FailedDNS, "lookup t: no such host"},
		"name server":          {reply{err: &net.OpError{Op: "dial", Net: "tcp", Err: &net.DNSError{Err: "no such host", Name: "t", Server: "10.0.0.53:53"}}}, swarm.FailedDNS, "lookup t: no such host"},
		"slow name":            {reply{err: &net.DNSError{Err: "i/o timeout", Name: "t", IsTimeout: true}}, swarm.FailedDNS, "lookup t: i/o timeout"},
		"refused":              {reply{err: &net.OpError{Op: "dial", Net: "tcp", Err: errRefused}}, swarm.FailedRefused, "dial tcp: connection refused"},
		"silent":               {reply{after: time.Hour}, swarm.FailedTimeout, "timed out after 15s"},
		"TLS alert":            {reply{err: &net.OpError{Op: "remote error", Err: fmt.Errorf("tls: handshake failure")}}, swarm.FailedTLS, "remote error: tls: handshake failure"},
		"plain for TLS":        {reply{err: http.ErrSchemeMismatch}, swarm.FailedTLS, "http: server gave HTTP response to HTTPS client"},
		"status":               {reply{status: 404}, swarm.FailedHTTP, "HTTP 404 Not Found"},
		"status with a reason": {reply{status: 403, body: "d14:failure reason5:go \x07ne"}, swarm.FailedHTTP, "HTTP 403 Forbidden: go n"},
		"reason":               {reply{body: "d14:failure reason14:not \u202eours...e"}, swarm.FailedReason, "refused: not ours..."},
		"empty":                {reply{}, swarm.FailedGarbage, "unreadable answer: not bencode: it is empty"},
		"page":                 {reply{body: "<!doctype html>\n<p>"}, swarm.FailedGarbage, `unreadable answer: not bencode: "<!doctype html>"`},
		"other bencode":        {reply{body: "de"}, swarm.FailedGarbage, `unreadable answer: no interval, peers or failure reason in it: "de"`},
		"cut":                  {reply{body: "d8:intervali60e5:peers6:abc"}, swarm.FailedGarbage, `unreadable answer: not bencode: "d8:intervali60e5:peers6:abc"`},
		"blocked":              {reply{err: &net.OpError{Op: "dial", Err: &admit.AddressError{Addr: netip.MustParseAddr("10.0.0.1"), Rule: "it is private"}}}, swarm.FailedBlocked, "dial: address 10.0.0.1 is refused: it is private"},
		"reset":                {reply{err: &net.OpError{Op: "read", Err: syscall.ECONNRESET}}, swarm.FailedOther, "read: connection reset by peer"},
		"hung up":              {reply{err: io.ErrUnexpectedEOF}, swarm.FailedOther, "closed the connection without a whole answer"},
		"slow":                 {reply{after: 3 * time.Second, body: "d8:intervali60e5:peers0:e"}, swarm.AnswerSlow, ""},
		"fine":                 {reply{body: "d8:intervali60e5:peers0:e"}, swarm.AnswerOK, ""},
	} {
		t.Run(name, func(t *testing.T) {
			s := newScript()
			s.on("t", func(int, seen) reply { return c.reply })
			bubble(t, s, func(b *bench) {
				b.Add(hashA, nil, [][]string{{urlT}}, true)
				pass(20 * time.Second)
				r := b.row("t")
				if got := r.History[0].Outcome; got != c.want || r.LastError != c.text {
					t.Errorf("%v %q, want %v %q", got, r.LastError, c.want, c.text)
				}
				if r.FailingSince.IsKnown() != c.want.Failed() {
					t.Errorf("failing since %v", r.FailingSince)
				}
			})
		})
	}
}

func TestHistoryKeepsTheLastSixtyAndPublishedOnesDoNotChange(t *testing.T) {
	s := newScript()
	s.on("t", func(n int, g seen) reply {
		if n > 80 {
			return reply{status: 400}
		}
		return ok(60)(n, g)
	})
	bubble(t, s, func(b *bench) {
		b.Add(hashA, nil, [][]string{{urlT}}, true)
		pass(30 * time.Minute)
		before := b.row("t")
		first := before.History[0]
		pass(5 * time.Hour)
		r := b.row("t")
		if len(r.History) != 60 || r.Streak == 0 || r.State != swarm.Failing {
			t.Errorf("%d entries, streak %d, %v", len(r.History), r.Streak, r.State)
		}
		if before.History[0] != first || len(before.History) > 31 {
			t.Error("a published history changed")
		}
		if r.Streak != len(s.to("t"))-80 {
			t.Errorf("streak %d after %d announces", r.Streak, len(s.to("t")))
		}
	})
}

// real runs an announcer against a server on loopback until the first announce
// has ended, and returns the row.
func real(t *testing.T, url string, client *http.Client) swarm.Tracker {
	t.Helper()
	ended := make(chan struct{}, 16)
	a := announce.New(announce.Config{
		Swarms: &progress{left: 1}, Client: func(string) *http.Client { return client },
		Log: func(swarm.Level, string) { ended <- struct{}{} },
	})
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- a.Run(ctx) }()
	defer func() { cancel(); <-done; client.CloseIdleConnections() }()
	a.Add(hashA, nil, [][]string{{url}}, true)
	<-ended
	return a.Trackers(hashA)[0]
}

func TestLyingServersAreBounded(t *testing.T) {
	gzipped := bomb()
	var sent atomic.Int64
	mux := http.NewServeMux()
	mux.HandleFunc("/big", func(w http.ResponseWriter, r *http.Request) {
		for range 100 {
			n, err := w.Write(bytes.Repeat([]byte{'d'}, 1<<20))
			sent.Add(int64(n))
			if err != nil {
				return
			}
		}
	})
	mux.HandleFunc("/bomb", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Encoding", "gzip")
		w.Write(gzipped)
	})
	var hops atomic.Int64
	mux.HandleFunc("/loop", func(w http.ResponseWriter, r *http.Request) {
		hops.Add(1)
		http.Redirect(w, r, "/loop", http.StatusFound)
	})
	mux.HandleFunc("/page", func(w http.ResponseWriter, r *http.Request) { io.WriteString(w, "<html>") })
	server := httptest.NewServer(mux)
	defer server.Close()
	for path, want := range map[string]swarm.Outcome{
		"/big": swarm.FailedGarbage, "/bomb": swarm.FailedGarbage, "/loop": swarm.FailedHTTP, "/page": swarm.FailedGarbage,
	} {
		r := real(t, server.URL+path, &http.Client{Transport: &http.Transport{}})
		if r.History[0].Outcome != want {
			t.Errorf("%s: %v %q", path, r.History[0].Outcome, r.LastError)
		}
	}
	if n := sent.Load(); n > 32<<20 {
		t.Errorf("%d bytes of a big answer were taken", n)
	}
	if n := hops.Load(); n > 6 {
		t.Errorf("%d requests in a redirect loop", n)
	}
}

func TestRealFailuresOfTheNetAreTold(t *testing.T) {
	tls := httptest.NewUnstartedServer(http.NotFoundHandler())
	tls.Config.ErrorLog = log.New(io.Discard, "", 0)
	tls.StartTLS()
	defer tls.Close()
	closed := httptest.NewServer(http.NotFoundHandler())
	closed.Close()
	raw, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer raw.Close()
	go func() {
		for {
			c, err := raw.Accept()
			if err != nil {
				return
			}
			bufio.NewReader(c).ReadString('\n')
			io.WriteString(c, "SSH-2.0-nothing\r\n\r\n")
			c.Close()
		}
	}()
	for url, want := range map[string]swarm.Outcome{
		tls.URL:    swarm.FailedTLS,
		closed.URL: swarm.FailedRefused,
		strings.Replace(tls.URL, "https:", "http:", 1):            swarm.FailedHTTP,
		strings.Replace(closed.URL, "127.0.0.1", "no.invalid", 1): swarm.FailedDNS,
		"http://" + raw.Addr().String():                           swarm.FailedGarbage,
	} {
		r := real(t, url+"/announce", &http.Client{Transport: &http.Transport{}})
		if r.History[0].Outcome != want {
			t.Errorf("%s: %v %q, want %v", url, r.History[0].Outcome, r.LastError, want)
		}
	}
}
