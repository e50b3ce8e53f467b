package gateway

import "bytes"

// head is what a request asks for, read from its bytes without net/http.
type head struct {
	target []byte // path and query
	host   []byte
	plain  bool // GET, without conditions and ranges
}

// readHead reads the request that b begins with and tells how many bytes it takes.
// It takes only what leaves no room for two opinions: HTTP/1.1, GET or HEAD, every
// line ended by CRLF and of printable ASCII, one Host, no sign of a body, and of a
// connection nothing but that it is to be kept. For all else the size is 0: that is
// for net/http to judge.
func readHead(b []byte) (h head, size int) {
	line, rest, ok := cutLine(b)
	if !ok || !h.takeRequestLine(line) {
		return head{}, 0
	}
	for {
		if line, rest, ok = cutLine(rest); !ok {
			return head{}, 0
		}
		if len(line) == 0 {
			break
		}
		if !h.takeField(line) {
			return head{}, 0
		}
	}
	if h.host == nil {
		return head{}, 0
	}
	return h, len(b) - len(rest)
}

// cutLine returns the first line of b, without its end, and what follows it.
func cutLine(b []byte) (line, rest []byte, ok bool) {
	end := bytes.IndexByte(b, '\n')
	if end < 1 || b[end-1] != '\r' {
		return nil, nil, false
	}
	return b[:end-1], b[end+1:], true
}

func (h *head) takeRequestLine(line []byte) bool {
	rest, get := bytes.CutPrefix(line, []byte("GET "))
	if !get {
		var ok bool
		if rest, ok = bytes.CutPrefix(line, []byte("HEAD ")); !ok {
			return false
		}
	}
	target, ok := bytes.CutSuffix(rest, []byte(" HTTP/1.1"))
	if !ok || len(target) == 0 || target[0] != '/' {
		return false
	}
	for _, c := range target {
		if c <= ' ' || c > '~' {
			return false
		}
	}
	h.target, h.plain = target, get
	return true
}

func (h *head) takeField(line []byte) bool {
	name, value, ok := bytes.Cut(line, []byte(":"))
	if !ok || !isToken(name) || !isText(value) {
		return false
	}
	value = bytes.Trim(value, " \t")
	var room [len("if-unmodified-since")]byte
	if len(name) > len(room) {
		return true // longer than any name with a meaning here
	}
	lower := room[:len(name)]
	for i, c := range name {
		lower[i] = c | 0x20 // makes no letter of what is none in a token
	}
	switch string(lower) {
	case "host":
		if h.host != nil || !isHost(value) {
			return false
		}
		h.host = value
	case "connection":
		return bytes.EqualFold(value, []byte("keep-alive"))
	case "content-length", "transfer-encoding", "trailer", "te", "expect", "upgrade":
		return false
	case "range", "if-range", "if-match", "if-none-match", "if-modified-since", "if-unmodified-since":
		h.plain = false
	}
	return true
}

// isToken tells whether b can be the name of a field (RFC 9110, section 5.6.2).
func isToken(b []byte) bool {
	for _, c := range b {
		letter := 'a' <= c|0x20 && c|0x20 <= 'z'
		if !letter && c != '-' && (c < '0' || c > '9') && bytes.IndexByte([]byte("!#$%&'*+.^_`|~"), c) < 0 {
			return false
		}
	}
	return len(b) > 0
}

// isText tells whether b is printable ASCII with spaces and tabs.
func isText(b []byte) bool {
	for _, c := range b {
		if (c < ' ' || c > '~') && c != '\t' {
			return false
		}
	}
	return true
}

// isHost tells whether b can be a name or an address, with a port or without; it
// leaves out zones.
func isHost(b []byte) bool {
	for _, c := range b {
		letter := 'a' <= c|0x20 && c|0x20 <= 'z'
		if !letter && (c < '0' || c > '9') && bytes.IndexByte([]byte("-.:[]_"), c) < 0 {
			return false
		}
	}
	return len(b) > 0
}
