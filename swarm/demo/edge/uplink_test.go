package edge_test

import (
	"bytes"
	"net/http"
	"net/http/httptest"
	"testing"
	"testing/synctest"
	"time"

	"swarmtop/swarm/demo/edge"
)

func TestUplinkSendsAtItsPaceUntilItsOriginIsStopped(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o := origin()
		o.Put("/hero.png", edge.Object{Type: "image/png", Data: bytes.Repeat([]byte{'h'}, 20<<10)})
		line := edge.NewUplink(o, 4<<10)
		get := func() *httptest.ResponseRecorder {
			w := httptest.NewRecorder()
			line.ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/hero.png", nil))
			return w
		}
		began := time.Now()
		if w := get(); w.Code != 200 || w.Body.Len() != 20<<10 || time.Since(began).Round(time.Millisecond) != 4*time.Second {
			t.Errorf("%d with %d bytes after %v; the first 4 KiB are free", w.Code, w.Body.Len(), time.Since(began))
		}
		time.AfterFunc(2500*time.Millisecond, func() { o.SetDown(true) })
		if w := get(); w.Body.Len() != 8<<10 {
			t.Errorf("stopped in its third second, it has sent %d bytes", w.Body.Len())
		}
		if w := get(); w.Code != 503 || w.Body.Len() != 0 {
			t.Errorf("stopped, it answers %d with %q", w.Code, w.Body)
		}
		o.SetDown(false)
		o.Delete("/hero.png")
		if w := get(); w.Code != 404 {
			t.Errorf("what was deleted is %d", w.Code)
		}
	})
}
