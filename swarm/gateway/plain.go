package gateway

import (
	"bytes"
	"net/http"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"swarmtop/swarm"
)

// prepared is the answer to plain requests for one path: for those that have the
// whole of an asset in memory as their answer. It is made of what the handler
// answered and holds as long as the asset is what it was then.
type prepared struct {
	path     string // escaped, as in the request
	alias    bool   // the asset was found by its alias
	asset    swarm.Asset
	entry    *entry         // its bytes
	head     []byte         // of the answer, up to the value of Date
	response swarm.Response // as it is recorded, without what differs each time
}

// longestPrepared is the most bytes of a path that entryCost covers.
const longestPrepared = 512

// prepare keeps the answer that w has begun for requests like r, which is a plain one.
func (g *Gateway) prepare(w *recorder, r *http.Request, a swarm.Asset, e *entry) {
	if connOf(r) == nil {
		return
	}
	path, _, _ := strings.Cut(r.RequestURI, "?")
	byHash := path == AssetURL(a)
	ours := byHash || path == AliasURL(a) // other spellings are not worth the room
	if !ours || len(path) > longestPrepared || g.cache.keeps(path, a, e) {
		return
	}
	b := bytes.NewBufferString("HTTP/1.1 200 OK\r\n")
	_ = w.Header().Write(b) // in the order that net/http has
	b.WriteString("Date: ")
	p := &prepared{path: path, alias: !byHash, asset: a, entry: e, head: b.Bytes(), response: w.response}
	p.response.Path = swarm.Clean(path, pathCells)
	g.cache.keep(p)
}

// servePlain answers a plain request for a target over c, if there is a prepared
// answer that holds, and records it as the handler does. The error is that of writing.
func (g *Gateway) servePlain(c *conn, target []byte) (ok bool, err error) {
	select {
	case g.slots <- struct{}{}:
		defer func() { <-g.slots }()
	default:
		return false, nil
	}
	at := g.now()
	path, _, query := bytes.Cut(target, []byte("?"))
	p := g.cache.use(path)
	if p == nil {
		return false, nil
	}
	defer g.cache.release(p.entry)
	if !g.holds(p) {
		return false, nil
	}
	g.noteReading(p.asset, nil)
	r := p.response
	r.At, r.Client = at, c.name()
	if query {
		r.Path = swarm.Clean(string(target), pathCells)
	}
	r.FirstByte = swarm.Known(max(g.now().Sub(at), 0))
	r.Bytes, err = c.send(p.head, g.date.line(time.Now()), p.entry.bytes)
	g.file(r)
	return true, err
}

// holds tells whether the asset of a prepared answer is still what it was.
func (g *Gateway) holds(p *prepared) bool {
	var a swarm.Asset
	var ok bool
	if p.alias {
		a, ok = g.assets.AssetAt(p.asset.Alias)
	} else {
		a, ok = g.assets.Asset(p.asset.InfoHash, p.asset.Path)
	}
	return ok && a == p.asset
}

// file records a response that ends now.
func (g *Gateway) file(r swarm.Response) {
	filed := g.responses.add(r, g.now())
	if g.accessLog != nil {
		g.accessLog.add(filed)
	}
}

// name is the client as it is recorded.
func (c *conn) name() string {
	if c.client == "" {
		c.client = swarm.Clean(c.RemoteAddr().String(), clientCells)
	}
	return c.client
}

// send writes an answer, and tells how many bytes of its body have left.
func (c *conn) send(head, date, body []byte) (int64, error) {
	c.parts = [...][]byte{head, date, body[:min(len(body), writeStep)]}
	n, err := c.socket.write(&c.parts)
	heads := len(head) + len(date)
	if err == nil && n < heads+len(body) {
		c.parts[2] = body
		n, err = c.sendFrom(n)
	}
	c.parts = [...][]byte{nil, nil, nil}
	return int64(max(n-heads, 0)), err
}

// sendFrom writes parts from the nth byte on, to a reader that takes its time as long
// as it reads at all, and returns where it ended.
func (c *conn) sendFrom(n int) (int, error) {
	skip := n
	for _, part := range c.parts {
		done := min(skip, len(part))
		skip -= done
		for step := range slices.Chunk(part[done:], writeStep) {
			_ = c.SetWriteDeadline(time.Now().Add(progressTimeout))
			k, err := c.Conn.Write(step)
			if n += k; err != nil {
				return n, err
			}
		}
	}
	return n, c.SetWriteDeadline(time.Time{})
}

// dateLine is the value of Date (RFC 9110, section 6.6.1), which ends a head, as of
// the second in which it was asked for last.
type dateLine struct{ latest atomic.Pointer[datedLine] }

type datedLine struct {
	second int64
	text   []byte
}

func (d *dateLine) line(now time.Time) []byte {
	if l := d.latest.Load(); l != nil && l.second == now.Unix() {
		return l.text
	}
	l := &datedLine{second: now.Unix(), text: append(now.UTC().AppendFormat(nil, http.TimeFormat), "\r\n\r\n"...)}
	d.latest.Store(l)
	return l.text
}
