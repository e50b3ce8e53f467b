package probe

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strconv"
	"strings"
	"time"

	"swarmtop/swarm"
)

// Asker asks a URL at one address of its host.
type Asker struct {
	// Client returns a client that connects to host:port where via says. It follows
	// only the redirects that are allowed.
	Client func(via func(hostPort string) string) *http.Client
	// Lookup returns the addresses of a host name.
	Lookup func(ctx context.Context, host string) ([]netip.Addr, error)
	// Edges are addresses that are asked instead of what Lookup says, by host:port.
	Edges     map[string][]netip.Addr
	UserAgent string
	Now       func() time.Time
}

// lookupTimeout is for one name. The client bounds the rest.
const lookupTimeout = 5 * time.Second

// Addresses returns where the host of a URL is, the port included.
func (a *Asker) Addresses(ctx context.Context, u *url.URL) ([]netip.AddrPort, error) {
	hostPort := hostPort(u)
	name, portText, err := net.SplitHostPort(hostPort)
	if err != nil {
		return nil, err
	}
	port, err := strconv.ParseUint(portText, 10, 16)
	if err != nil {
		return nil, fmt.Errorf("port %q is not from 1 to 65535", portText)
	}
	addrs, given := a.Edges[hostPort]
	if ip, err := netip.ParseAddr(name); err == nil && !given {
		addrs, given = []netip.Addr{ip}, true
	}
	if !given {
		ctx, cancel := context.WithTimeout(ctx, lookupTimeout)
		defer cancel()
		if addrs, err = a.Lookup(ctx, name); err != nil {
			return nil, err
		}
	}
	all := make([]netip.AddrPort, len(addrs))
	for i, addr := range addrs {
		all[i] = netip.AddrPortFrom(addr.Unmap(), uint16(port))
	}
	return all, nil
}

// answer is what one request brought.
type answer struct {
	request string // in words
	flags   string // for a curl that asks the same
	url     string // that was asked
	method  string

	status int
	header http.Header
	head   []byte // of the body, the first bytes
	read   int64  // bytes of the body
	sum    [sha256.Size]byte
	whole  bool   // the body was read to its end
	body   []byte // all that was read, where it is to be verified
	err    error
}

// freshQuery is the name of the query that no cache has seen.
const freshQuery = "swarmtop-probe"

// ask asks a URL at an address and judges the answers. Only with full set a whole
// body is read, by the first request.
func (a *Asker) ask(ctx context.Context, u *url.URL, addr netip.AddrPort, want Want, full bool) finding {
	at := hostPort(u)
	client := a.Client(func(hp string) string {
		if hp == at {
			return addr.String()
		}
		return hp
	})
	defer client.CloseIdleConnections()
	follow := client.CheckRedirect
	client.CheckRedirect = func(req *http.Request, via []*http.Request) error {
		if AsksForTorrent(req.URL) {
			return http.ErrUseLastResponse
		}
		return follow(req, via)
	}

	most := int64(headBytes)
	if full && want.Bytes != nil {
		most = max(most, want.Bytes.Size+1)
	}
	first := answer{request: "GET", url: u.String(), method: http.MethodGet}
	if want.Bytes != nil && want.Bytes.Verify != nil {
		first.body = make([]byte, 0, want.Bytes.Size)
	}
	first = a.request(ctx, client, first, "", most)
	if first.body != nil && first.whole && want.Bytes.Verify(first.body) {
		want.Bytes = &Bytes{Size: first.read, SHA256: first.sum, Head: first.head}
	}
	answers := []answer{first}
	if first.err == nil {
		fresh := *u
		unused := make([]byte, 8)
		_, _ = rand.Read(unused) // never fails
		fresh.RawQuery = strings.TrimPrefix(u.RawQuery+"&"+freshQuery+"="+hex.EncodeToString(unused), "&")
		answers = append(answers,
			a.request(ctx, client, answer{request: "HEAD", flags: "-I", url: u.String(), method: http.MethodHead}, "", 0),
			a.request(ctx, client, answer{request: "GET of bytes 0–10", flags: "-i -r 0-10", url: u.String(), method: http.MethodGet}, "bytes=0-10", headBytes),
			a.request(ctx, client, answer{request: "GET with a fresh query", url: fresh.String(), method: http.MethodGet}, "", headBytes),
		)
	}
	f := judge(want, answers, a.Now())
	f.curl = curl(u, addr, f.answer)
	return f
}

