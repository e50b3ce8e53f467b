package gateway

import (
	"strings"
	"testing"
)

const browserHead = "GET /w/0100000000000000000000000000000000000000/a.js?v=1 HTTP/1.1\r\nHost: cdn.example\r\n" +
	"User-Agent: Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0\r\nAccept: */*\r\nAccept-Language: en-US,en;q=0.5\r\n" +
	"Accept-Encoding: gzip, deflate, br, zstd\r\nReferer: https://news.example/\r\nConnection: keep-alive\r\nSec-Fetch-Dest: script\r\n" +
	"Sec-Fetch-Mode: no-cors\r\nSec-Fetch-Site: cross-site\r\n\r\n"

func TestHeadIsReadOnlyWhereItLeavesNoDoubt(t *testing.T) {
	const line, host = "GET /a?b HTTP/1.1\r\n", "Host: localhost:80\r\n"
	for s, want := range map[string]struct {
		size  int
		plain bool
	}{
		line + host + "\r\n":                           {len(line+host) + 2, true},
		line + host + "\r\nGET ":                       {len(line+host) + 2, true},
		"HEAD" + line[3:] + host + "\r\n":              {len(line+host) + 3, false},
		line + "X:\t y \t\r\n" + host + "\r\n":         {len(line+host) + 11, true},
		line + host + "IF-NONE-MATCH: *\r\n\r\n":       {len(line+host) + 20, false},
		line + host + "Range: bytes=0-\r\n\r\n":        {len(line+host) + 19, false},
		line + host + "Connection: Keep-Alive\r\n\r\n": {len(line+host) + 26, true},
		browserHead:                             {len(browserHead), true},
		"":                                      {},
		"\r\n" + line + host + "\r\n":           {},
		line + host:                             {},
		line + host + "\r":                      {},
		line + host + "\n":                      {},
		line + "\r\n":                           {},
		line + host + host + "\r\n":             {},
		line + "Host: a/b\r\n\r\n":              {},
		line + "Host: [fe80::1%25eth0]\r\n\r\n": {},
		line + "Host:\r\n\r\n":                  {},
		line + host + "Content-Length: 0\r\n\r\n":             {},
		line + host + "transfer-encoding: identity\r\n\r\n":   {},
		line + host + "Connection: close\r\n\r\n":             {},
		line + host + "Connection: keep-alive, te\r\n\r\n":    {},
		line + host + "Expect: 100-continue\r\n\r\n":          {},
		line + host + "X: y\r\n z\r\n\r\n":                    {},
		line + host + "X : y\r\n\r\n":                         {},
		line + host + ": y\r\n\r\n":                           {},
		line + host + "X\r\n\r\n":                             {},
		line + host + "X: \x00\r\n\r\n":                       {},
		line + host + "X: y\rz\r\n\r\n":                       {},
		line + host + "X: é\r\n\r\n":                          {},
		"GET  /a HTTP/1.1\r\n" + host + "\r\n":                {},
		"GET /a b HTTP/1.1\r\n" + host + "\r\n":               {},
		"GET http://localhost/a HTTP/1.1\r\n" + host + "\r\n": {},
		"GET /a HTTP/1.0\r\n" + host + "\r\n":                 {},
		"get /a HTTP/1.1\r\n" + host + "\r\n":                 {},
		"POST /a HTTP/1.1\r\n" + host + "\r\n":                {},
	} {
		h, size := readHead([]byte(s))
		if size != want.size || h.plain != want.plain {
			t.Errorf("%q: %d bytes, plain %t; want %+v", s, size, h.plain, want)
		}
		if size > 0 && s != browserHead && (string(h.host) != "localhost:80" || !strings.HasPrefix(string(h.target), "/a?b")) {
			t.Errorf("%q: %q at %q", s, h.target, h.host)
		}
	}
}

func BenchmarkReadHead(b *testing.B) {
	head := []byte(browserHead)
	b.SetBytes(int64(len(head)))
	b.ReportAllocs()
	for b.Loop() {
		if _, size := readHead(head); size != len(head) {
			b.Fatal(size)
		}
	}
}
