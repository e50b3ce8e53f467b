package recording_test

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"
	"pgregory.net/rapid"

	"swarmtop/swarm"
	"swarmtop/swarm/recording"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// start is when recordings of these tests begin.
func start() time.Time { return time.Unix(1_773_500_966, 0) }

// plain is snapshot i of a recording, a second after the one before.
func plain(i int) *swarm.Snapshot {
	s := &swarm.Snapshot{Version: uint64(i), At: start().Add(time.Duration(i) * time.Second), Gateway: "http://127.0.0.1:8413"}
	for k := range 6 {
		w := swarm.Swarm{Name: "button.html", Done: int64(1000*i + k), InfoHash: swarm.InfoHash{1, byte(k)}}
		w.Pieces = swarm.Pieces{Count: 64, Length: 16 << 10, Ours: swarm.NewBitfield(64), Availability: make([]uint16, 64)}
		w.Pieces.Ours.Set(i % 64)
		w.Pieces.Have = 1
		s.Swarms = append(s.Swarms, w)
	}
	return s
}

// record writes snapshots to a file and returns its name.
func record(t rapid.TB, name string, all ...*swarm.Snapshot) string {
	t.Helper()
	w, err := recording.Create(name)
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range all {
		if err := w.Write(s); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return name
}

func plains(n int) []*swarm.Snapshot {
	all := make([]*swarm.Snapshot, n)
	for i := range all {
		all[i] = plain(i)
	}
	return all
}

// read returns all snapshots of a file.
func read(t rapid.TB, name string) (all []*swarm.Snapshot) {
	t.Helper()
	r, err := recording.Open(name)
	if errors.Is(err, recording.ErrEmpty) {
		return nil
	}
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	for i := range r.Count() {
		s, err := r.Snapshot(i)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, s)
	}
	return all
}

func TestEverythingInASnapshotComesBack(t *testing.T) {
	name := filepath.Join(t.TempDir(), "recording")
	rapid.Check(t, func(t *rapid.T) {
		os.Remove(name)
		all := rapid.SliceOfN(snapshots(), 1, 3).Draw(t, "snapshots")
		for i, got := range read(t, record(t, name, all...)) {
			if !reflect.DeepEqual(got, all[i]) {
				t.Fatalf("snapshot %d came back as\n%+v\nwant\n%+v", i, got, all[i])
			}
		}
	})
}

func TestSnapshotsAreReadInAnyOrder(t *testing.T) {
	all := plains(2*recording.BlockSnapshots + 7)
	r, err := recording.Open(record(t, filepath.Join(t.TempDir(), "recording"), all...))
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	rapid.Check(t, func(t *rapid.T) {
		i := rapid.IntRange(0, len(all)-1).Draw(t, "number")
		if got, err := r.Snapshot(i); err != nil || !reflect.DeepEqual(got, all[i]) {
			t.Fatalf("snapshot %d: %v, %v", i, got, err)
		}
		if at := r.Find(all[i].At.Add(500 * time.Millisecond)); at != i {
			t.Fatalf("Find gives %d for the time of %d", at, i)
		}
	})
	if r.Count() != len(all) || r.Lost() != 0 {
		t.Errorf("%d snapshots and %d bytes lost, want %d and none", r.Count(), r.Lost(), len(all))
	}
	for _, i := range []int{-1, len(all)} {
		if _, err := r.Snapshot(i); err == nil {
			t.Errorf("there is a snapshot %d", i)
		}
	}
}

// TestACutOffFilePlaysToItsLastWholeSnapshot cuts a recording anywhere, plays it,
// and records on.
func TestACutOffFilePlaysToItsLastWholeSnapshot(t *testing.T) {
	dir := t.TempDir()
	name := filepath.Join(dir, "recording")
	var ends []int // of the file, after each snapshot
	all := plains(recording.BlockSnapshots + 5)
	for _, s := range all {
		record(t, name, s)
		info, err := os.Stat(name)
		if err != nil {
			t.Fatal(err)
		}
		ends = append(ends, int(info.Size()))
	}
	whole, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	rapid.Check(t, func(t *rapid.T) {
		at := rapid.IntRange(len(recording.Header), len(whole)).Draw(t, "cut")
		if err := os.WriteFile(name, whole[:at], 0o600); err != nil {
			t.Fatal(err)
		}
		want := 0
		for _, end := range ends {
			if end <= at {
				want++
			}
		}
		if got := read(t, name); !reflect.DeepEqual(got, append([]*swarm.Snapshot(nil), all[:want]...)) {
			t.Fatalf("cut at %d it plays %d snapshots, want %d", at, len(got), want)
		}
		record(t, name, plain(1000))
		if got := read(t, name); len(got) != want+1 || got[want].Version != 1000 {
			t.Fatalf("cut at %d and recorded on it plays %d snapshots, want %d", at, len(got), want+1)
		}
	})
}

