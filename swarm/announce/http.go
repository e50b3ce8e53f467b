package announce

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"swarmtop/swarm"
)

const (
	maxBody      = 4 << 20 // bytes of an answer, after decompression
	maxRedirects = 5
)

var errTooLarge = errors.New("unreadable answer: over 4 MiB")

// httpProtocol announces and scrapes over HTTP and HTTPS (BEP 3, 7, 23, 48).
type httpProtocol struct {
	client    func(rawURL string) *http.Client
	userAgent string
}

func (p *httpProtocol) announce(ctx context.Context, r request) (answer, error) {
	u := *r.url
	u.Fragment = ""
	u.RawQuery = r.query(u.RawQuery)
	body, err := p.get(ctx, r.raw, &u)
	var status *statusError
	if errors.As(err, &status) {
		ans, err := parseAnswer(body)
		if err == nil {
			status.reason = ans.failure
		}
		return ans, status
	}
	if err != nil {
		return answer{}, err
	}
	ans, err := parseAnswer(body)
	switch {
	case err != nil:
		return answer{}, garbageError(err.Error() + ": " + beginning(body))
	case ans.failure != "":
		return ans, reasonError(ans.failure)
	}
	return ans, nil
}

func (p *httpProtocol) scrape(ctx context.Context, raw string, announce *url.URL, hashes []swarm.InfoHash) (scraped, error) {
	u := scrapeURL(announce)
	var query strings.Builder
	query.WriteString(u.RawQuery)
	for _, h := range hashes {
		if query.Len() > 0 {
			query.WriteByte('&')
		}
		query.WriteString("info_hash=")
		escapeBytes(&query, h[:])
	}
	u.RawQuery = query.String()
	body, err := p.get(ctx, raw, u)
	if err != nil {
		return scraped{}, err
	}
	s, err := parseScrape(body, hashes)
	var reason reasonError
	if err != nil && !errors.As(err, &reason) {
		err = garbageError(err.Error() + ": " + beginning(body))
	}
	return s, err
}

// get returns the body of an answer with status 200; of others it returns what of
// the body could be read with a statusError. raw is the tracker's announce URL.
func (p *httpProtocol) get(ctx context.Context, raw string, u *url.URL) ([]byte, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, u.String(), nil)
	if err != nil {
		return nil, err
	}
	if p.userAgent != "" {
		req.Header.Set("User-Agent", p.userAgent)
	}
	client := *p.client(raw)
	client.CheckRedirect = boundRedirects(client.CheckRedirect)
	resp, err := client.Do(req)
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(io.LimitReader(resp.Body, maxBody+1))
	switch {
	case resp.StatusCode != http.StatusOK:
		return body, &statusError{code: resp.StatusCode}
	case len(body) > maxBody:
		return nil, errTooLarge
	}
	return body, err
}

// query appends the parameters of an announce to those of the tracker's own URL.
func (r request) query(own string) string {
	var b strings.Builder
	if own != "" {
		b.WriteString(own)
		b.WriteByte('&')
	}
	b.WriteString("info_hash=")
	escapeBytes(&b, r.hash[:])
	b.WriteString("&peer_id=")
	escapeBytes(&b, r.peerID[:])
	fmt.Fprintf(&b, "&port=%d&uploaded=%d&downloaded=%d&left=%d&compact=1&no_peer_id=1&numwant=%d&key=%08X",
		r.port, r.progress.Uploaded, r.progress.Downloaded, r.progress.Left, r.want, r.key)
	if r.event != eventNone {
		b.WriteString("&event=" + r.event.String())
	}
	if r.trackerID != "" {
		b.WriteString("&trackerid=")
		escapeBytes(&b, []byte(r.trackerID))
	}
	return b.String()
}

// escapeBytes writes any bytes as RFC 3986 unreserved characters and %XX.
func escapeBytes(b *strings.Builder, p []byte) {
	const hex = "0123456789ABCDEF"
	for _, c := range p {
		switch {
		case 'a' <= c && c <= 'z', 'A' <= c && c <= 'Z', '0' <= c && c <= '9', strings.IndexByte("-._~", c) >= 0:
			b.WriteByte(c)
		default:
			b.WriteByte('%')
			b.WriteByte(hex[c>>4])
			b.WriteByte(hex[c&15])
		}
	}
}

// boundRedirects asks next as well, if the client has a rule of its own.
func boundRedirects(next func(*http.Request, []*http.Request) error) func(*http.Request, []*http.Request) error {
	return func(req *http.Request, via []*http.Request) error {
		if len(via) > maxRedirects {
			return &statusError{code: req.Response.StatusCode, reason: "redirected more than " + strconv.Itoa(maxRedirects) + " times"}
		}
		if next != nil {
			return next(req, via)
		}
		return nil
	}
}

// beginning quotes the first bytes of an answer as evidence.
func beginning(body []byte) string {
	const most = 32
	if len(body) == 0 {
		return "it is empty"
	}
	cut := body[:min(len(body), most)]
	cut, _, _ = bytes.Cut(cut, []byte("\n"))
	return strconv.Quote(string(cut))
}
