package tracker

import (
	"encoding/json"
	"errors"
	"net/http"
	"net/netip"
	"strconv"
	"strings"
	"time"
)

const (
	defaultWant = 50
	maxWant     = 200
	retryBusy   = 1 // minutes
)

const (
	textPlain       = "text/plain" // what trackers call bencode
	applicationJSON = "application/json"
)

var (
	errNotServed = errors.New("this tracker does not serve that info hash")
	errInternal  = errors.New("internal error")
)

// answerHTTP appends the answer to a request for a path with a query. An error,
// and a panic too, becomes a failure reason (BEP 3) with status 200: clients read no other.
func (t *Tracker) answerHTTP(out []byte, peers []found, target string, from netip.Addr) (answer []byte, contentType string, status int) {
	path, query, _ := strings.Cut(target, "?")
	body, err := out, error(nil)
	func() {
		defer func() {
			if recover() != nil {
				err = errInternal
			}
		}()
		switch path {
		case "/announce":
			body, err = t.announceHTTP(out, peers, query, from)
		case "/scrape":
			body, err = t.scrapeHTTP(out, query)
		}
	}()
	switch {
	case err != nil:
		t.store.refused.Add(1)
		return appendFailure(out, err.Error(), 0), textPlain, http.StatusOK
	case path == "/announce", path == "/scrape":
		return body, textPlain, http.StatusOK
	case path == "/stats":
		b, _ := json.Marshal(t.Stats()) // a struct of numbers
		return append(append(out, b...), '\n'), applicationJSON, http.StatusOK
	}
	return append(out, "not found\n"...), textPlain, http.StatusNotFound
}

// answerBusy is said to whoever comes when there are too many connections.
func (t *Tracker) answerBusy(out []byte, _ []found, _ string, _ netip.Addr) (answer []byte, contentType string, status int) {
	t.store.refused.Add(1)
	return appendFailure(out, "the tracker is busy", retryBusy), textPlain, http.StatusOK
}

// appendFailure says why there is no answer and, unless it is 0, after how many
// minutes there may be one (BEP 31).
func appendFailure(b []byte, reason string, retry int) []byte {
	b = appendText(append(b, "d14:failure reason"...), reason)
	if retry > 0 {
		b = appendText(append(b, "8:retry in"...), strconv.Itoa(retry))
	}
	return append(b, 'e')
}

// style is how a client wants its peers.
type style struct{ dictionaries, noPeerID bool }

func (t *Tracker) announceHTTP(out []byte, peers []found, query string, from netip.Addr) ([]byte, error) {
	a, s, err := parseAnnounce(query, from)
	if err != nil {
		return nil, err
	}
	if t.cfg.Allowed != nil && !t.cfg.Allowed(a.hash) {
		return nil, errNotServed
	}
	peers, n := t.store.announce(&a, t.cfg.Now(), peers[:0])
	t.mask(peers, from)
	return t.appendAnswer(out, s, from, peers, n), nil
}

// appendAnswer writes the answer to an announce, its keys in order.
func (t *Tracker) appendAnswer(b []byte, s style, from netip.Addr, peers []found, n counts) []byte {
	b = appendInt(append(b, "d8:complete"...), n.seeders)
	b = appendInt(append(b, "10:downloaded"...), n.completed)
	b = appendText(append(b, "11:external ip"...), string(from.AsSlice())) // BEP 24
	b = appendInt(append(b, "10:incomplete"...), n.leechers)
	b = appendInt(append(b, "8:interval"...), seconds(t.interval()))
	b = appendInt(append(b, "12:min interval"...), seconds(t.cfg.MinInterval))
	b = append(b, "5:peers"...)
	if s.dictionaries {
		b = append(b, 'l')
		for i := range peers {
			p := &peers[i]
			b = appendText(append(b, "d2:ip"...), p.at.addr().String())
			if !s.noPeerID {
				b = appendText(append(b, "7:peer id"...), string(p.id[:]))
			}
			b = append(appendInt(append(b, "4:port"...), int(p.at.port())), 'e')
		}
		return append(b, "ee"...)
	}
	v4 := 0
	for i := range peers {
		if peers[i].at.is4() {
			v4++
		}
	}
	b = appendPeers(b, peers, onlyIPv4, v4*6)
	if v4 < len(peers) { // BEP 7
		b = appendPeers(append(b, "6:peers6"...), peers, onlyIPv6, (len(peers)-v4)*18)
	}
	return append(b, 'e')
}

// appendPeers writes the peers of a family as a string of so many bytes.
func appendPeers(b []byte, peers []found, f family, size int) []byte {
	b = append(strconv.AppendInt(b, int64(size), 10), ':')
	for i := range peers {
		if at := &peers[i].at; f.has(at) {
			b = append(b, at.compact()...)
		}
	}
	return b
}

func (t *Tracker) scrapeHTTP(b []byte, query string) ([]byte, error) {
	hashes, err := parseScrape(query) // sorted, as the keys of a dictionary must be
	if err != nil {
		return nil, err
	}
	b = append(b, "d5:filesd"...)
	now := t.cfg.Now()
	t.store.scrapes.Add(1)
	for _, h := range hashes {
		if t.cfg.Allowed != nil && !t.cfg.Allowed(h) {
			continue
		}
		n := t.store.scrape(h, now)
		b = appendText(b, string(h[:]))
		b = appendInt(append(b, "d8:complete"...), n.seeders)
		b = appendInt(append(b, "10:downloaded"...), n.completed)
		b = append(appendInt(append(b, "10:incomplete"...), n.leechers), 'e')
	}
	return append(b, "ee"...), nil
}

func seconds(d time.Duration) int { return int((d + time.Second - 1) / time.Second) }

func appendInt(b []byte, n int) []byte {
	return append(strconv.AppendInt(append(b, 'i'), int64(n), 10), 'e')
}

func appendText(b []byte, s string) []byte {
	return append(append(strconv.AppendInt(b, int64(len(s)), 10), ':'), s...)
}
