package recording_test

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"reflect"
	"strings"
	"sync"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"swarmtop/swarm"
	"swarmtop/swarm/recording"
)

// source is a monitor that a test moves on.
type source struct {
	mu   sync.Mutex
	snap *swarm.Snapshot
	wake chan struct{}
}

func newSource(s *swarm.Snapshot) *source { return &source{snap: s, wake: make(chan struct{}, 1)} }

func (s *source) Latest() *swarm.Snapshot {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.snap
}

func (s *source) Subscribe() (<-chan struct{}, func()) { return s.wake, func() {} }

// publish never waits, as the monitor does not.
func (s *source) publish(snap *swarm.Snapshot) {
	s.mu.Lock()
	s.snap = snap
	s.mu.Unlock()
	select {
	case s.wake <- struct{}{}:
	default:
	}
}

// sick is a disk on which writing fails or takes time.
type sick struct {
	recording.Disk
	err  error
	half bool // of what is written is there when it fails
	slow time.Duration
}

func (d *sick) WriteAt(b []byte, at int64) (int, error) {
	<-time.After(d.slow) // in a bubble, where it takes no time
	if d.err == nil {
		return d.Disk.WriteAt(b, at)
	}
	if d.half {
		d.Disk.WriteAt(b[:len(b)/2], at)
	}
	return 0, d.err
}

// recorded runs a script beside a recorder, in a bubble, and returns what is in the
// file then and what was told of it.
func recorded(t *testing.T, script func(s *source, d *sick)) (file []*swarm.Snapshot, log []string) {
	t.Helper()
	name := filepath.Join(t.TempDir(), "recording")
	synctest.Test(t, func(t *testing.T) {
		r, err := recording.NewRecorder(name, func(l swarm.Level, text string) { log = append(log, l.String()+" "+text) }, time.Now)
		if err != nil {
			t.Fatal(err)
		}
		d := &sick{}
		r.Writer().OnDisk(func(real recording.Disk) recording.Disk { d.Disk = real; return d })
		ctx, cancel := context.WithCancel(t.Context())
		s := newSource(plain(0))
		ended := make(chan error)
		go func() { ended <- r.Run(ctx, s) }()
		synctest.Wait()
		script(s, d)
		synctest.Wait()
		cancel()
		if err := errors.Join(<-ended, r.Close()); err != nil {
			t.Error(err)
		}
	})
	for i, text := range log {
		log[i] = strings.Replace(text, name, "FILE", 1)
	}
	return read(t, name), log
}

func versions(all []*swarm.Snapshot) (v []uint64) {
	for _, s := range all {
		v = append(v, s.Version)
	}
	return v
}

func TestASnapshotASecondIsRecorded(t *testing.T) {
	got, log := recorded(t, func(s *source, _ *sick) {
		for i := range 12 { // four a second
			snap := plain(i)
			snap.At = start().Add(time.Duration(i) * 250 * time.Millisecond)
			s.publish(snap)
			synctest.Wait()
		}
	})
	if want := []uint64{0, 4, 8}; !reflect.DeepEqual(versions(got), want) || log != nil {
		t.Errorf("recorded %v, said %q; want %v and nothing", versions(got), log, want)
	}
}

// TestAFullDiskIsToldOnceAndRecordingResumes holds that what was half written goes.
func TestAFullDiskIsToldOnceAndRecordingResumes(t *testing.T) {
	got, log := recorded(t, func(s *source, d *sick) {
		for i := range 9 {
			d.err, d.half = nil, i%2 == 0
			if i >= 3 && i < 7 {
				d.err = syscall.ENOSPC
			}
			s.publish(plain(i))
			synctest.Wait()
		}
	})
	if want := []uint64{0, 1, 2, 7, 8}; !reflect.DeepEqual(versions(got), want) {
		t.Errorf("recorded %v, want %v", versions(got), want)
	}
	want := []string{"error recording to FILE pauses: no space left on device", "warn recording to FILE goes on: 4 seconds are missing"}
	if !reflect.DeepEqual(log, want) {
		t.Errorf("said %q, want %q", log, want)
	}
}

// TestASlowDiskHoldsNobodyUp publishes while a write hangs: what comes meanwhile is
// missed, counted and told, and the latest is recorded.
func TestASlowDiskHoldsNobodyUp(t *testing.T) {
	got, log := recorded(t, func(s *source, d *sick) {
		d.slow = 5 * time.Second
		began := time.Now()
		for i := 1; i < 8; i++ {
			s.publish(plain(i))
			if time.Since(began) > 0 {
				t.Error("publishing waited for the disk")
			}
			if i == 1 {
				synctest.Wait()
			}
		}
		<-time.After(6 * time.Second)
		synctest.Wait()
		d.slow = 0
		<-time.After(6 * time.Second)
	})
	if want := []uint64{0, 1, 7}; !reflect.DeepEqual(versions(got), want) {
		t.Errorf("recorded %v, want %v", versions(got), want)
	}
	if want := []string{"warn recording to FILE is too slow: 5 seconds are missing"}; !reflect.DeepEqual(log[:1], want) {
		t.Errorf("said %q, want %q", log, want)
	}
}

func ExampleRecorder() {
	_, err := recording.NewRecorder("/dev/null", nil, time.Now)
	fmt.Println(err)
	// Output: record to /dev/null: not a regular file
}
