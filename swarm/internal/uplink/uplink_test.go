package uplink_test

import (
	"bytes"
	"errors"
	"io"
	"net"
	"testing"
	"testing/synctest"
	"time"

	"swarmtop/swarm/internal/uplink"
)

func TestUplinkSpreadsBlocksAndPassesShortMessages(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a, b := net.Pipe()
		sent, line := uplink.Pace(a, 16<<10)
		defer sent.Close()
		read := make(chan []byte)
		go func() {
			all, _ := io.ReadAll(b)
			read <- all
		}()

		block := bytes.Repeat([]byte("0123456789a"), 36<<10/11+1)[:36<<10]
		began := time.Now()
		for range 2 {
			if n, err := sent.Write(block); n != len(block) || err != nil {
				t.Fatalf("Write: %d, %v", n, err)
			}
		}
		if d := time.Since(began).Round(time.Millisecond); d != 4500*time.Millisecond {
			t.Errorf("72 KiB at 16 KiB a second took %v, want 4.5s", d)
		}
		began = time.Now()
		if _, err := sent.Write(block[:1000]); err != nil || time.Since(began) != 0 {
			t.Errorf("a short message took %v: %v", time.Since(began), err)
		}
		if n := line.Sent.Load(); n != 73<<10-24 {
			t.Errorf("%d bytes are counted", n)
		}
		sent.Close()
		if got := <-read; !bytes.Equal(got, append(append(block[:len(block):len(block)], block...), block[:1000]...)) {
			t.Errorf("%d bytes came, not those that were sent", len(got))
		}
	})
}

func TestClosingAPacedConnectionEndsItsWrite(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a, b := net.Pipe()
		sent, _ := uplink.Pace(a, 1<<10)
		go io.Copy(io.Discard, b)
		failed := make(chan error)
		go func() {
			_, err := sent.Write(make([]byte, 1<<20))
			failed <- err
		}()
		<-time.After(10 * time.Second)
		began := time.Now()
		sent.Close()
		if err := <-failed; !errors.Is(err, net.ErrClosed) || time.Since(began) != 0 {
			t.Errorf("%v after %v", err, time.Since(began))
		}
	})
}
