package recording_test

import (
	"encoding/binary"
	"encoding/json"
	"errors"
	"hash/crc32"
	"os"
	"path/filepath"
	"runtime"
	"testing"

	"github.com/klauspost/compress/zstd"

	"swarmtop/swarm"
	"swarmtop/swarm/recording"
)

// segment is one with a right check sum, whatever it holds.
func segment(payload []byte, unpacked uint32) []byte {
	b := binary.LittleEndian.AppendUint32(nil, uint32(len(payload))|1<<31)
	b = binary.LittleEndian.AppendUint32(b, unpacked)
	b = binary.LittleEndian.AppendUint64(b, uint64(start().UnixNano()))
	table := crc32.MakeTable(crc32.Castagnoli)
	b = binary.LittleEndian.AppendUint32(b, crc32.Update(crc32.Checksum(b, table), table, payload))
	return append(b, payload...)
}

// block is what stands in one, unpacked.
func block(shape string, body []byte) []byte {
	return append(append(binary.AppendUvarint(nil, uint64(len(shape))), shape...), body...)
}

// forged is a recording of one snapshot with the given shape and body.
func forged(t testing.TB, shape string, body []byte) []byte {
	t.Helper()
	enc, err := zstd.NewWriter(nil, zstd.WithEncoderConcurrency(1))
	if err != nil {
		t.Fatal(err)
	}
	raw := block(shape, body)
	return append([]byte(recording.Header), segment(enc.EncodeAll(raw, nil), uint32(len(raw)))...)
}

// tour reads everything in a file, and holds what a screen relies on.
func tour(t testing.TB, content []byte) error {
	t.Helper()
	name := filepath.Join(t.TempDir(), "recording")
	if err := os.WriteFile(name, content, 0o600); err != nil {
		t.Fatal(err)
	}
	r, err := recording.Open(name)
	if err != nil {
		return err
	}
	defer r.Close()
	for i := range r.Count() {
		s, e := r.Snapshot(i)
		if e != nil {
			err = e
			continue
		}
		sound(t, s)
	}
	return err
}

// sound holds of a snapshot what draws it relies on.
func sound(t testing.TB, s *swarm.Snapshot) {
	t.Helper()
	if _, err := json.Marshal(s); err != nil {
		t.Errorf("it cannot be written as JSON: %v", err)
	}
	for k := range s.Swarms {
		w := &s.Swarms[k]
		if n := len(w.Pieces.Availability); n > 0 && n != w.Pieces.Count || w.Pieces.Count > 262_144 {
			t.Errorf("%d pieces, availability of %d", w.Pieces.Count, n)
		}
		if swarm.Clean(w.Name, 4096) != w.Name {
			t.Errorf("the name %q is not clean", w.Name)
		}
	}
}

func TestHostileRecordingsAreErrorsAndTakeLittleMemory(t *testing.T) {
	zeros := make([]byte, 30<<20)
	ones := make([]byte, 30<<20)
	for i := range ones {
		ones[i] = 0xff
	}
	list := func(n uint64) []byte { return append(binary.AppendUvarint(nil, n+1), zeros...) }
	tests := map[string][]byte{
		"many swarms":     forged(t, `{"k":"record","p":[{"k":"list","n":"Swarms","p":[{"k":"record"}]}]}`, list(30<<20)),
		"many of nothing": forged(t, `{"k":"record","p":[{"k":"list","n":"x","p":[{"k":"list","p":[{"k":"record"}]}]}]}`, list(1<<20)),
		"a long list":     forged(t, `{"k":"record","p":[{"k":"list","n":"Swarms","p":[{"k":"record"}]}]}`, ones),
		"a long text":     forged(t, `{"k":"record","p":[{"k":"text","n":"Gateway"}]}`, ones),
		"a large set":     forged(t, `{"k":"record","p":[{"k":"bits","n":"x"}]}`, ones),
		"no element":      forged(t, `{"k":"record","p":[{"k":"list","n":"Swarms"}]}`, zeros[:9]),
		"null":            forged(t, `{"k":"record","p":[null]}`, zeros[:9]),
		"no record":       forged(t, `{"k":"int"}`, zeros[:1]),
		"no shape":        forged(t, `null`, nil),
		"no kind":         forged(t, `{"k":"record","p":[{"k":"pointer"}]}`, nil),
		"too early":       forged(t, `{"k":"record","p":[{"k":"uint","n":"Version"},{"k":"time","n":"At"}]}`, []byte{1, 1}),
		"too long":        forged(t, `{"k":"record","p":[{"k":"uint","n":"Version"}]}`, zeros[:100]),
		"unpacked size":   append([]byte(recording.Header), segment(nil, 1<<31)...),
		"no frame":        append([]byte(recording.Header), segment([]byte("not Zstandard"), 99)...),
		"unknown word":    forged(t, `{"k":"record","p":[{"k":"list","n":"Events","p":[{"k":"record","p":[{"k":"uint","n":"Level"}]}]}]}`, []byte{2, 77}),
	}
	for name, content := range tests {
		t.Run(name, func(t *testing.T) {
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			err := tour(t, content)
			runtime.ReadMemStats(&after)
			if !errors.Is(err, recording.ErrDamaged) && !errors.Is(err, recording.ErrEmpty) {
				t.Errorf("it is read: %v", err)
			}
			if took := after.TotalAlloc - before.TotalAlloc; took > 512<<20 {
				t.Errorf("it takes %d MiB", took>>20)
			}
		})
	}
}

func FuzzRecording(f *testing.F) {
	name := filepath.Join(f.TempDir(), "recording")
	good, err := os.ReadFile(record(f, name, plains(3)...))
	if err != nil {
		f.Fatal(err)
	}
	f.Add(good)
	f.Add([]byte(recording.Header))
	f.Add(forged(f, `{"k":"record","p":[{"k":"uint","n":"Version"},{"k":"text","n":"Gateway"}]}`, []byte("\x01\x05\x1b[31m")))
	f.Fuzz(func(t *testing.T, content []byte) { tour(t, content) })
}

// FuzzSnapshot fuzzes what is inside the frames, behind compression and check sums.
func FuzzSnapshot(f *testing.F) {
	const shape = `{"k":"record","p":[{"k":"uint","n":"Version"},{"k":"text","n":"Gateway"},{"k":"time","n":"At"},` +
		`{"k":"list","n":"Swarms","p":[{"k":"record","p":[{"k":"text","n":"Name"},{"k":"opt","n":"Size","p":[{"k":"int"}]},` +
		`{"k":"record","n":"Pieces","p":[{"k":"int","n":"Count"},{"k":"bits","n":"Ours"},{"k":"map","n":"Partial","p":[{"k":"int"},{"k":"float"}]}]}]}]}]}`
	f.Add(shape, []byte("\x01\x02ab\x01\x02\x03\x02\x02cd\x00\x04\x08\xff\x00"))
	f.Add(`{"k":"record","p":[{"k":"bool","n":"Demo"},{"k":"bytes","n":"x"},{"k":"float","n":"y"}]}`, []byte("\x01\x02ab01234567"))
	f.Fuzz(func(t *testing.T, shape string, body []byte) {
		if s, err := recording.Decode(block(shape, body)); err == nil {
			sound(t, s)
		}
	})
}
