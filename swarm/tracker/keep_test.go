package tracker

import (
	"bytes"
	"encoding/binary"
	"hash/crc32"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"swarmtop/swarm"
)

// filled is a store with three swarms, announced a minute apart.
func filled(began time.Time) *store {
	s := newStore(25 * time.Minute)
	for i := range byte(9) {
		a := announce{hash: swarm.InfoHash{i % 3}, peerID: [20]byte{i}, key: uint64(i), seeder: i%2 == 0,
			addr: netip.AddrPortFrom(netip.AddrFrom4([4]byte{10, 0, 0, i}), 1000+uint16(i))}
		if i == 8 {
			a.event, a.addr = eventCompleted, netip.MustParseAddrPort("[2001:db8::1]:7")
		}
		s.announce(&a, began.Add(time.Duration(i)*time.Minute), nil)
	}
	return s
}

// contents are the peers of a store in their order of silence, but for shards.
func contents(s *store) (all []kept) {
	for i := range s.shards {
		sh := &s.shards[i]
		for p := sh.silent.after; p != &sh.silent; p = p.after {
			all = append(all, kept{p.of.hash, p.of.of(p).record()})
		}
	}
	slices.SortStableFunc(all, func(x, y kept) int { return int(x.Seen) - int(y.Seen) })
	return all
}

func TestRestartKeepsWhatHasNotExpired(t *testing.T) {
	began := time.Unix(1e9, 0)
	s := filled(began)
	path := filepath.Join(t.TempDir(), "tracker")
	if err := s.save(path); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		after time.Duration
		want  int
	}{{8 * time.Minute, 9}, {27 * time.Minute, 7}, {time.Hour, 0}, {-time.Hour, 9}} {
		now := began.Add(c.after)
		r := newStore(s.expiry)
		if err := r.load(path, now); err != nil {
			t.Fatal(err)
		}
		got, want := contents(r), contents(s)[9-c.want:]
		if c.after < 0 {
			for _, k := range got {
				if int64(k.Seen) != now.Unix() {
					t.Errorf("seen in the future, at %d", k.Seen)
				}
			}
		} else if !slices.Equal(got, want) {
			t.Errorf("after %v:\n%v, want\n%v", c.after, got, want)
		}
		if st := r.stats(); st.Peers != c.want {
			t.Errorf("after %v: %+v", c.after, st)
		}
		if n := r.scrape(swarm.InfoHash{2}, now); c.want == 9 && n != (counts{2, 1, 1}) {
			t.Errorf("after %v: %+v", c.after, n)
		}
	}
}

func TestDamagedStateIsRefusedAndMissingStateIsEmpty(t *testing.T) {
	began := time.Unix(1e9, 0)
	path := filepath.Join(t.TempDir(), "tracker")
	if err := newStore(time.Hour).load(path, began); err != nil {
		t.Error(err)
	}
	if err := filled(began).save(path); err != nil {
		t.Fatal(err)
	}
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	cut := b[:len(b)-20]
	cut = binary.BigEndian.AppendUint32(bytes.Clone(cut), crc32.ChecksumIEEE(cut))
	flipped := bytes.Clone(b)
	flipped[len(b)/2] ^= 1
	for name, wrong := range map[string][]byte{"empty": {}, "short": b[:10], "cut": cut, "flipped": flipped, "longer": append(bytes.Clone(b), 0)} {
		if err := os.WriteFile(path, wrong, 0o600); err != nil {
			t.Fatal(err)
		}
		s := newStore(time.Hour)
		if err := s.load(path, began); err == nil || s.stats().Peers != 0 {
			t.Errorf("%s: %v, %+v", name, err, s.stats())
		}
	}
}

func FuzzParseState(f *testing.F) {
	path := filepath.Join(f.TempDir(), "tracker")
	if err := filled(time.Unix(1e9, 0)).save(path); err != nil {
		f.Fatal(err)
	}
	b, err := os.ReadFile(path)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(b[:len(b)-crc32.Size])
	f.Add([]byte(stateMagic))
	f.Fuzz(func(t *testing.T, b []byte) {
		all, completed, err := parseState(binary.BigEndian.AppendUint32(bytes.Clone(b), crc32.ChecksumIEEE(b)))
		if err == nil && len(all)*peerRecordSize+len(completed)*swarmRecordSize > len(b) {
			t.Errorf("%d peers of %d swarms from %d bytes", len(all), len(completed), len(b))
		}
		s := newStore(time.Hour)
		s.restore(all, completed, time.Unix(1e9, 0))
		s.sweep(time.Unix(5e9, 0))
		if st := s.stats(); st.Peers != 0 || st.Swarms != 0 {
			t.Errorf("after everything has expired: %+v", st)
		}
	})
}
