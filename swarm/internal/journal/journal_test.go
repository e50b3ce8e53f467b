package journal_test

import (
	"bytes"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"swarmtop/swarm"
	"swarmtop/swarm/internal/journal"
)

func hash(i int) (h swarm.InfoHash) {
	h[0], h[19] = byte(i), byte(i>>8)
	return h
}

func open(t interface{ Fatal(...any) }, path string) *journal.Journal {
	j, err := journal.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	return j
}

func TestHoldsWhatWasPutLastAlsoAfterAnotherStart(t *testing.T) {
	dir := t.TempDir()
	files := 0
	rapid.Check(t, func(t *rapid.T) {
		files++
		path := filepath.Join(dir, fmt.Sprint(files))
		j := open(t, path)
		want := map[swarm.InfoHash][]byte{}
		t.Repeat(map[string]func(*rapid.T){
			"put": func(t *rapid.T) {
				h, v := hash(rapid.IntRange(0, 5).Draw(t, "hash")), rapid.SliceOfN(rapid.SampledFrom([]byte("\nsw\x01a")), 0, 90).Draw(t, "value")
				if err := j.Put(h, v); err != nil {
					t.Fatal(err)
				}
				want[h] = v
			},
			"delete": func(t *rapid.T) {
				h := hash(rapid.IntRange(0, 5).Draw(t, "hash"))
				if err := j.Delete(h); err != nil {
					t.Fatal(err)
				}
				delete(want, h)
			},
			"start again": func(t *rapid.T) {
				if err := j.Flush(); err != nil {
					t.Fatal(err)
				}
				if err := j.Close(); err != nil {
					t.Fatal(err)
				}
				j = open(t, path)
			},
			"": func(t *rapid.T) {
				for i := range 6 {
					got, err := j.Get(hash(i))
					v, ok := want[hash(i)]
					if err != nil || (got != nil) != ok || !bytes.Equal(got, v) {
						t.Fatalf("value %d: %q, %v, want %q, %v", i, got, err, v, ok)
					}
				}
			},
		})
		if err := j.Close(); err != nil {
			t.Fatal(err)
		}
	})
}

// filled makes a journal of n values and returns its bytes, and how many it has up to the
// end of each.
func filled(t *testing.T, path string, n int) (all []byte, ends []int) {
	j := open(t, path)
	defer j.Close()
	for i := range n {
		if err := j.Put(hash(i), bytes.Repeat([]byte{byte('a' + i)}, 100*i)); err != nil {
			t.Fatal(err)
		}
		st, err := os.Stat(path)
		if err != nil {
			t.Fatal(err)
		}
		ends = append(ends, int(st.Size()))
	}
	all, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return all, ends
}

// held returns which of n values the journal at path has.
func held(t *testing.T, path string, n int) (have []int) {
	j := open(t, path)
	defer j.Close()
	for i := range n {
		if v, err := j.Get(hash(i)); err != nil {
			t.Fatal(err)
		} else if v != nil {
			have = append(have, i)
			if want := bytes.Repeat([]byte{byte('a' + i)}, 100*i); !bytes.Equal(v, want) {
				t.Fatalf("value %d is %q", i, v)
			}
		}
	}
	return have
}

func TestACutFileHoldsAllThatCameWholeBefore(t *testing.T) {
	path := filepath.Join(t.TempDir(), "j")
	all, ends := filled(t, path, 4)
	for size := range len(all) {
		if err := os.WriteFile(path, all[:size], 0o600); err != nil {
			t.Fatal(err)
		}
		whole, _ := slices.BinarySearch(ends, size+1)
		if have := held(t, path, 4); len(have) != whole {
			t.Fatalf("of %d bytes: values %v, want %d of them", size, have, whole)
		}
	}
}

func TestADamagedHeadCostsOneValue(t *testing.T) {
	path := filepath.Join(t.TempDir(), "j")
	all, ends := filled(t, path, 4)
	for at := ends[1]; at < ends[1]+32; at++ {
		damaged := bytes.Clone(all)
		damaged[at] ^= 0x10
		if err := os.WriteFile(path, damaged, 0o600); err != nil {
			t.Fatal(err)
		}
		if have := held(t, path, 4); !slices.Equal(have, []int{0, 1, 3}) {
			t.Fatalf("byte %d flipped: values %v", at, have)
		}
	}
}

func TestWhatCountsNoMoreLeavesTheFileAtTheNextStart(t *testing.T) {
	path := filepath.Join(t.TempDir(), "j")
	j := open(t, path)
	secret := []byte("gone with the wind")
	for _, do := range []func() error{
		func() error { return j.Put(hash(1), secret) },
		func() error { return j.Put(hash(2), secret) },
		func() error { return j.Put(hash(2), []byte("stays")) },
		func() error { return j.Delete(hash(1)) },
		j.Close,
		func() error { return open(t, path).Close() },
	} {
		if err := do(); err != nil {
			t.Fatal(err)
		}
	}
	b, err := os.ReadFile(path)
	if err != nil || bytes.Contains(b, secret) || !bytes.Contains(b, []byte("stays")) {
		t.Fatalf("the file has %q, %v", b, err)
	}
}

func TestAValueThatIsTooLargeIsRefused(t *testing.T) {
	j := open(t, filepath.Join(t.TempDir(), "j"))
	defer j.Close()
	if err := j.Put(hash(1), make([]byte, journal.Most+1)); err == nil {
		t.Fatal("taken")
	}
	if v, err := j.Get(hash(1)); v != nil || err != nil {
		t.Fatal(len(v), err)
	}
}

func FuzzOpen(f *testing.F) {
	path := filepath.Join(f.TempDir(), "seed")
	j := open(f, path)
	values := map[swarm.InfoHash]string{hash(1): "one", hash(2): "", hash(3): "\nsw\x01"}
	for _, h := range slices.SortedFunc(maps.Keys(values), func(a, b swarm.InfoHash) int { return bytes.Compare(a[:], b[:]) }) {
		if err := j.Put(h, []byte(values[h])); err != nil {
			f.Fatal(err)
		}
	}
	if err := j.Close(); err != nil {
		f.Fatal(err)
	}
	b, err := os.ReadFile(path)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(b)
	f.Add(b[1:])
	f.Add(append(b[:40:40], b...))
	f.Fuzz(func(t *testing.T, b []byte) {
		path := filepath.Join(t.TempDir(), "j")
		if err := os.WriteFile(path, b, 0o600); err != nil {
			t.Fatal(err)
		}
		j := open(t, path)
		if err := j.Put(hash(9), []byte("more")); err != nil {
			t.Fatal(err)
		}
		if err := j.Close(); err != nil {
			t.Fatal(err)
		}
		again := open(t, path)
		defer again.Close()
		if v, err := again.Get(hash(9)); err != nil || string(v) != "more" {
			t.Fatalf("after it: %q, %v", v, err)
		}
	})
}

func BenchmarkPut(b *testing.B) {
	j := open(b, filepath.Join(b.TempDir(), "j"))
	defer j.Close()
	value := make([]byte, 600)
	for i := 0; b.Loop(); i++ {
		if err := j.Put(hash(i), value); err != nil {
			b.Fatal(err)
		}
	}
}
