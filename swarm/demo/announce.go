package demo

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/netip"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/anacrolix/torrent/bencode"
)

// The waits of an announcer.
const (
	retryAfter    = 10 * time.Second       // a failed announce
	leastInterval = 5 * time.Second        // whatever the tracker says
	goodbyeWithin = 400 * time.Millisecond // "stopped" is told, or the tracker will find out by itself
)

// announcer is one peer's voice at the tracker: compact announces over HTTP
// (BEP 3, BEP 23), sent from the peer's own address.
type announcer struct {
	client  *http.Client
	tracker string
	peerID  string
	port    int
}

// announce is what a peer tells of one swarm. Event is started, completed,
// stopped or empty.
type announce struct {
	asset                      *asset
	event                      string
	uploaded, downloaded, left int64 // bytes
}

// do announces, and returns when the tracker wants to hear more and the peers that it knows.
func (n *announcer) do(ctx context.Context, a announce) (interval time.Duration, peers []netip.AddrPort, err error) {
	q := url.Values{
		"info_hash":  {string(a.asset.hash[:])},
		"peer_id":    {n.peerID},
		"port":       {strconv.Itoa(n.port)},
		"uploaded":   {strconv.FormatInt(a.uploaded, 10)},
		"downloaded": {strconv.FormatInt(a.downloaded, 10)},
		"left":       {strconv.FormatInt(a.left, 10)},
		"compact":    {"1"},
	}
	if a.event != "" {
		q.Set("event", a.event)
	}
	sep := "?"
	if strings.Contains(n.tracker, "?") {
		sep = "&"
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, n.tracker+sep+q.Encode(), nil)
	if err != nil {
		return 0, nil, err
	}
	resp, err := n.client.Do(req)
	if err != nil {
		return 0, nil, err
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(io.LimitReader(resp.Body, 1<<20))
	if err != nil {
		return 0, nil, err
	}
	var answer struct {
		Failure  string `bencode:"failure reason"`
		Interval int64  `bencode:"interval"`
		Peers    string `bencode:"peers"`
	}
	if err := bencode.Unmarshal(body, &answer); err != nil {
		return 0, nil, fmt.Errorf("read the tracker's answer: %w", err)
	}
	if answer.Failure != "" {
		return 0, nil, errors.New(answer.Failure)
	}
	for p := []byte(answer.Peers); len(p) >= 6; p = p[6:] {
		peers = append(peers, netip.AddrPortFrom(netip.AddrFrom4([4]byte(p)), binary.BigEndian.Uint16(p[4:])))
	}
	return max(leastInterval, time.Duration(answer.Interval)*time.Second), peers, nil
}
