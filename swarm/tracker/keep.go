package tracker

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"io/fs"
	"os"
	"slices"
	"time"

	"github.com/google/renameio/v2"

	"swarmtop/swarm"
)

// The state file is stateMagic, then each swarm as a swarmRecord with its
// peerRecords after it, then the CRC-32 (IEEE) of all that; big-endian.
const (
	stateMagic = "swarmtop tracker 1\n"
	maxState   = 16 << 20 // bytes; more than maxPeers swarms of one peer take
)

type swarmRecord struct {
	Hash      swarm.InfoHash
	Completed uint32
	Peers     uint32
}

type peerRecord struct {
	At    endpoint
	ID    [20]byte
	Key   uint64
	Seen  uint32 // Unix time in seconds
	Flags uint8
}

const (
	flagSeeder = 1 << iota
	flagCompleted
)

var (
	swarmRecordSize = binary.Size(swarmRecord{})
	peerRecordSize  = binary.Size(peerRecord{})
)

// save replaces the file by one that holds the store, or leaves it as it is.
func (s *store) save(path string) error {
	f, err := renameio.NewPendingFile(path, renameio.WithPermissions(0o600))
	if err != nil {
		return err
	}
	defer f.Cleanup()
	w := bufio.NewWriterSize(f, 64<<10)
	sum := crc32.NewIEEE()
	block := []byte(stateMagic)
	for i := range s.shards {
		block = s.shards[i].appendTo(block)
		sum.Write(block)
		if _, err := w.Write(block); err != nil {
			return err
		}
		block = block[:0]
	}
	if _, err := w.Write(sum.Sum(nil)); err != nil {
		return err
	}
	if err := w.Flush(); err != nil {
		return err
	}
	return f.CloseAtomicallyReplace()
}

func (sh *shard) appendTo(b []byte) []byte {
	sh.mu.Lock()
	defer sh.mu.Unlock()
	for _, w := range sh.swarms {
		b, _ = binary.Append(b, binary.BigEndian, swarmRecord{w.hash, uint32(w.completed), uint32(len(w.seeders) + len(w.leechers))})
		for _, list := range [2][]member{w.seeders, w.leechers} {
			for i := range list {
				b, _ = binary.Append(b, binary.BigEndian, list[i].record())
			}
		}
	}
	return b
}

func (m *member) record() peerRecord {
	r := peerRecord{At: m.at, ID: m.id, Key: m.peer.key, Seen: uint32(m.peer.seen)}
	if m.peer.seeder {
		r.Flags |= flagSeeder
	}
	if m.peer.completed {
		r.Flags |= flagCompleted
	}
	return r
}

// load adds what save wrote, but what has expired since. A file that is not there is empty.
func (s *store) load(path string, now time.Time) error {
	f, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	defer f.Close()
	b, err := io.ReadAll(io.LimitReader(f, maxState+1))
	if err != nil {
		return err
	}
	if len(b) > maxState {
		return fmt.Errorf("%s: over %d bytes", path, maxState)
	}
	all, completed, err := parseState(b)
	if err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	s.restore(all, completed, now)
	return nil
}

// kept is a peer that was saved.
type kept struct {
	hash swarm.InfoHash
	peerRecord
}

// parseState reads a state file: its peers, and how often each swarm was completed.
func parseState(b []byte) ([]kept, map[swarm.InfoHash]int, error) {
	end := len(b) - crc32.Size
	switch {
	case end < len(stateMagic) || string(b[:len(stateMagic)]) != stateMagic:
		return nil, nil, errors.New("not a tracker's state")
	case crc32.ChecksumIEEE(b[:end]) != binary.BigEndian.Uint32(b[end:]):
		return nil, nil, errors.New("damaged")
	}
	var all []kept
	completed := make(map[swarm.InfoHash]int)
	for b = b[len(stateMagic):end]; len(b) > 0; {
		var w swarmRecord
		n, err := binary.Decode(b, binary.BigEndian, &w)
		if err != nil || int64(len(b)-n) < int64(w.Peers)*int64(peerRecordSize) {
			return nil, nil, errors.New("cut short")
		}
		b = b[n:]
		completed[w.Hash] = int(w.Completed)
		for range w.Peers {
			k := kept{hash: w.Hash}
			n, _ := binary.Decode(b, binary.BigEndian, &k.peerRecord) // it is long enough
			b = b[n:]
			all = append(all, k)
		}
	}
	return all, completed, nil
}

// restore takes in saved peers as old as they are. The clock may have been set back.
func (s *store) restore(all []kept, completed map[swarm.InfoHash]int, now time.Time) {
	slices.SortFunc(all, func(x, y kept) int { return int(int64(x.Seen) - int64(y.Seen)) })
	for _, k := range all {
		sh := s.shard(k.hash)
		key := peerKey{k.hash, k.At}
		if sh.known[key] != nil || now.Unix()-int64(k.Seen) > int64(s.expiry/time.Second) {
			continue
		}
		p := sh.add(key, k.Flags&flagSeeder != 0)
		p.completed = k.Flags&flagCompleted != 0
		p.key, p.seen = k.Key, min(int64(k.Seen), now.Unix())
		p.of.of(p).id = k.ID
		p.of.completed = completed[k.hash]
	}
}
