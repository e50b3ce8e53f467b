package gateway

import (
	"cmp"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"swarmtop/swarm"
	"swarmtop/swarm/contenttype"
)

// What is kept of one response, in cells of the screen; a cell is at most four bytes.
const (
	tailLength  = 256
	maxTypes    = 64 // content types with sums of their own
	pathCells   = 256
	rangeCells  = 64
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
	now      func() time.Time
	expected string      // the Content-Type that the path ought to answer
	head     bool        // no body is wanted
	wrote    bool        // the status is out
	begun    func() bool // tells whether bytes of the asset are here; nil unless the answer waits for them
	held     int         // the status that waits; 0 for none
	early    []byte      // of the body, written before: the head of the first of several parts
	response swarm.Response
}

func newRecorder(w http.ResponseWriter, r *http.Request, now func() time.Time) *recorder {
	return &recorder{
		ResponseWriter: w,
		control:        http.NewResponseController(w),
		now:            now,
		head:           r.Method == http.MethodHead,
		response: swarm.Response{
			At:     now(),
			Range:  swarm.Clean(r.Header.Get("Range"), rangeCells),
			Client: swarm.Clean(r.RemoteAddr, clientCells),
			Method: swarm.Clean(r.Method, methodCells),
			Path:   swarm.Clean(r.RequestURI, pathCells),
		},
	}
}

// expect notes what the path ought to answer.
func (w *recorder) expect(h swarm.InfoHash, contentType string, o swarm.Origin) {
	w.expected = contentType
	w.response.InfoHash = h
	w.response.Expected = swarm.Clean(contentType, typeCells)
	w.response.Origin = o
}

