package gateway

import (
	"bytes"
	"net/http"
)

// What net/http refuses by itself, such as a header with a control character, an
// `Expect` that it does not know or too large a header, says nothing of caching. A
// cache that keeps such an error for the path would keep the asset from everybody:
// so `no-store` is put into these too. Under TLS it cannot be: there the bytes that
// pass the connection are sealed already.

var statusLine = []byte("HTTP/1.1 ")

// Write marks as not to be stored what is written outside of the handler.
func (c *conn) Write(p []byte) (int, error) {
	line := bytes.Index(p, []byte("\r\n"))
	if c.handled.Load() || line < 0 || !bytes.HasPrefix(p, statusLine) {
		return c.Conn.Write(p)
	}
	marked := bytes.Join([][]byte{p[:line], p[line:]}, []byte("\r\nCache-Control: no-store"))
	if n, err := c.Conn.Write(marked); err != nil {
		return min(n, len(p)), err
	}
	return len(p), nil
}

// CloseWrite lets net/http end its side first, so that the error arrives.
func (c *conn) CloseWrite() error {
	if w, ok := c.Conn.(interface{ CloseWrite() error }); ok {
		return w.CloseWrite()
	}
	return nil
}

// handling notes that the handler answers a request.
func handling(r *http.Request) {
	if c := connOf(r); c != nil {
		c.handled.Store(true)
	}
}
