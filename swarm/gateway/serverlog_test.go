package gateway

import (
	"fmt"
	"log"
	"testing"
	"time"

	"swarmtop/swarm"
)

func TestServerSaysTheSameOnceAMinute(t *testing.T) {
	var told []string
	now := time.Date(2013, 9, 22, 12, 0, 0, 0, time.UTC)
	l := log.New(&serverLog{
		log:  func(_ swarm.Level, text string) { told = append(told, text) },
		now:  func() time.Time { return now },
		said: map[string]time.Time{},
	}, "", 0)
	for i := range 180 {
		l.Printf("http: Accept error: accept tcp 127.0.0.1:80: accept4: too many open files; retrying in %dms", i)
		l.Printf("http: TLS handshake error from 192.0.2.%d:80: EOF", i)
		now = now.Add(time.Second)
	}
	if len(told) != 6 {
		t.Errorf("%d lines in three minutes, want one of each kind a minute: %q", len(told), told)
	}
	if want := "gateway: http: TLS handshake error from 192.0.2.0:80: EOF"; told[1] != want {
		t.Errorf("told %q, want %q", told[1], want)
	}
	now = now.Add(-time.Hour)
	l.Print("http: TLS handshake error, the clock was set back")
	l.Print("odd")
	if fmt.Sprint(told[6:]) != "[gateway: http: TLS handshake error, the clock was set back gateway: odd]" {
		t.Errorf("then told %q", told[6:])
	}
}
