package torture

import (
	"bytes"
	"crypto/sha1"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/netip"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"

	"swarmtop/swarm"
	"swarmtop/swarm/admit"
	"swarmtop/swarm/session"
)

// victim is a swarm of a session that is attacked.
type victim struct {
	to   netip.AddrPort
	meta admit.Torrent
	data []byte

	seeds bool
}

func (v *victim) shape() shape {
	return shape{v.meta.Pieces, int(v.meta.PieceLength), int(v.meta.Length), v.seeds}
}

// answer is what a hostile peer sends for a block that it was asked for.
func (g generator) answer(v *victim) func(index, begin, length int) []byte {
	return func(index, begin, length int) []byte {
		from := index*int(v.meta.PieceLength) + begin
		good := v.data[from : from+length]
		switch g.IntN(8) {
		case 0:
			return nil
		case 1:
			return message(mReject, numbers(index, begin, length)...)
		case 2:
			return message(mPiece, append(numbers(index, begin), noise(g.Uint64(), length)...)...)
		case 3:
			return message(mPiece, append(numbers(index, begin), good[:length/2]...)...)
		case 4:
			return message(mPiece, append(numbers(index, begin+1), good...)...)
		}
		return message(mPiece, append(numbers(index, begin), good...)...)
	}
}

// converse sends messages to a victim until either side has had enough, and
// returns how many of them the session has surely read.
func (g generator) converse(v *victim, most int) (sent int, err error) {
	answers := generator{rand.New(rand.NewPCG(g.Uint64(), g.Uint64()))} // for the goroutine that reads
	p, err := attack(v.to, somewhere(g.Rand), v.meta.InfoHash, v.data, v.meta.InfoBytes, answers.answer(v))
	if err != nil {
		return 0, nil // a session that has enough peers, or has ended
	}
	batch := append(g.declaration(v.shape()), message(mInterested)...)
	batch = append(batch, message(mUnchoke)...)
	for sent < most {
		n := 300 + g.IntN(600)
		for range n {
			if g.IntN(2000) == 0 {
				batch = append(batch, g.wild(v.shape(), p.ids)...)
			} else {
				batch = append(batch, g.tame(v.shape(), p.ids)...)
			}
		}
		if p.write(batch) != nil {
			break
		}
		read, err := p.ping()
		if err != nil {
			p.close()
			if err == errSilent {
				err = v.answers(g)
			}
			return sent + 1, err
		}
		if !read {
			sent++
			break
		}
		sent += n
		batch = batch[:0]
	}
	return sent, p.close()
}

// answers returns an error unless the victim answers a peer that comes anew.
func (v *victim) answers(g generator) error {
	p, err := attack(v.to, somewhere(g.Rand), v.meta.InfoHash, v.data, nil, nil)
	if err != nil {
		return nil // it has ended, or has enough peers
	}
	_, err = p.ping()
	return errors.Join(err, p.close())
}

// TestHostilePeersOnTheWire lets peers send what they like to one session that
// seeds and to one that downloads, while a good peer fetches from the first.
func TestHostilePeersOnTheWire(t *testing.T) {
	messages := int64(scaled(10_000_000, 200_000))
	r := random(t)
	path := filepath.Join(t.TempDir(), "asset.bin")
	data := noise(7, 1<<20-5)
	if err := os.WriteFile(path, data, 0o600); err != nil {
		t.Fatal(err)
	}
	seeder := startLive(t, t.TempDir(), "127.0.0.1")
	meta := torrentOf(t, path, 32<<10)
	if _, err := seeder.Add(session.Spec{Torrent: &meta, InfoHash: meta.InfoHash, Publish: path}); err != nil {
		t.Fatal(err)
	}
	seeder.completes(t, meta.InfoHash, patience)
	if err := seeder.SetUploadLimit(swarm.Known(int64(len(data)))); err != nil { // a download takes a second, in which it is attacked
		t.Fatal(err)
	}

	var attacked atomic.Pointer[victim] // the swarm that downloads
	seeding := &victim{seeder.addr, meta, data, true}
	attacked.Store(seeding)
	var sent atomic.Int64
	var peers sync.WaitGroup
	for range 6 {
		g := generator{rand.New(rand.NewPCG(r.Uint64(), r.Uint64()))}
		peers.Go(func() {
			for sent.Load() < messages && !t.Failed() {
				v := seeding
				if g.IntN(2) == 0 {
					v = attacked.Load()
				}
				n, err := g.converse(v, 20_000)
				if err != nil {
					t.Error(err)
				}
				sent.Add(int64(n))
			}
		})
	}
	fetched := 0
	for (sent.Load() < messages || fetched == 0) && !t.Failed() {
		seeder.sample(meta.InfoHash) // lets go of the connections that have ended
		t.Run("good peer", func(t *testing.T) { goodPeerFetches(t, seeding, &attacked) })
		fetched++
	}
	peers.Wait()
	measured("hostile peers on the wire, against a session that seeds and one that downloads", "10 million messages, no crash, served bytes right",
		"%s messages, none; %d fetches by good peers in the midst, all exact", thousands(int(sent.Load())), fetched)
}

