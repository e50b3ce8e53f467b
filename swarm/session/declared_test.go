package session_test

import (
	"bytes"
	"errors"
	"io"
	"net"
	"os"
	"testing"
	"time"

	pp "github.com/anacrolix/torrent/peer_protocol"

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
	conn, err := net.Dial("tcp", (&net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: int(f.Port())}).String())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	conn.SetDeadline(time.Now().Add(20 * time.Second))
	var hello bytes.Buffer
	hello.WriteString("\x13BitTorrent protocol\x00\x00\x00\x00\x00\x00\x00\x04")
	hello.Write(meta.InfoHash[:])
	hello.WriteString("-XX0000-000000000001")
	for _, m := range []pp.Message{{Type: pp.HaveAll}, {Type: pp.HaveNone}, {Type: pp.Have, Index: 1}} {
		hello.Write(m.MustMarshalBinary())
	}
	if _, err := conn.Write(hello.Bytes()); err != nil {
		t.Fatal(err)
	}
	if _, err := io.Copy(io.Discard, conn); errors.Is(err, os.ErrDeadlineExceeded) {
		t.Error("the session keeps the connection")
	}
	if err := f.Remove(meta.InfoHash, false); err != nil {
		t.Error(err)
	}
}
