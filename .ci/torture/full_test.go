package torture

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"swarmtop/swarm"
)

// TestDiskFull lets the disk fill under many downloads at once, and then gives it room.
func TestDiskFull(t *testing.T) {
	const swarms, size, room = 150, 100_000, 6 << 20
	full := scaled(60*time.Second, 12*time.Second)
	files, disk := t.TempDir(), t.TempDir()
	for i := range swarms {
		if err := os.WriteFile(filepath.Join(files, fmt.Sprintf("%03d.bin", i)), noise(uint64(i), size), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	p := startInside(t, filepath.Join(t.TempDir(), "state"))
	if _, err := p.Add(context.Background(), files); err != nil {
		t.Fatal(err)
	}
	eventually(t, "all is published", patience, func() bool { return p.now().Totals.Complete == swarms })
	offered := p.now()
	if err := p.SetUploadLimit(swarm.Known(int64(room / 10))); err != nil { // so that all are there before it is full
		t.Fatal(err)
	}
	alone := load(t, os.Getpid(), full/4) // of the publisher, which is in this process too
	tmpfs(t, disk, 0, room)
	in := startInside(t, filepath.Join(disk, "state"))
	for _, w := range offered.Swarms {
		if _, err := in.Add(context.Background(), offered.Gateway+"/t/"+w.InfoHash.String()+".torrent"); err != nil {
			t.Fatal(err)
		}
	}
	eventually(t, "the event log tells that the disk is full", patience, func() bool { return in.told("no space left") > 0 })
	used := load(t, os.Getpid(), full) - alone
	lines := len(in.now().Events)
	if lines >= 100 {
		t.Errorf("%d lines in the event log, want fewer than 100", lines)
	}
	if most := scaled(0.05, 0.25); used > most { // a short window has more of the first attempts of every swarm
		t.Errorf("%.1f %% of a core while the disk is full, want %.0f %% at most", used*100, most*100)
	}
	if n := in.now().Totals.Complete; n == 0 || n == swarms {
		t.Errorf("%d of %d swarms are complete on a disk that is full", n, swarms)
	}
	if err := p.SetUploadLimit(swarm.Opt[int64]{}); err != nil {
		t.Fatal(err)
	}
	tmpfs(t, disk, syscall.MS_REMOUNT, 10*room)
	began := time.Now()
	eventually(t, "all is complete, now that there is room", patience, func() bool { return in.now().Totals.Complete == swarms })
	took := time.Since(began)
	if *long && took > 10*time.Second {
		t.Errorf("it took %v to go on once there was room, want 10 s at most", took)
	}
	rightOnDisk(t, in, offered, files)
	measured("disk full", "fewer than 100 log lines, under 5 % of a core, goes on by itself within 10 s of room",
		"%d swarms, %v full: %d lines, %.1f %% of a core, all complete %.1f s after there was room", swarms, full, lines, used*100, took.Seconds())
}

// load returns how much of a core a process uses for a while.
func load(t *testing.T, pid int, span time.Duration) float64 {
	t.Helper()
	before, began := cpu(t, pid), time.Now()
	<-time.After(span)
	return float64(cpu(t, pid)-before) / float64(time.Since(began))
}

// tmpfs mounts a small file system, for which the test must run as root.
func tmpfs(t *testing.T, dir string, flags uintptr, size int) {
	t.Helper()
	if err := syscall.Mount("tmpfs", dir, "tmpfs", flags, fmt.Sprintf("size=%d", size)); err != nil {
		t.Fatalf("mount a file system of %d bytes, which needs root: %v", size, err)
	}
	if flags == 0 {
		t.Cleanup(func() { syscall.Unmount(dir, syscall.MNT_DETACH) })
	}
}

// rightOnDisk fails the test unless the gateway answers every asset right.
func rightOnDisk(t *testing.T, in *inside, offered *swarm.Snapshot, files string) {
	t.Helper()
	for i := range offered.Swarms {
		w := &offered.Swarms[i]
		want, err := os.ReadFile(filepath.Join(files, w.Name))
		if err != nil {
			t.Fatal(err)
		}
		status, got, err := get(in.now().Gateway + "/w/" + w.InfoHash.String() + "/" + w.Name)
		if status != 200 || err != nil || !bytes.Equal(got, want) {
			t.Errorf("%s is answered %d with %d bytes (%v)", w.Name, status, len(got), err)
		}
	}
}
