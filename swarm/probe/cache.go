package probe

import (
	"net/http"
	"strconv"
	"strings"
	"time"
	"unicode"

	"swarmtop/swarm"
)

// hitHeaders are names under which caches say whether an answer was a hit, besides
// Cache-Status (RFC 9211).
func hitHeaders() []string {
	return []string{"X-Cache", "Cf-Cache-Status", "X-Cache-Status", "X-Proxy-Cache", "X-Cache-Remote", "X-Drupal-Cache", "X-Vercel-Cache"}
}

// isHit tells whether an answer came out of a cache.
func isHit(h http.Header) bool {
	if d, ok := age(h).Get(); ok && d > 0 {
		return true
	}
	if hitInStatus(strings.Join(h.Values("Cache-Status"), ",")) {
		return true
	}
	for _, name := range hitHeaders() {
		words := strings.FieldsFunc(strings.Join(h.Values(name), ","), func(r rune) bool { return !unicode.IsLetter(r) })
		for _, w := range words {
			if strings.EqualFold(w, "hit") {
				return true
			}
		}
	}
	return false
}

// hitInStatus reads a Cache-Status: a list of caches, each with parameters after
// ";", of which "hit" says that it answered by itself.
func hitInStatus(s string) bool {
	start, isParam, quoted := 0, false, false
	hit := func(end int) bool {
		name, value, _ := strings.Cut(strings.TrimSpace(s[start:end]), "=")
		return isParam && name == "hit" && value != "?0"
	}
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case c == '"':
			quoted = !quoted
		case quoted && c == '\\':
			i++
		case !quoted && (c == ';' || c == ','):
			if hit(i) {
				return true
			}
			start, isParam = i+1, c == ';'
		}
	}
	return hit(len(s))
}

// cacheStatus is what caches say of an answer, for people.
func cacheStatus(h http.Header) string {
	if v := h.Values("Cache-Status"); len(v) > 0 {
		return strings.Join(v, ", ")
	}
	for _, name := range hitHeaders() {
		if v := h.Values(name); len(v) > 0 {
			return name + ": " + strings.Join(v, ", ")
		}
	}
	return ""
}

// age returns how long an answer was in caches (RFC 9111, section 5.1).
func age(h http.Header) swarm.Opt[time.Duration] {
	first, _, _ := strings.Cut(h.Get("Age"), ",")
	if d, ok := seconds(first); ok {
		return swarm.Known(d)
	}
	return swarm.Opt[time.Duration]{}
}

// lifetime returns how long a cache may give an answer out without asking again,
// the longer of what browsers and shared caches are told (RFC 9111, section 5.2.2).
func lifetime(cacheControl string) (d time.Duration, told bool) {
	for directive := range strings.SplitSeq(cacheControl, ",") {
		name, value, _ := strings.Cut(strings.TrimSpace(directive), "=")
		switch strings.ToLower(name) {
		case "no-store", "no-cache":
			return 0, true
		case "max-age", "s-maxage":
			if s, ok := seconds(strings.Trim(value, `"`)); ok {
				d, told = max(d, s), true
			}
		}
	}
	return d, told
}

// seconds reads delta-seconds; more than ten years are ten years.
func seconds(s string) (time.Duration, bool) {
	const most = 10 * 365 * 24 * 3600
	s = strings.TrimSpace(s)
	if s == "" || strings.Trim(s, "0123456789") != "" {
		return 0, false
	}
	n, err := strconv.ParseInt(s, 10, 64)
	if err != nil {
		n = most
	}
	return time.Duration(min(n, most)) * time.Second, true
}
