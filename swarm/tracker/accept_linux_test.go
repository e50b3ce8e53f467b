//go:build amd64 || arm64

package tracker

import (
	"bytes"
	"io"
	"net"
	"net/http"
	"net/netip"
	"os"
	"strings"
	"syscall"
	"testing"
)

func TestWhatComesWithItsConnectionTakesNobodysPlace(t *testing.T) {
	const limit = 2
	tr := runWeb(t, limit)
	for i := range limit + 1 {
		io.WriteString(call(t, tr), "GET /sta") // and no more
		waitConns(t, tr, i+1)
	}
	for _, head := range []string{"HTTP/1.0\r\n", "HTTP/1.1\r\nConnection: close\r\n", "HTTP/1.1\r\n"} {
		c := call(t, tr)
		io.WriteString(c, "GET /stats "+head+"\r\n")
		if r, body := c.answer(t); !strings.Contains(body, `"announces"`) || !r.Close || !c.ended() {
			t.Errorf("%q: %q, close is %t", head, body, r.Close)
		}
	}
	waitConns(t, tr, limit+1)
}

// socketPair is a connection within the machine: the tracker's end, and the client's.
func socketPair(t *testing.T, request string) (fd int, client net.Conn) {
	t.Helper()
	fds, err := syscall.Socketpair(syscall.AF_UNIX, syscall.SOCK_STREAM|syscall.SOCK_NONBLOCK|syscall.SOCK_CLOEXEC, 0)
	if err != nil {
		t.Fatal(err)
	}
	file := os.NewFile(uintptr(fds[1]), "")
	defer file.Close()
	if client, err = net.FileConn(file); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { client.Close() })
	io.WriteString(client, request)
	return fds[0], client
}

func TestAnswerThatDoesNotFitIsFinishedElsewhere(t *testing.T) {
	body := bytes.Repeat([]byte("body"), 1<<19)
	w := newWeb(nil, func(out []byte, _ []found, _ string, _ netip.Addr) ([]byte, string, int) {
		return append(out, body...), textPlain, http.StatusOK
	}, nil)
	a := &acceptor{exchange: newExchange()}
	fd, client := socketPair(t, "GET / HTTP/1.0\r\n\r\n")
	in, out, done := a.serve(w, fd)
	if done || len(in) != 0 || len(out) == 0 || len(out) >= len(body) {
		t.Fatalf("%d read and %d left, done is %t", len(in), len(out), done)
	}
	a.handOver(w, fd, in, out)
	defer w.served.Wait()
	got, err := io.ReadAll(client)
	if err != nil || !bytes.HasSuffix(got, body) || len(got) > len(body)+1000 {
		t.Errorf("%d bytes came of %d: %v", len(got), len(body), err)
	}
}

func TestWhatTakesTimeIsLeftToOthersAsItCame(t *testing.T) {
	w := newWeb(nil, (&Tracker{store: newStore(0)}).answerHTTP, nil)
	a := &acceptor{exchange: newExchange()}
	for _, request := range []string{"", "G", getStats, getStats + getStats, "POST / HTTP/1.0\r\n\r\n", strings.Repeat("x", maxHead)} {
		fd, client := socketPair(t, request)
		in, out, done := a.serve(w, fd)
		if done || string(in) != request || len(out) != 0 {
			t.Errorf("%.40q: %q read, %q left, done is %t", request, in, out, done)
		}
		client.Close()
		syscall.Close(fd)
	}
	fd, client := socketPair(t, "")
	defer syscall.Close(fd)
	client.Close()
	if _, _, done := a.serve(w, fd); !done {
		t.Error("a client that has gone is waited for")
	}
}
