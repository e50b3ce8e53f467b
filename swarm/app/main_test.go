package app_test

import (
	"net/http"
	"testing"

	"go.uber.org/goleak"
)

// A connection that was dialled for an announce which ended first becomes idle after
// the idle ones were closed; it ends by its own time-out.
func TestMain(m *testing.M) {
	goleak.VerifyTestMain(tests{m}, goleak.IgnoreAnyFunction("net/http.(*persistConn).readLoop"), goleak.IgnoreAnyFunction("net/http.(*persistConn).writeLoop"))
}

// tests are those of the package; the connections that they keep alive end with them.
type tests struct{ *testing.M }

func (t tests) Run() int {
	defer http.DefaultClient.CloseIdleConnections()
	return t.M.Run()
}
