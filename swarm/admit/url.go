package admit

import (
	"errors"
	"fmt"
	"net/netip"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"unicode"
)

// TrackerURL admits the URL of a tracker over UDP, HTTP or HTTPS (BEP 3, BEP 15)
// and returns it in one spelling. A host that is an address is held against the
// policy now, a name when it is dialled.
func (p Policy) TrackerURL(raw string, trust Trust) (string, error) {
	s, err := p.url(raw, trust, "udp", "http", "https")
	if err != nil {
		return "", fmt.Errorf("tracker %s: %w", quote(raw), err)
	}
	return s, nil
}

// WebSeedURL admits the URL of a web seed over HTTP or HTTPS (BEP 19), as TrackerURL does.
func (p Policy) WebSeedURL(raw string, trust Trust) (string, error) {
	s, err := p.url(raw, trust, "http", "https")
	if err != nil {
		return "", fmt.Errorf("web seed %s: %w", quote(raw), err)
	}
	return s, nil
}

// HTTPURL admits any other URL over HTTP or HTTPS, as TrackerURL does.
func (p Policy) HTTPURL(raw string, trust Trust) (string, error) {
	s, err := p.url(raw, trust, "http", "https")
	if err != nil {
		return "", fmt.Errorf("URL %s: %w", quote(raw), err)
	}
	return s, nil
}

func (p Policy) url(raw string, trust Trust, schemes ...string) (string, error) {
	u, err := parseURL(raw, schemes)
	if err != nil {
		return "", err
	}
	if addr, err := netip.ParseAddr(u.Hostname()); err == nil {
		if err := p.Check(addr, scopeOf(trust, u)); err != nil {
			return "", err
		}
	}
	return u.String(), nil
}

// parseURL accepts an absolute URL with a host and without user info, of one of the schemes.
func parseURL(raw string, schemes []string) (*url.URL, error) {
	switch {
	case len(raw) > maxURL:
		return nil, fmt.Errorf("%d bytes, the limit is %d", len(raw), maxURL)
	case strings.ContainsFunc(raw, func(r rune) bool { return unicode.IsControl(r) || unicode.IsSpace(r) }):
		return nil, errors.New("it has spaces or control characters")
	}
	u, err := url.Parse(raw)
	if err != nil {
		return nil, errors.New("not a URL")
	}
	u.Scheme, u.Host = strings.ToLower(u.Scheme), strings.ToLower(u.Host)
	u.Fragment, u.RawFragment = "", ""
	switch {
	case u.Scheme == "ws" || u.Scheme == "wss":
		return nil, errors.New("WebSocket trackers (WebTorrent) are not supported")
	case !slices.Contains(schemes, u.Scheme):
		return nil, fmt.Errorf("scheme %s is not one of %s", quote(u.Scheme), strings.Join(schemes, ", "))
	case u.User != nil:
		return nil, errors.New("it has user info, which is not allowed")
	case u.Hostname() == "" || u.Opaque != "":
		return nil, errors.New("it has no host")
	case u.Scheme == "udp" && u.Port() == "":
		return nil, errors.New("a UDP tracker needs a port")
	}
	if port := u.Port(); port != "" {
		if n, err := strconv.ParseUint(port, 10, 16); err != nil || n == 0 {
			return nil, fmt.Errorf("port %s is not from 1 to 65535", quote(port))
		}
	}
	return u, nil
}
