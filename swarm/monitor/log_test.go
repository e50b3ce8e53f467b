package monitor_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"swarmtop/swarm"
	"swarmtop/swarm/monitor"
)

// TestTheEventLogIsBounded floods it with lines as long as strangers can make them.
func TestTheEventLogIsBounded(t *testing.T) {
	l := monitor.NewLog(time.Now)
	l.Add(swarm.Info, "first")
	held := l.Events()
	for i := range 2000 {
		l.Add(swarm.Warn, fmt.Sprint(i, " ", strings.Repeat("𐍈", 2_000)))
		if e := l.Events(); len(e) > 500 || len(e[len(e)-1].Text) > 4*300 {
			t.Fatalf("%d lines, the last of %d bytes", len(e), len(e[len(e)-1].Text))
		}
	}
	if e := l.Events(); !strings.HasPrefix(e[0].Text, "1500 ") || held[0].Text != "first" {
		t.Errorf("the oldest line is %.10q, what was read before begins with %q", e[0].Text, held[0].Text)
	}
}
