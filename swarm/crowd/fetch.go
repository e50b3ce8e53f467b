package crowd

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/anacrolix/torrent"
	"github.com/anacrolix/torrent/bencode"

	"swarmtop/swarm"
	"swarmtop/swarm/admit"
	"swarmtop/swarm/internal/held"
	"swarmtop/swarm/internal/uplink"
)

// fetcher speaks HTTP for one peer, from its address and over its uplink, with a
// connection for each request. It counts what it gets and sends.
type fetcher struct {
	line   *uplink.Line
	client *http.Client
}

// newFetcher returns a fetcher on a line of its own, so that the bytes that go to and
// come from the origin are told from those of peers. Requests are short: none waits for it.
func newFetcher(ip netip.Addr) *fetcher {
	line := newLine(ip, 1<<30)
	return &fetcher{line, &http.Client{Transport: &http.Transport{
		DialContext: line.DialContext, DisableKeepAlives: true, DisableCompression: true,
	}}}
}

// get returns the body that a URL answers with.
func (f *fetcher) get(ctx context.Context, from string) ([]byte, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, from, nil)
	if err != nil {
		return nil, err
	}
	req.Header.Set("User-Agent", "swarmtop")
	resp, err := f.client.Do(req)
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("%s answers %s", from, resp.Status)
	}
	return io.ReadAll(io.LimitReader(resp.Body, admit.MaxMetainfo))
}

// announcement is what a peer tells the tracker. Event is started or completed.
type announcement struct {
	tracker    string
	hash       swarm.InfoHash
	id         string
	port       int
	event      string
	left       int64
	neighbours int // wanted
}

// announce tells the tracker (BEP 3, BEP 23), and returns the peers that it names.
func (f *fetcher) announce(ctx context.Context, a announcement) ([]netip.AddrPort, error) {
	q := url.Values{
		"info_hash": {string(a.hash[:])}, "peer_id": {a.id}, "port": {strconv.Itoa(a.port)}, "event": {a.event},
		"uploaded": {"0"}, "downloaded": {"0"}, "left": {strconv.FormatInt(a.left, 10)},
		"compact": {"1"}, "numwant": {strconv.Itoa(a.neighbours)},
	}
	sep := "?"
	if strings.Contains(a.tracker, "?") {
		sep = "&"
	}
	body, err := f.get(ctx, a.tracker+sep+q.Encode())
	if err != nil {
		return nil, err
	}
	var answer struct {
		Failure string `bencode:"failure reason"`
		Peers   string `bencode:"peers"`
	}
	if err := bencode.Unmarshal(body, &answer); err != nil {
		return nil, fmt.Errorf("read the tracker's answer: %w", err)
	}
	if answer.Failure != "" {
		return nil, errors.New("the tracker says: " + answer.Failure)
	}
	var peers []netip.AddrPort
	for p := []byte(answer.Peers); len(p) >= 6; p = p[6:] {
		peers = append(peers, netip.AddrPortFrom(netip.AddrFrom4([4]byte(p)), binary.BigEndian.Uint16(p[4:])))
	}
	return peers, nil
}

// fetch goes the whole way of one that knows the asset's info hash and tracker: tracker,
// peers, the metainfo from these (BEP 9), pieces. It returns how long that took since began.
func (r *run) fetch(ctx context.Context, p *peer, began time.Time) (time.Duration, error) {
	tracker := newFetcher(p.line.IP)
	defer r.traffic.add(tracker)
	h := held.Missing(r.cfg.size(), r.cfg.PieceLength)
	a := announcement{r.origin.tracker.URL(), r.origin.asset.InfoHash, p.id, p.port(), "started", r.cfg.size(), r.cfg.Neighbours}
	t := p.join(a.hash, nil, h)
	peers, err := tracker.announce(ctx, a)
	if err != nil {
		return 0, fmt.Errorf("announce: %w", err)
	}
	infos := make([]torrent.PeerInfo, len(peers))
	for i, at := range peers {
		infos[i] = torrent.PeerInfo{Addr: net.TCPAddrFromAddrPort(at), Source: torrent.PeerSourceTracker}
	}
	if err := r.await(ctx, p, t, h, infos); err != nil {
		return 0, err
	}
	took := time.Since(began)
	a.event, a.left, a.neighbours = "completed", 0, 0
	if _, err := tracker.announce(ctx, a); err != nil {
		return 0, fmt.Errorf("announce: %w", err)
	}
	if !bytes.Equal(h.Bytes(), r.cfg.Data) {
		return 0, errors.New("the bytes that came are not those of the asset")
	}
	return took, nil
}

const redialEvery = 2 * time.Second

// await waits until the asset is complete. The peers that it knows are dialled again now
// and then: on a busy machine a handshake may have failed.
func (r *run) await(ctx context.Context, p *peer, t *torrent.Torrent, h *held.Asset, known []torrent.PeerInfo) error {
	t.AddPeers(known)
	redial := time.NewTicker(redialEvery)
	defer redial.Stop()
	info := t.GotInfo()
	for {
		select {
		case <-info:
			info = nil
			t.DownloadAll()
			p.turns.inform(len(r.origin.asset.InfoBytes))
		case <-h.Complete():
			return nil
		case <-ctx.Done():
			return ctx.Err()
		case <-redial.C:
			t.AddPeers(known)
		}
	}
}

// add counts what one peer got from the tracker, and sent to it.
func (t *traffic) add(tracker *fetcher) {
	t.trackerSent.Add(tracker.line.Received.Load())
	t.received.Add(tracker.line.Sent.Load())
}
