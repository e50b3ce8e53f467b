package session_test

import (
	"bytes"
	"errors"
	"io"
	"net"
	"os"
	"runtime/pprof"
	"slices"
	"testing"
	"time"

	pp "github.com/anacrolix/torrent/peer_protocol"

	"swarmtop/swarm"
	"swarmtop/swarm/session"
)

// TestPeerThatHasNothingAfterAllIsCutOff: the library would panic when the swarm is left.
func TestPeerThatHasNothingAfterAllIsCutOff(t *testing.T) {
	path, _, meta := asset(t, "twice.js", 40<<10, 16<<10)
	f := start(t, t.TempDir(), nil)
	if _, err := f.Add(session.Spec{Torrent: &meta, InfoHash: meta.InfoHash, Publish: path}); err != nil {
		t.Fatal(err)
	}
	f.sampled(t, meta.InfoHash, "complete", complete)
	conn := says(t, f, meta.InfoHash, pp.Message{Type: pp.HaveAll}, pp.Message{Type: pp.HaveNone}, pp.Message{Type: pp.Have, Index: 1})
	if _, err := io.Copy(io.Discard, conn); errors.Is(err, os.ErrDeadlineExceeded) {
		t.Error("the session keeps the connection")
	}
	if err := f.Remove(meta.InfoHash, false); err != nil {
		t.Error(err)
	}
}

// TestPeerThatShakesHandsAgainAndAgainLeavesNothingBehind: of each extended handshake
// after the first the library would keep a goroutine.
func TestPeerThatShakesHandsAgainAndAgainLeavesNothingBehind(t *testing.T) {
	path, _, meta := asset(t, "hands.js", 40<<10, 16<<10)
	f := start(t, t.TempDir(), nil)
	if _, err := f.Add(session.Spec{Torrent: &meta, InfoHash: meta.InfoHash, Publish: path}); err != nil {
		t.Fatal(err)
	}
	f.sampled(t, meta.InfoHash, "complete", complete)
	messages := slices.Repeat([]pp.Message{{Type: pp.Extended, ExtendedPayload: []byte("d1:md6:ut_pexi1eee")}}, 200)
	conn := says(t, f, meta.InfoHash, messages...)
	if _, err := conn.Write([]byte{0, 0, 0, 1, 255}); err != nil { // which nobody knows
		t.Fatal(err)
	}
	if _, err := io.Copy(io.Discard, conn); errors.Is(err, os.ErrDeadlineExceeded) {
		t.Fatal("the session keeps the connection")
	}
	if err := f.Remove(meta.InfoHash, false); err != nil {
		t.Fatal(err)
	}
	until(t, "no goroutine of peer exchange left", func() bool {
		var stacks bytes.Buffer
		_ = pprof.Lookup("goroutine").WriteTo(&stacks, 1) // to memory
		return !bytes.Contains(stacks.Bytes(), []byte("pexConnState"))
	})
}

// says connects to a session as a peer that shakes hands and then sends messages.
func says(t *testing.T, f *fixture, h swarm.InfoHash, messages ...pp.Message) net.Conn {
	t.Helper()
	conn, err := net.Dial("tcp", (&net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: int(f.Port())}).String())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	conn.SetDeadline(time.Now().Add(20 * time.Second))
	var hello bytes.Buffer
	hello.WriteString("\x13BitTorrent protocol\x00\x00\x00\x00\x00\x10\x00\x04") // with BEP 10 and BEP 6
	hello.Write(h[:])
	hello.WriteString("-XX0000-000000000001")
	for _, m := range messages {
		hello.Write(m.MustMarshalBinary())
	}
	if _, err := conn.Write(hello.Bytes()); err != nil {
		t.Fatal(err)
	}
	return conn
}