func TestWhatIsNoRecordingOfThisVersionIsLeftAlone(t *testing.T) {
	dir := t.TempDir()
	good, err := os.ReadFile(record(t, filepath.Join(dir, "good"), plains(4)...))
	if err != nil {
		t.Fatal(err)
	}
	damaged := bytes.Clone(good)
	damaged[len(recording.Header)+recording.HeadSize+100] ^= 1
	tests := []struct {
		name, content string
		want          error
	}{
		{"foreign", "[[asset]]\nsource = \"x\"\n", recording.ErrForeign},
		{"short", "swarm", recording.ErrForeign},
		{"newer", "swarmtop recording 2\n" + string(good[len(recording.Header):]), recording.ErrVersion},
		{"much newer", "swarmtop recording 12345", recording.ErrVersion},
		{"damaged", string(damaged), recording.ErrDamaged},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			name := filepath.Join(dir, tt.name)
			if err := os.WriteFile(name, []byte(tt.content), 0o600); err != nil {
				t.Fatal(err)
			}
			if _, err := recording.Create(name); !errors.Is(err, tt.want) || !strings.Contains(err.Error(), name) {
				t.Errorf("Create says %v, want %v", err, tt.want)
			}
			if got, err := os.ReadFile(name); err != nil || string(got) != tt.content {
				t.Errorf("the file was touched (%v)", err)
			}
			if tt.want == recording.ErrDamaged {
				tt.want = recording.ErrEmpty
			}
			if _, err := recording.Open(name); !errors.Is(err, tt.want) {
				t.Errorf("Open says %v, want %v", err, tt.want)
			}
		})
	}
	if _, err := recording.Create(dir); err == nil {
		t.Error("a folder is recorded to")
	}
}

func TestOneProcessAtATimeRecordsToAFile(t *testing.T) {
	name := filepath.Join(t.TempDir(), "recording")
	w, err := recording.Create(name)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := recording.Create(name); err == nil || !strings.Contains(err.Error(), "another swarmtop") {
		t.Errorf("a second writer gets %v", err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	record(t, name, plain(0))
	info, err := os.Stat(name)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the file's mode is %v (%v), want 0600", info.Mode(), err)
	}
}

// TestOtherProgramsFieldsAreSkipped reads what a program wrote whose types have
// more, fewer and other fields.
func TestOtherProgramsFieldsAreSkipped(t *testing.T) {
	type part struct{ Deep []map[string]int }
	type theirs struct {
		Gone   []part
		Name   string
		Kind   int
		When   swarm.Opt[time.Time]
		Counts []int
		Set    swarm.Bitfield
		Last   swarm.Opt[float64]
	}
	type ours struct {
		New    bool
		Last   swarm.Opt[float64]
		Kind   string // was a figure
		When   swarm.Opt[int]
		Counts []string
		Name   string
	}
	from := theirs{
		Gone: []part{{Deep: []map[string]int{{"a": 1}, nil}}}, Name: "name", Kind: 7, When: swarm.Known(start()),
		Counts: []int{1, 2}, Set: swarm.NewBitfield(9), Last: swarm.Known(1.5),
	}
	var got ours
	if err := recording.Convert(from, &got); err != nil {
		t.Fatal(err)
	}
	if want := (ours{Last: swarm.Known(1.5), Name: "name"}); !reflect.DeepEqual(got, want) {
		t.Errorf("it came as %+v, want %+v", got, want)
	}
}

// TestAnUnchangedScreenCostsLittle holds that a snapshot like the one before takes
// a small part of its size.
func TestAnUnchangedScreenCostsLittle(t *testing.T) {
	name := filepath.Join(t.TempDir(), "recording")
	w, err := recording.Create(name)
	if err != nil {
		t.Fatal(err)
	}
	defer w.Close()
	var sizes []int64
	for i := range 20 {
		if err := w.Write(plain(i)); err != nil {
			t.Fatal(err)
		}
		info, err := os.Stat(name)
		if err != nil {
			t.Fatal(err)
		}
		sizes = append(sizes, info.Size())
	}
	if first, rest := sizes[0], (sizes[19]-sizes[0])/19; rest > 150 || rest > first/4 {
		t.Errorf("the first snapshot takes %d bytes, a later one %d", first, rest)
	}
}
