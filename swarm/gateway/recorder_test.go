package gateway

import (
	"fmt"
	"net/http/httptest"
	"testing"
	"time"

	"swarmtop/swarm"
)

func TestAnswerOfAnotherTypeThanExpectedIsABadOne(t *testing.T) {
	for _, c := range []struct {
		status         int
		answered, kept string
		want           swarm.Verdict
	}{
		{200, "text/html", "text/html", swarm.Fine},
		{200, "application/x-bittorrent", "application/x-bittorrent", swarm.Bad},
		{206, "text/plain", "text/plain", swarm.Bad},
		{206, "multipart/byteranges; boundary=7d1f", "multipart/byteranges", swarm.Fine},
		{304, "", "", swarm.Fine},
		{404, "text/plain", "text/plain", swarm.VerdictUnknown},
	} {
		w := newRecorder(httptest.NewRecorder(), httptest.NewRequest("GET", "/", nil), time.Now)
		w.expect(swarm.InfoHash{1}, "text/html", swarm.FromBlob)
		w.response.Verdict = swarm.Fine
		w.Header().Set("Content-Type", c.answered)
		w.WriteHeader(c.status)
		if r := w.response; r.Verdict != c.want || r.Type != c.kept {
			t.Errorf("%d %s: %v, kept as %q", c.status, c.answered, r.Verdict, r.Type)
		}
	}
}

func TestSumsByTypeAreBounded(t *testing.T) {
	var l responseLog
	for i := range 10 * maxTypes {
		l.add(swarm.Response{Type: fmt.Sprint("x/", i), Status: 200, Bytes: 1}, time.Time{})
	}
	if n := len(l.byType); n != maxTypes+1 {
		t.Errorf("%d types have sums", n)
	}
	if o := l.byType["others"]; o.Count != 9*maxTypes || o.Bytes != 9*maxTypes {
		t.Errorf("of the others %+v", o)
	}
}

func TestPercentilesOfDurations(t *testing.T) {
	tail := make([]swarm.Response, 20)
	for i := range tail {
		tail[i].Duration = time.Duration(20 - i)
	}
	if p50, p95 := percentiles(tail); p50 != swarm.Known(time.Duration(10)) || p95 != swarm.Known(time.Duration(19)) {
		t.Errorf("of 1 to 20: p50 %v, p95 %v", p50, p95)
	}
	if p50, p95 := percentiles(tail[:1]); p50 != swarm.Known(time.Duration(20)) || p95 != p50 {
		t.Errorf("of one: p50 %v, p95 %v", p50, p95)
	}
	if p50, _ := percentiles(nil); p50.IsKnown() {
		t.Error("of none one is known")
	}
}
