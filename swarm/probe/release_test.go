package probe_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"swarmtop/swarm"
	"swarmtop/swarm/probe"
)

func TestAReleaseIsStaleAsLongAsCachesMayHoldIt(t *testing.T) {
	const next = "<!doctype html>\n<title>Share, again</title>\n"
	cases := []struct {
		name    string
		control string
		age     string
		after   time.Duration // since the release
		body    string
		kind    string
		verdict swarm.ProbeVerdict
		left    time.Duration
	}{
		{"the new bytes", "max-age=300", "20", time.Minute, next, "text/html", swarm.ProbeFine, 0},
		{"within its lifetime", "max-age=300", "280", 4 * time.Minute, html, "text/html", swarm.ProbeStale, 20 * time.Second},
		{"without an Age", "max-age=300", "", 4 * time.Minute, html, "text/html", swarm.ProbeStale, time.Minute},
		{"the longer lifetime counts", "max-age=10, s-maxage=300", "", 4 * time.Minute, html, "text/html", swarm.ProbeStale, time.Minute},
		{"without a lifetime", "", "", 9 * time.Minute, html, "text/html", swarm.ProbeStale, time.Minute},
		{"while servers are changed", "no-cache", "", 20 * time.Second, html, "text/html", swarm.ProbeStale, 40 * time.Second},
		{"after its time", "max-age=300", "10", 6 * time.Minute, html, "text/html", swarm.ProbeWrongBytes, 0},
		{"older than it may be", "max-age=300", "301", 4 * time.Minute, html, "text/html", swarm.ProbeWrongBytes, 0},
		{"of another type", "max-age=300", "20", time.Minute, html, "text/plain", swarm.ProbeWrongType, 0},
		{"neither release", "max-age=300", "20", time.Minute, "<!doctype html>", "text/html", swarm.ProbeWrongBytes, 0},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			base := serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				w.Header().Set("Content-Type", c.kind)
				if c.control != "" {
					w.Header().Set("Cache-Control", c.control)
				}
				if c.age != "" && r.URL.RawQuery == "" {
					w.Header().Set("Age", c.age)
				}
				http.ServeContent(w, r, "", time.Time{}, strings.NewReader(c.body))
			}))
			bytes := measure(t, next)
			want := probe.Want{Type: "text/html", Bytes: &bytes, Former: []probe.Former{{Bytes: measure(t, html), Until: epoch()}}}
			now := clock{epoch().Add(c.after)}
			got := once(t, asker(now.now), base+"/", want)
			if got.Verdict != c.verdict || got.StaleLeft.Or(0) != c.left {
				t.Errorf("%v with %v left, want %v with %v: %s", got.Verdict, got.StaleLeft, c.verdict, c.left, got.Reason)
			}
		})
	}
}

func TestWithoutBytesTheTypeAloneIsJudged(t *testing.T) {
	now := clock{epoch()}
	base := serve(t, storage())
	if got := once(t, asker(now.now), base+path, probe.Want{Type: "text/html"}); got.Verdict != swarm.ProbeFine || got.Reason == "" {
		t.Errorf("%v, %q", got.Verdict, got.Reason)
	}
	if got := once(t, asker(now.now), base+path, probe.Want{Type: "image/png"}); got.Verdict != swarm.ProbeWrongType {
		t.Errorf("%v, %q", got.Verdict, got.Reason)
	}
}
