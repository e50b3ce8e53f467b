package gateway

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"sync/atomic"
	"time"

	"swarmtop/swarm"
	"swarmtop/swarm/contenttype"
)

// statusClientLeft is noted, never sent, for a client that left before its answer
// began.
const statusClientLeft = 499

// smallestPiece is the length that divides the length of every piece.
const smallestPiece = 16 << 10

var errLate = fmt.Errorf("the swarm did not deliver within %s", deliverTimeout)

// serveArriving answers with bytes of an asset of which pieces are missing. Each
// byte leaves as soon as its piece is verified, whatever is missing before or
// after it; until the first does, it can still become an error.
func (g *Gateway) serveArriving(w *recorder, r *http.Request, a swarm.Asset, contentType string) {
	if !g.waiting.enter(a.InfoHash) {
		w.Header().Set("Retry-After", "1")
		w.fail(http.StatusTooManyRequests, "too many requests wait for this swarm")
		return
	}
	defer g.waiting.leave(a.InfoHash)
	// The time for reading a request must not end one that waits. Not every
	// connection has deadlines; those of a server do.
	_ = w.control.SetReadDeadline(time.Time{})
	ctx, cancel := context.WithCancelCause(r.Context())
	defer cancel(nil)
	content, err := g.assets.Fetch(ctx, a)
	if err != nil {
		g.unreadable(w, r, a, err)
		return
	}
	defer content.Close()
	s := &stream{gateway: g, content: content, asset: a, contentType: contentType, give: cancel}
	if err := s.checkHere(); err != nil {
		g.unreadable(w, r, a, err)
		return
	}
	b := &body{ReadSeeker: s, size: a.Size}
	w.hold(b.begun.Load)
	http.ServeContent(w, plainRange(r), "", time.Time{}, b)
	err = b.err()
	if err == nil && w.head && w.held == http.StatusOK {
		err = s.checkHead() // as it would be for GET
	}
	w.response.Origin = content.Origin()
	if s.checked.Load() {
		w.response.Verdict = swarm.Fine
	}
	if err != nil {
		g.unreadable(w, r, a, err)
		return
	}
	g.noteReading(a, nil)
	w.release()
}

// unreadable ends an answer whose bytes cannot be had: with an error while nothing
// of it has left, else by cutting the connection, which is all that still tells.
func (g *Gateway) unreadable(w *recorder, r *http.Request, a swarm.Asset, err error) {
	var wrong *wrongContent
	switch {
	case errors.As(err, &wrong):
		if !w.wrote {
			w.refuse(wrong.Result)
			return
		}
		w.response.Verdict, w.response.Evidence = swarm.Bad, wrong.Evidence
	case r.Context().Err() != nil:
		if !w.wrote {
			w.response.Status, w.response.Origin, w.response.Verdict = statusClientLeft, swarm.FromNowhere, swarm.VerdictUnknown
		}
	default:
		g.noteReading(a, err)
		if !w.wrote {
			w.Header().Set("Retry-After", retryAfter)
			w.fail(http.StatusGatewayTimeout, "this asset cannot be had in full now")
			return
		}
		w.response.Verdict = swarm.Warning
	}
	panic(http.ErrAbortHandler)
}

// wrongContent is what a body is that is not of its type.
type wrongContent struct{ contenttype.Result }

func (e *wrongContent) Error() string { return e.Reason }

// stream reads the bytes of an unfinished asset as they arrive.
type stream struct {
	gateway     *Gateway
	content     Arriving
	asset       swarm.Asset
	contentType string
	give        context.CancelCauseFunc // gives up the request
	checked     atomic.Bool             // the type was found right
	at          int64
}

// Read waits for no more than one piece, and for the head where it reads of it.
func (s *stream) Read(p []byte) (int, error) {
	if s.at >= s.asset.Size {
		return 0, io.EOF
	}
	if s.at < contenttype.HeadBytes {
		if err := s.checkHead(); err != nil {
			return 0, err
		}
	}
	room := smallestPiece - (s.asset.Offset+s.at)%smallestPiece
	n, err := s.ReadAt(p[:min(int64(len(p)), room, s.asset.Size-s.at)], s.at)
	s.at += int64(n)
	return n, err
}

// ReadAt waits for what it reads, but gives up where nothing comes for too long.
func (s *stream) ReadAt(p []byte, off int64) (int, error) {
	late := time.AfterFunc(deliverTimeout, func() { s.give(errLate) })
	defer late.Stop()
	n, err := s.content.ReadAt(p, off)
	if n == len(p) {
		err = nil
	}
	return n, err
}

// Seek implements [io.Seeker].
func (s *stream) Seek(offset int64, whence int) (int64, error) {
	switch whence {
	case io.SeekCurrent:
		offset += s.at
	case io.SeekEnd:
		offset += s.asset.Size
	}
	s.at = offset
	return s.at, nil
}

// checkHead holds the beginning of the asset, for which it waits, against its type.
func (s *stream) checkHead() error {
	if s.checked.Load() {
		return nil
	}
	return s.checkIn(s)
}

// checkHere does the same with what is here already, if that is enough.
func (s *stream) checkHere() error {
	c, err := s.gateway.assets.Open(s.asset)
	if err != nil {
		return nil
	}
	defer c.Close()
	var wrong *wrongContent
	if err := s.checkIn(c); errors.As(err, &wrong) {
		return err
	}
	return nil
}

func (s *stream) checkIn(content io.ReaderAt) error {
	res, err := s.gateway.check(s.asset, s.contentType, content)
	if err == nil && !res.Agrees() {
		err = &wrongContent{res}
	}
	s.checked.Store(err == nil)
	return err
}