// fail answers with an error of the gateway's own.
func (w *recorder) fail(status int, reason string) {
	text := reason + "\n"
	w.begun, w.early = nil, nil
	w.Header().Del("Content-Range")
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

// hold keeps the answer back until begun tells that there are bytes of the asset for
// it, or release is called, so that bytes that cannot be had can still become an error.
func (w *recorder) hold(begun func() bool) { w.begun = begun }

// release sends the status that was kept back.
func (w *recorder) release() {
	w.begun = nil
	if w.held != 0 {
		w.WriteHeader(w.held)
	}
}

// WriteHeader sends the status.
func (w *recorder) WriteHeader(status int) {
	if w.wrote {
		return
	}
	if w.begun != nil {
		w.held = status
		return
	}
	w.wrote = true
	h := w.Header()
	if status >= 400 {
		h.Set("Cache-Control", "no-store")
		for _, name := range []string{"ETag", "Repr-Digest", "Accept-Ranges", "Content-Disposition", "Content-Security-Policy"} {
			h.Del(name)
		}
		w.response.Origin = swarm.FromNowhere
		if w.response.Verdict == swarm.Fine {
			w.response.Verdict = swarm.VerdictUnknown
		}
	}
	w.response.Status = status
	w.audit(status, h.Get("Content-Type"))
	w.response.FirstByte = swarm.Known(max(w.now().Sub(w.response.At), 0))
	w.ResponseWriter.WriteHeader(status)
}

// audit notes the type that is answered and holds it against the one expected.
func (w *recorder) audit(status int, contentType string) {
	if status == http.StatusPartialContent && strings.HasPrefix(contentType, multipart) {
		w.response.Type = multipart // without its boundary, which is another each time
		return
	}
	w.response.Type = swarm.Clean(contentType, typeCells)
	if (status == http.StatusOK || status == http.StatusPartialContent) && w.expected != "" && contentType != w.expected {
		w.response.Verdict = swarm.Bad
	}
}

const multipart = "multipart/byteranges"

// Write sends a part of the body.
func (w *recorder) Write(p []byte) (int, error) {
	if w.begun != nil && w.held == http.StatusPartialContent && !w.begun() {
		w.early = append(w.early, p...)
		return len(p), nil
	}
	if !w.wrote {
		w.begun = nil
		w.WriteHeader(cmp.Or(w.held, http.StatusOK))
	}
	if early := w.early; early != nil {
		w.early = nil
		if _, err := w.Write(early); err != nil {
			return 0, err
		}
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
	mu       sync.Mutex
	sums     swarm.Responses
	byType   map[string]*swarm.TypeTotal
	byStatus map[int]*swarm.StatusTotal
	tail     []swarm.Response // a ring once it is full
	view     *swarm.Responses // as Responses handed it out; nil once it is old
	next     int
}

// add files a response that ended now, and returns it with its number.
func (l *responseLog) add(r swarm.Response, now time.Time) swarm.Response {
	r.Duration = max(now.Sub(r.At), 0) // the clock may have been set back
	l.mu.Lock()
	defer l.mu.Unlock()
	l.view = nil
	l.sums.Count++
	r.Seq = uint64(l.sums.Count)
	t := l.typeTotal(r.Type)
	t.Count++
	t.Bytes += r.Bytes
	s := l.statusTotal(r.Status)
	s.Count++
	s.Bytes += r.Bytes
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
		return r
	}
	l.tail[l.next] = r
	l.next = (l.next + 1) % tailLength
	return r
}

// typeTotal returns the sums of a content type; those that come when there are
// very many share one.
func (l *responseLog) typeTotal(contentType string) *swarm.TypeTotal {
	t := l.byType[contentType]
	if t == nil && len(l.byType) >= maxTypes {
		contentType = "others"
		t = l.byType[contentType]
	}
	if t == nil {
		if l.byType == nil {
			l.byType = map[string]*swarm.TypeTotal{}
		}
		t = &swarm.TypeTotal{Type: contentType}
		l.byType[contentType] = t
	}
	return t
}

// statusTotal returns the sums of a status. All of them are the gateway's own, and few.
func (l *responseLog) statusTotal(status int) *swarm.StatusTotal {
	s := l.byStatus[status]
	if s == nil {
		if l.byStatus == nil {
			l.byStatus = map[int]*swarm.StatusTotal{}
		}
		s = &swarm.StatusTotal{Status: status}
		l.byStatus[status] = s
	}
	return s
}

// Responses returns the sums since start and the latest responses. A request
// that net/http refuses by itself, before it is one, is not among them. The type
// of an answer that has none, as 304, is empty.
func (g *Gateway) Responses() swarm.Responses {
	sums := g.responses.summed()
	for _, v := range g.Verdicts() {
		sums.Verdict = sums.Verdict.Worst(v.Verdict())
	}
	return sums
}

// summed returns the sums with the tail. What it returns is never changed, and the
// same until a response ends.
func (l *responseLog) summed() swarm.Responses {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.view != nil {
		return *l.view
	}
	sums := l.sums
	sums.Tail = slices.Concat(l.tail[l.next:], l.tail[:l.next])
	sums.ByType = make([]swarm.TypeTotal, 0, len(l.byType))
	for _, t := range l.byType {
		sums.ByType = append(sums.ByType, *t)
	}
	sums.ByStatus = make([]swarm.StatusTotal, 0, len(l.byStatus))
	for _, s := range l.byStatus {
		sums.ByStatus = append(sums.ByStatus, *s)
	}
	sums.P50, sums.P95 = percentiles(sums.Tail)
	slices.SortFunc(sums.ByStatus, func(a, b swarm.StatusTotal) int { return cmp.Compare(a.Status, b.Status) })
	slices.SortFunc(sums.ByType, func(a, b swarm.TypeTotal) int {
		return cmp.Or(cmp.Compare(b.Count, a.Count), cmp.Compare(a.Type, b.Type))
	})
	l.view = &sums
	return sums
}

// percentiles returns how long half and nineteen in twenty of the responses took at most.
func percentiles(tail []swarm.Response) (p50, p95 swarm.Opt[time.Duration]) {
	if len(tail) == 0 {
		return p50, p95
	}
	took := make([]time.Duration, len(tail))
	for i := range tail {
		took[i] = tail[i].Duration
	}
	slices.Sort(took)
	rank := func(share int) swarm.Opt[time.Duration] {
		return swarm.Known(took[(len(took)*share+99)/100-1])
	}
	return rank(50), rank(95)
}
