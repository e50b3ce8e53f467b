package tracker

import (
	"encoding/json"
	"errors"
	"io"
	"log"
	"net/http"
	"net/netip"
	"strconv"
	"time"
)

const (
	defaultWant = 50
	maxWant     = 200
	maxKey      = 64 // bytes that are kept of a key
)

func quiet() *log.Logger { return log.New(io.Discard, "", 0) }

func (t *Tracker) handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /announce", t.answer(t.announceHTTP))
	mux.HandleFunc("GET /scrape", t.answer(t.scrapeHTTP))
	mux.HandleFunc("GET /stats", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		w.Header().Set("Cache-Control", "no-store")
		json.NewEncoder(w).Encode(t.Stats())
	})
	return mux
}

// answer writes what f makes of a request. An error, and a panic too, becomes a
// failure reason (BEP 3) with status 200: clients read no other.
func (t *Tracker) answer(f func(query string, from netip.AddrPort) ([]byte, error)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		body, err := func() (body []byte, err error) {
			defer func() {
				if p := recover(); p != nil {
					err = errors.New("internal error")
				}
			}()
			from, err := netip.ParseAddrPort(r.RemoteAddr)
			if err != nil {
				return nil, errors.New("cannot tell your address")
			}
			return f(r.URL.RawQuery, netip.AddrPortFrom(from.Addr().Unmap().WithZone(""), from.Port()))
		}()
		if err != nil {
			t.store.refused.Add(1)
			body = appendText([]byte("d14:failure reason"), err.Error())
			body = append(body, 'e')
		}
		h := w.Header()
		h.Set("Content-Type", "text/plain")
		h.Set("Content-Length", strconv.Itoa(len(body)))
		h.Set("Cache-Control", "no-store")
		w.Write(body)
	}
}

// style is how a client wants its peers.
type style struct{ dictionaries, noPeerID bool }

func (t *Tracker) announceHTTP(query string, from netip.AddrPort) ([]byte, error) {
	a, s, err := parseAnnounce(query, from.Addr())
	if err != nil {
		return nil, err
	}
	if t.cfg.Allowed != nil && !t.cfg.Allowed(a.hash) {
		return nil, errors.New("this tracker does not serve that info hash")
	}
	peers, n := t.store.announce(a, t.cfg.Now(), make([]found, 0, a.want))
	return t.appendAnswer(make([]byte, 0, 256+len(peers)*24), a, s, from.Addr(), peers, n), nil
}

// appendAnswer writes the answer to an announce, its keys in order.
func (t *Tracker) appendAnswer(b []byte, a announce, s style, from netip.Addr, peers []found, n counts) []byte {
	b = appendInt(append(b, "d8:complete"...), n.seeders)
	b = appendInt(append(b, "10:downloaded"...), n.completed)
	b = append(b, "11:external ip"...) // BEP 24
	b = appendText(b, string(from.AsSlice()))
	b = appendInt(append(b, "10:incomplete"...), n.leechers)
	b = appendInt(append(b, "8:interval"...), seconds(t.interval()))
	b = appendInt(append(b, "12:min interval"...), seconds(t.cfg.MinInterval))
	b = append(b, "5:peers"...)
	if s.dictionaries {
		b = append(b, 'l')
		for _, p := range peers {
			addr := t.seenFrom(p.addr, from)
			b = appendText(append(b, "d2:ip"...), addr.Addr().String())
			if !s.noPeerID {
				b = appendText(append(b, "7:peer id"...), string(p.id[:]))
			}
			b = append(appendInt(append(b, "4:port"...), int(addr.Port())), 'e')
		}
		return append(b, "ee"...)
	}
	var v4, v6 []byte
	for _, p := range peers {
		addr := t.seenFrom(p.addr, from)
		if addr.Addr().Is4() {
			v4 = appendCompact(v4, addr)
		} else {
			v6 = appendCompact(v6, addr)
		}
	}
	b = appendText(b, string(v4))
	if len(v6) > 0 {
		b = appendText(append(b, "6:peers6"...), string(v6)) // BEP 7
	}
	return append(b, 'e')
}

// seenFrom is the address under which a client elsewhere reaches a peer on this machine.
func (t *Tracker) seenFrom(p netip.AddrPort, client netip.Addr) netip.AddrPort {
	if t.public.IsValid() && p.Addr().IsLoopback() && !isLocal(client) {
		return netip.AddrPortFrom(t.public, p.Port())
	}
	return p
}

func (t *Tracker) scrapeHTTP(query string, _ netip.AddrPort) ([]byte, error) {
	hashes, err := parseScrape(query) // sorted, as the keys of a dictionary must be
	if err != nil {
		return nil, err
	}
	b := []byte("d5:filesd")
	now := t.cfg.Now()
	t.store.scrapes.Add(1)
	for _, h := range hashes {
		if t.cfg.Allowed != nil && !t.cfg.Allowed(h) {
			continue
		}
		n, _ := t.store.scrape(h, now)
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

func appendCompact(b []byte, p netip.AddrPort) []byte {
	b = append(b, p.Addr().AsSlice()...)
	return append(b, byte(p.Port()>>8), byte(p.Port()))
}
