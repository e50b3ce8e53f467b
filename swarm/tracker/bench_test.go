package tracker

import (
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"net/netip"
	"testing"
	"time"
)

// The cost of an answer apart from the network's, for swarms of fifty peers.
func BenchmarkAnnounce(b *testing.B) {
	tr := &Tracker{cfg: Config{Interval: time.Minute, Now: time.Now}, store: newStore(time.Hour), ids: newConnectionIDs()}
	from := netip.MustParseAddrPort("127.0.0.1:5")
	id := tr.ids.issue(from, time.Now())
	const requests = 1 << 14
	var queries [requests]string
	var packets [requests][98]byte
	for i := range requests {
		hash, peer := uint32(rand.IntN(1000))*2654435761, rand.IntN(50)
		queries[i] = fmt.Sprintf("/announce?info_hash=%%%02X%%%02X%%%02X%%%02Xaaaaaaaaaaaaaaaa&peer_id=-BE0001-%012d&port=%d&uploaded=0&downloaded=0&left=%d&compact=1&numwant=50&key=%08X",
			byte(hash>>24), byte(hash>>16), byte(hash>>8), byte(hash), peer, 1000+peer, peer%2, peer)
		p := packets[i][:]
		binary.BigEndian.PutUint64(p, id)
		binary.BigEndian.PutUint32(p[8:], actionAnnounce)
		binary.BigEndian.PutUint32(p[16:], hash)
		copy(p[36:], fmt.Sprintf("-BE0001-%012d", peer))
		p[71] = byte(peer % 2)
		p[95] = 50
		binary.BigEndian.PutUint16(p[96:], uint16(1000+peer))
	}
	out, peers := make([]byte, 0, 8<<10), make([]found, 0, maxWant)
	b.Run("http", func(b *testing.B) {
		b.ReportAllocs()
		for i := 0; b.Loop(); i++ {
			tr.answerHTTP(out, peers, queries[i%requests], from.Addr())
		}
	})
	b.Run("udp", func(b *testing.B) {
		b.ReportAllocs()
		for i := 0; b.Loop(); i++ {
			tr.answerUDP(out, peers, packets[i%requests][:], from)
		}
	})
	b.Run("request", func(b *testing.B) {
		b.ReportAllocs()
		raw := []byte("GET " + queries[0] + " HTTP/1.1\r\nHost: 127.0.0.1\r\nUser-Agent: bench/1\r\nAccept-Encoding: gzip\r\nConnection: close\r\n\r\n")
		for b.Loop() {
			parseRequest(raw)
		}
	})
}
