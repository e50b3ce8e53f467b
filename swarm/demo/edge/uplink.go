package edge

import (
	"context"
	"errors"
	"net/http"

	"golang.org/x/time/rate"
)

// Uplink is an origin at the end of a line that is slow, as a web seed (BEP 19) is
// where peers spare it. Answers under way end when the origin is stopped.
type Uplink struct {
	origin *Origin
	limit  *rate.Limiter // bytes
}

// uplinkStep is how many bytes leave at a time.
const uplinkStep = 4 << 10

var errStopped = errors.New("the origin was stopped")

// NewUplink returns a line over which all answers together have so many bytes a second.
func NewUplink(o *Origin, bytesPerSecond int) *Uplink {
	return &Uplink{o, rate.NewLimiter(rate.Limit(bytesPerSecond), uplinkStep)}
}

// ServeHTTP answers as the origin does.
func (u *Uplink) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if u.origin.Down() {
		w.WriteHeader(http.StatusServiceUnavailable) // and not a byte, which would count as one of the asset
		return
	}
	u.origin.ServeHTTP(&slowWriter{w, r.Context(), u}, r)
}

type slowWriter struct {
	http.ResponseWriter
	ctx    context.Context
	uplink *Uplink
}

func (w *slowWriter) Write(p []byte) (int, error) {
	sent := 0
	for sent < len(p) {
		part := p[sent:min(sent+uplinkStep, len(p))]
		if err := w.uplink.limit.WaitN(w.ctx, len(part)); err != nil {
			return sent, err
		}
		if w.uplink.origin.Down() {
			return sent, errStopped
		}
		n, err := w.ResponseWriter.Write(part)
		sent += n
		if err != nil {
			return sent, err
		}
		_ = http.NewResponseController(w.ResponseWriter).Flush() // so that it arrives bit by bit
	}
	return sent, nil
}