// request sends one request and reads at most most bytes of the answer's body.
func (a *Asker) request(ctx context.Context, c *http.Client, ans answer, byteRange string, most int64) answer {
	req, err := http.NewRequestWithContext(ctx, ans.method, ans.url, nil)
	if err != nil {
		ans.err = err
		return ans
	}
	req.Header.Set("User-Agent", a.UserAgent)
	req.Header.Set("Accept", "*/*")
	req.Header.Set("Accept-Encoding", "identity") // the bytes as they are
	if byteRange != "" {
		req.Header.Set("Range", byteRange)
	}
	resp, err := c.Do(req)
	if err != nil {
		ans.err = err
		return ans
	}
	defer resp.Body.Close()
	ans.status, ans.header = resp.StatusCode, resp.Header
	if ans.method == http.MethodHead {
		if resp.ContentLength >= 0 {
			ans.header.Set("Content-Length", strconv.FormatInt(resp.ContentLength, 10))
		}
		return ans
	}
	var head prefix
	sum := sha256.New()
	to := []io.Writer{&head, sum}
	if ans.body != nil {
		to = append(to, (*all)(&ans.body))
	}
	ans.read, ans.err = io.Copy(io.MultiWriter(to...), io.LimitReader(resp.Body, most))
	ans.head, ans.whole = head.bytes, ans.err == nil && ans.read < most
	sum.Sum(ans.sum[:0])
	return ans
}

// prefix keeps the first bytes of what is written to it.
type prefix struct{ bytes []byte }

func (p *prefix) Write(b []byte) (int, error) {
	p.bytes = append(p.bytes, b[:min(len(b), headBytes-len(p.bytes))]...)
	return len(b), nil
}

// all keeps everything that is written to it.
type all []byte

func (a *all) Write(b []byte) (int, error) {
	*a = append(*a, b...)
	return len(b), nil
}

// AsksForTorrent tells of URLs that storage like S3 answers with metainfo.
func AsksForTorrent(u *url.URL) bool {
	for part := range strings.FieldsFuncSeq(u.RawQuery, func(r rune) bool { return r == '&' || r == ';' }) {
		key, _, _ := strings.Cut(part, "=")
		if k, err := url.QueryUnescape(key); err == nil && strings.EqualFold(strings.TrimSpace(k), "torrent") {
			return true
		}
	}
	return false
}

// curl is a command that asks the same address for the same.
func curl(u *url.URL, addr netip.AddrPort, a *answer) string {
	flags, target := "-i", u.String()
	if a != nil {
		target = a.url
		if a.flags != "" {
			flags = a.flags
		}
	}
	words := []string{"curl -sS", flags}
	if _, err := netip.ParseAddr(u.Hostname()); err != nil || addr.String() != hostPort(u) {
		ip := addr.Addr().String()
		if addr.Addr().Is6() {
			ip = "[" + ip + "]"
		}
		words = append(words, "--resolve "+hostPort(u)+":"+ip)
	}
	return swarm.Clean(strings.Join(append(words, "'"+strings.ReplaceAll(target, "'", `'\''`)+"'"), " "), urlCells+200)
}

// hostPort returns where a URL leads, with its port.
func hostPort(u *url.URL) string {
	port := u.Port()
	if port == "" {
		port = map[string]string{"http": "80", "https": "443"}[u.Scheme]
	}
	return net.JoinHostPort(u.Hostname(), port)
}
