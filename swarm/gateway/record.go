package gateway

import (
	"cmp"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"sync"
	"time"

	"swarmtop/swarm"
	"swarmtop/swarm/contenttype"
)

// What is kept of one response, in cells of the screen; a cell is at most four bytes.
const (
	tailLength  = 256
	pathCells   = 256
	clientCells = 64
	methodCells = 16
	typeCells   = 96
)

// writeStep is how much of a body has to leave within progressTimeout.
const writeStep = 256 << 10

// recorder is the way of one response to the client. It notes what leaves, sees
// to it that no error is ever cached, and lets a slow reader take its time as
// long as it reads at all.
type recorder struct {
	http.ResponseWriter
	control  *http.ResponseController
	head     bool // no body is wanted
	wrote    bool // the status is out
	response swarm.Response
}

func newRecorder(w http.ResponseWriter, r *http.Request, at time.Time) *recorder {
	return &recorder{
		ResponseWriter: w,
		control:        http.NewResponseController(w),
		head:           r.Method == http.MethodHead,
		response: swarm.Response{
			At:     at,
			Client: swarm.Clean(r.RemoteAddr, clientCells),
			Method: swarm.Clean(r.Method, methodCells),
			Path:   swarm.Clean(r.RequestURI, pathCells),
		},
	}
}

// expect notes what the path ought to answer.
func (w *recorder) expect(h swarm.InfoHash, contentType string, o swarm.Origin) {
	w.response.InfoHash = h
	w.response.Expected = swarm.Clean(contentType, typeCells)
	w.response.Origin = o
}

// fail answers with an error of the gateway's own.
func (w *recorder) fail(status int, reason string) {
	text := reason + "\n"
	w.Header().Set("Content-Type", contenttype.Plain)
	w.Header().Set("Content-Length", strconv.Itoa(len(text)))
	w.WriteHeader(status)
	if !w.head {
		w.Write([]byte(text))
	}
}

// refuse answers in place of bytes that are not what the path promises.
func (w *recorder) refuse(res contenttype.Result) {
	w.response.Verdict = swarm.Bad
	w.response.Evidence = res.Evidence
	w.fail(http.StatusBadGateway, fmt.Sprintf("the content is wrong: %s: %s", res.Reason, res.Evidence))
}

// WriteHeader sends the status.
func (w *recorder) WriteHeader(status int) {
	if w.wrote {
		return
	}
	w.wrote = true
	h := w.Header()
	if status >= 400 {
		h.Set("Cache-Control", "no-store")
		for _, name := range []string{"ETag", "Repr-Digest", "Content-Disposition", "Content-Security-Policy"} {
			h.Del(name)
		}
		w.response.Origin = swarm.FromNowhere
		if w.response.Verdict == swarm.Fine {
			w.response.Verdict = swarm.VerdictUnknown
		}
	}
	w.response.Status = status
	w.response.Type = swarm.Clean(h.Get("Content-Type"), typeCells)
	w.ResponseWriter.WriteHeader(status)
}

// Write sends a part of the body.
func (w *recorder) Write(p []byte) (int, error) {
	if !w.wrote {
		w.WriteHeader(http.StatusOK)
	}
	written := 0
	for part := range slices.Chunk(p, writeStep) {
		// Not every writer has deadlines; those of a server do.
		_ = w.control.SetWriteDeadline(time.Now().Add(progressTimeout))
		n, err := w.ResponseWriter.Write(part)
		written += n
		w.response.Bytes += int64(n)
		if err != nil {
			return written, err
		}
	}
	return written, nil
}

// responseLog sums up the responses since start and keeps the latest. It is
// bounded in bytes too, since every text in it is cut.
type responseLog struct {
	mu     sync.Mutex
	sums   swarm.Responses
	byType map[string]*swarm.TypeTotal
	tail   []swarm.Response // a ring once it is full
	next   int
}

// add files a response that ended now.
func (l *responseLog) add(r swarm.Response, now time.Time) {
	r.Duration = now.Sub(r.At)
	l.mu.Lock()
	defer l.mu.Unlock()
	l.sums.Count++
	r.Seq = uint64(l.sums.Count)
	t := l.byType[r.Type]
	if t == nil {
		if l.byType == nil {
			l.byType = map[string]*swarm.TypeTotal{}
		}
		t = &swarm.TypeTotal{Type: r.Type}
		l.byType[r.Type] = t
	}
	t.Count++
	t.Bytes += r.Bytes
	l.sums.Bytes += r.Bytes
	if r.Verdict == swarm.Bad {
		t.Wrong++
		l.sums.Wrong++
	}
	if r.Status >= 400 {
		l.sums.Errors++
	}
	if len(l.tail) < tailLength {
		l.tail = append(l.tail, r)
		return
	}
	l.tail[l.next] = r
	l.next = (l.next + 1) % tailLength
}

// Responses returns the sums since start and the latest responses. A request
// that net/http refuses by itself, before it is one, is not among them. The type
// of an answer that has none, as 304, is empty.
func (g *Gateway) Responses() swarm.Responses {
	l := &g.responses
	l.mu.Lock()
	sums := l.sums
	sums.Tail = slices.Concat(l.tail[l.next:], l.tail[:l.next])
	sums.ByType = make([]swarm.TypeTotal, 0, len(l.byType))
	for _, t := range l.byType {
		sums.ByType = append(sums.ByType, *t)
	}
	l.mu.Unlock()
	slices.SortFunc(sums.ByType, func(a, b swarm.TypeTotal) int {
		return cmp.Or(cmp.Compare(b.Count, a.Count), cmp.Compare(a.Type, b.Type))
	})
	for _, v := range g.Verdicts() {
		sums.Verdict = sums.Verdict.Worst(v)
	}
	return sums
}