// goodPeerFetches has a fresh session fetch all from the seeder while it is attacked itself.
func goodPeerFetches(t *testing.T, seeding *victim, attacked *atomic.Pointer[victim]) {
	good := startLive(t, t.TempDir(), "127.0.0.2")
	h := seeding.meta.InfoHash
	if _, err := good.Add(session.Spec{Torrent: &seeding.meta, InfoHash: h}); err != nil {
		t.Fatal(err)
	}
	attacked.Store(&victim{good.addr, seeding.meta, seeding.data, false})
	good.FoundPeers(h, []netip.AddrPort{seeding.to}, swarm.Opt[int]{})
	good.completes(t, h, patience)
	a, _ := good.Asset(h, seeding.meta.Name)
	content, err := good.Open(a)
	if err != nil {
		t.Fatal(err)
	}
	got, err := io.ReadAll(io.NewSectionReader(content, 0, a.Size))
	if err != nil || !bytes.Equal(got, seeding.data) {
		t.Fatalf("the good peer read %d bytes that are not those of the asset (%v)", len(got), err)
	}
	attacked.Store(seeding)
	if err := good.end(); err != nil {
		t.Error(err)
	}
}

// TestInfoOfHostilePeers joins swarms of which only the info hash is known, and
// whose one peer has metadata that is nonsense, though of that hash.
func TestInfoOfHostilePeers(t *testing.T) {
	swarms := scaled(10_000, 300)
	g := generator{random(t)}
	l := startLive(t, t.TempDir(), "127.0.0.1")
	admitted := 0
	for range swarms {
		info := g.info()
		for range g.IntN(3) {
			g.mutate(info)
		}
		b := []byte(encode(info))
		h := swarm.InfoHash(sha1.Sum(b))
		_, wrong := admit.Info(b)
		if _, err := l.Add(session.Spec{InfoHash: h}); err != nil {
			t.Fatal(err)
		}
		p, err := attack(l.addr, somewhere(g.Rand), h, nil, b, nil)
		if err != nil {
			t.Fatal(err)
		}
		var state swarm.State
		eventually(t, fmt.Sprintf("the session judges the metadata %q", b), patience, func() bool {
			for _, s := range l.sample(h) {
				if s.InfoHash == h {
					state = s.State
				}
			}
			select {
			case <-p.ended: // the library could not even read it, and asks another peer
				return state != swarm.Metadata || wrong != nil
			default:
				return state != swarm.Metadata
			}
		})
		if (wrong == nil) != (state == swarm.Downloading) {
			t.Errorf("metadata %q: the gate says %v, the swarm is %v", b, wrong, state)
		}
		if wrong == nil {
			admitted++
		}
		p.close()
		if err := l.Remove(h, false); err != nil {
			t.Fatal(err)
		}
	}
	measured("metadata of hostile peers (BEP 9)", "no crash, what the gate refuses never gets storage", "%s swarms, %d %% admitted, none", thousands(swarms), admitted*100/swarms)
}

// FuzzWire sends what it likes, after the handshakes, to a session that seeds. It wants
// -fuzzminimizetime=1x: what a live session covers differs from run to run, so that to
// make an input smaller takes all the time there is.
func FuzzWire(f *testing.F) {
	path := filepath.Join(f.TempDir(), "asset.bin")
	data := noise(7, 100_000)
	if err := os.WriteFile(path, data, 0o600); err != nil {
		f.Fatal(err)
	}
	l := startLive(f, f.TempDir(), "127.0.0.1")
	meta := torrentOf(f, path, 32<<10)
	if _, err := l.Add(session.Spec{Torrent: &meta, InfoHash: meta.InfoHash, Publish: path}); err != nil {
		f.Fatal(err)
	}
	l.completes(f, meta.InfoHash, patience)
	v := &victim{l.addr, meta, data, true}
	f.Add(bytes.Join([][]byte{message(mInterested), message(mRequest, numbers(0, 0, 16384)...), message(mRequest, numbers(3, 1690, 6)...)}, nil))
	f.Fuzz(func(t *testing.T, in []byte) {
		r := rand.New(rand.NewPCG(uint64(len(in)), 1))
		bad, err := attack(l.addr, somewhere(r), meta.InfoHash, data, nil, nil)
		if err != nil {
			t.Fatal(err)
		}
		bad.write(in)
		good, err := attack(l.addr, somewhere(r), meta.InfoHash, v.data, nil, nil)
		if err != nil {
			t.Fatal(err)
		}
		if ok, err := good.ping(); !ok || err != nil {
			t.Errorf("a peer beside it is not answered: %v", err)
		}
		if err := good.close(); err != nil {
			t.Error(err)
		}
		if err := bad.close(); err != nil {
			t.Error(err)
		}
	})
}
