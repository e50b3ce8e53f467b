package gateway

import (
	"net/http"
	"net/http/httptest"
	"testing"
	"time"
)

// TestAResponseTakesNoNegativeTime sets the clock while a response is under way.
func TestAResponseTakesNoNegativeTime(t *testing.T) {
	const year = 365 * 24 * time.Hour
	for _, by := range []time.Duration{time.Hour, -time.Hour, year, -year} {
		var l responseLog
		now := time.Now()
		w := newRecorder(httptest.NewRecorder(), httptest.NewRequest("GET", "/", nil), func() time.Time { return now })
		now = now.Add(by)
		w.WriteHeader(http.StatusOK)
		r := l.add(w.response, now)
		if first := w.response.FirstByte.Or(-1); first < 0 || r.Duration < 0 {
			t.Errorf("set by %v: the first byte came after %v, the last after %v", by, first, r.Duration)
		}
		if s := l.summed(); s.P50.Or(-1) < 0 || s.P95.Or(-1) < 0 || s.Count != 1 {
			t.Errorf("set by %v: %+v", by, s)
		}
	}
}
