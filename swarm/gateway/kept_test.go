package gateway

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"testing"
	"testing/synctest"
	"time"
)

// keptConn returns a connection of which a plain request was answered by the handler,
// so that further ones are answered before it.
func keptConn(t *testing.T, l *pipeListener) (net.Conn, *bufio.Reader) {
	conn := l.dial()
	in := bufio.NewReaderSize(conn, 128<<10)
	askPlain(t, conn)
	resp, err := http.ReadResponse(in, nil)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := io.Copy(io.Discard, resp.Body); err != nil {
		t.Fatal(err)
	}
	synctest.Wait()
	return conn, in
}

func askPlain(t *testing.T, conn net.Conn) {
	if _, err := fmt.Fprint(conn, "GET /w/0100000000000000000000000000000000000000/a.html HTTP/1.1\r\nHost: localhost\r\n\r\n"); err != nil {
		t.Fatal(err)
	}
}

// inMemory keeps all assets of a bubble's gateway in memory.
func inMemory(g *Gateway) { g.cache.budget = 1 << 30 }

func TestKeptConnectionIsClosedOnceItIsIdle(t *testing.T) {
	inBubble(t, newOneAsset(100), func(g *Gateway, l *pipeListener, _ func()) {
		inMemory(g)
		conn, in := keptConn(t, l)
		defer conn.Close()
		for range 3 {
			pass(idleTimeout - time.Second)
			askPlain(t, conn)
			resp, err := http.ReadResponse(in, nil)
			if err != nil {
				t.Fatal(err)
			}
			io.Copy(io.Discard, resp.Body)
		}
		began := time.Now()
		if _, err := in.ReadByte(); err != io.EOF {
			t.Error(err)
		}
		if d := time.Since(began); d != idleTimeout {
			t.Errorf("closed after %v", d)
		}
	})
}

func TestSlowHeadersOfAFurtherRequestAreCutOff(t *testing.T) {
	inBubble(t, newOneAsset(100), func(g *Gateway, l *pipeListener, _ func()) {
		inMemory(g)
		conn, in := keptConn(t, l)
		defer conn.Close()
		pass(30 * time.Second)
		began := time.Now()
		fmt.Fprint(conn, "GET / HTTP/1.1\r\nHost:")
		if _, err := in.ReadByte(); err != io.EOF {
			t.Error(err)
		}
		if d := time.Since(began); d != headerTimeout {
			t.Errorf("cut off after %v", d)
		}
	})
}

func TestReaderOfAFurtherAnswerMayTakeItsTimeButNotStop(t *testing.T) {
	assets := newOneAsset(4 << 20)
	inBubble(t, assets, func(g *Gateway, l *pipeListener, _ func()) {
		inMemory(g)
		for _, c := range []struct {
			pause time.Duration
			whole bool
		}{{10 * time.Second, true}, {time.Hour, false}} {
			conn, in := keptConn(t, l)
			askPlain(t, conn)
			resp, err := http.ReadResponse(in, nil)
			if err != nil {
				t.Fatal(err)
			}
			total, part := 0, make([]byte, 128<<10)
			for err == nil {
				var n int
				n, err = io.ReadFull(resp.Body, part)
				total += n
				pass(c.pause)
			}
			if whole := total == len(assets.bytes); whole != c.whole {
				t.Errorf("pauses of %v: %d of %d bytes came", c.pause, total, len(assets.bytes))
			}
			conn.Close()
			synctest.Wait()
			if r := g.Responses().Tail; (r[len(r)-1].Bytes == assets.asset.Size) != c.whole {
				t.Errorf("pauses of %v: recorded %+v", c.pause, r[len(r)-1])
			}
		}
	})
}

func TestStoppingLetsAFurtherAnswerLeaveOrCutsIt(t *testing.T) {
	for _, pause := range []time.Duration{shutdownTimeout / 2, 2 * shutdownTimeout} {
		assets := newOneAsset(1 << 20)
		inBubble(t, assets, func(g *Gateway, l *pipeListener, stop func()) {
			inMemory(g)
			idle, idleIn := keptConn(t, l)
			defer idle.Close()
			conn, in := keptConn(t, l)
			defer conn.Close()
			askPlain(t, conn)
			synctest.Wait()
			began := time.Now()
			stop()
			if _, err := idleIn.ReadByte(); err != io.EOF || time.Since(began) != 0 {
				t.Errorf("an idle connection ended after %v: %v", time.Since(began), err)
			}
			pass(pause)
			resp, err := http.ReadResponse(in, nil)
			if pause > shutdownTimeout {
				if err == nil {
					t.Error("what was under way was not cut")
				}
			} else if err != nil {
				t.Error(err)
			} else if n, err := io.Copy(io.Discard, resp.Body); n != assets.asset.Size || err != nil {
				t.Errorf("%d of %d bytes came: %v", n, assets.asset.Size, err)
			} else if _, err := in.ReadByte(); err != io.EOF {
				t.Errorf("the connection stays: %v", err)
			}
			synctest.Wait()
			if n := len(g.leaving.conns); n != 0 || g.Responses().Count != 3 {
				t.Errorf("%d connections linger, %d responses are recorded", n, g.Responses().Count)
			}
		})
	}
}
