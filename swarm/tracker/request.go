package tracker

import (
	"bytes"
	"net/http"
	"strings"
)

// request is what a tracker needs to know of an HTTP/1.x request (RFC 9112).
type request struct {
	target  string // path and query
	head    bool   // the method is HEAD
	http10  bool
	persist bool // the connection may serve another request
}

// parseRequest reads one request without a body from the beginning of b and tells
// how many bytes it takes, 0 if the rest of it is still to come. If it is not one
// that can be served, status says why; nothing after it can be told apart then.
func parseRequest(b []byte) (r request, size, status int) {
	end := bytes.Index(b, []byte("\r\n\r\n"))
	if end < 0 {
		return r, 0, 0
	}
	line, fields, _ := strings.Cut(string(b[:end]), "\r\n")
	if r, status = parseRequestLine(line); status != 0 {
		return r, 0, status
	}
	r.persist = !r.http10
	for fields != "" {
		var field string
		field, fields, _ = strings.Cut(fields, "\r\n")
		name, value, ok := strings.Cut(field, ":")
		if !ok || !isToken(name) || !isText(value) {
			return r, 0, http.StatusBadRequest
		}
		value = strings.Trim(value, " \t")
		switch {
		case strings.EqualFold(name, "Connection"):
			for option := range strings.SplitSeq(value, ",") {
				switch option = strings.Trim(option, " \t"); {
				case strings.EqualFold(option, "close"):
					r.persist = false
				case strings.EqualFold(option, "keep-alive") && r.http10:
					r.persist = true
				}
			}
		case strings.EqualFold(name, "Content-Length") && strings.Trim(value, "0") == "" && value != "":
			// no body
		case strings.EqualFold(name, "Content-Length"), strings.EqualFold(name, "Transfer-Encoding"):
			return r, 0, http.StatusRequestEntityTooLarge
		}
	}
	return r, end + len("\r\n\r\n"), 0
}

func parseRequestLine(line string) (r request, status int) {
	method, rest, _ := strings.Cut(line, " ")
	target, version, ok := strings.Cut(rest, " ")
	if !ok || !isToken(method) || target == "" || !isText(target) {
		return r, http.StatusBadRequest
	}
	switch version {
	case "HTTP/1.1":
	case "HTTP/1.0":
		r.http10 = true
	default:
		if strings.HasPrefix(version, "HTTP/") && isText(version) {
			return r, http.StatusHTTPVersionNotSupported
		}
		return r, http.StatusBadRequest
	}
	if absolute, ok := strings.CutPrefix(target, "http://"); ok { // as to a proxy; every server must take it
		_, path, _ := strings.Cut(absolute, "/")
		target = "/" + path
	}
	if !strings.HasPrefix(target, "/") {
		return r, http.StatusBadRequest
	}
	r.target = target
	switch method {
	case "GET":
	case "HEAD":
		r.head = true
	default:
		return r, http.StatusMethodNotAllowed
	}
	return r, 0
}

// isToken tells whether s can be a method or the name of a field (RFC 9110, 5.6.2).
func isToken(s string) bool {
	for i := range len(s) {
		c := s[i]
		letter := 'a' <= c|0x20 && c|0x20 <= 'z'
		if !letter && (c < '0' || c > '9') && strings.IndexByte("!#$%&'*+-.^_`|~", c) < 0 {
			return false
		}
	}
	return s != ""
}

// isText tells whether s has no control characters but tabs.
func isText(s string) bool {
	for i := range len(s) {
		if c := s[i]; c < ' ' && c != '\t' || c == 0x7f {
			return false
		}
	}
	return true
}
