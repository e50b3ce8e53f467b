package main

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"os"
	"time"

	"golang.org/x/net/ipv4"
)

// window is how many packets are under way at any time.
const window = 64

// overUDP announces by BEP 15 with one connection id, many packets to a system call.
func overUDP(port int, length time.Duration) ([]time.Duration, error) {
	c, err := net.DialUDP("udp4", nil, &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1), Port: port})
	if err != nil {
		return nil, err
	}
	defer c.Close()
	id, err := connect(c)
	if err != nil {
		return nil, err
	}
	batch := ipv4.NewPacketConn(c)
	var took []time.Duration
	in, out := make([]ipv4.Message, window), make([]ipv4.Message, window)
	var sent [window]time.Time // by transaction id
	for i := range window {
		in[i].Buffers = [][]byte{make([]byte, 2048)}
		out[i].Buffers = [][]byte{make([]byte, 98)}
	}
	var ask []uint32 // transactions to be sent
	for i := range uint32(window) {
		ask = append(ask, i)
	}
	for end := time.Now().Add(length); ; {
		now := time.Now()
		if !now.Before(end) {
			return took, nil
		}
		for i, transaction := range ask {
			fill(out[i].Buffers[0], id, transaction)
			sent[transaction] = now
		}
		for rest := out[:len(ask)]; len(rest) > 0; {
			n, err := batch.WriteBatch(rest, 0)
			if err != nil {
				return nil, err
			}
			rest = rest[n:]
		}
		ask = ask[:0]
		_ = c.SetReadDeadline(now.Add(100 * time.Millisecond))
		n, err := batch.ReadBatch(in, 0)
		if errors.Is(err, os.ErrDeadlineExceeded) { // packets were lost
			for i := range uint32(window) {
				ask = append(ask, i)
			}
			continue
		}
		if err != nil {
			return nil, err
		}
		now = time.Now()
		for _, m := range in[:n] {
			answer := m.Buffers[0][:m.N]
			if m.N < 20 || binary.BigEndian.Uint32(answer) != 1 {
				return nil, fmt.Errorf("answer % x", answer)
			}
			transaction := binary.BigEndian.Uint32(answer[4:])
			took = append(took, now.Sub(sent[transaction]))
			ask = append(ask, transaction)
		}
	}
}

func connect(c *net.UDPConn) (uint64, error) {
	b := binary.BigEndian.AppendUint64(nil, 0x41727101980)
	b = append(b, 0, 0, 0, 0, 1, 2, 3, 4)
	if _, err := c.Write(b); err != nil {
		return 0, err
	}
	_ = c.SetReadDeadline(time.Now().Add(5 * time.Second))
	in := make([]byte, 2048)
	n, err := c.Read(in)
	if err != nil || n != 16 {
		return 0, fmt.Errorf("connect: %d bytes, %w", n, err)
	}
	return binary.BigEndian.Uint64(in[8:]), nil
}

func fill(b []byte, id uint64, transaction uint32) {
	swarm, peer := rand.IntN(swarms), rand.IntN(peersPerSwarm)
	h := infoHash(swarm)
	binary.BigEndian.PutUint64(b, id)
	binary.BigEndian.PutUint32(b[8:], 1)
	binary.BigEndian.PutUint32(b[12:], transaction)
	copy(b[16:], h[:])
	copy(b[36:], peerIDs[peer])
	binary.BigEndian.PutUint64(b[64:], uint64(1000*(peer%2)))
	binary.BigEndian.PutUint32(b[88:], uint32(peer))
	binary.BigEndian.PutUint32(b[92:], 50)
	binary.BigEndian.PutUint16(b[96:], uint16(1000+peer))
}

var peerIDs = func() (all [peersPerSwarm]string) {
	for i := range all {
		all[i] = peerID(i)
	}
	return all
}()
