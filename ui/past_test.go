package ui_test

import (
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"swarmtop/swarm"
	"swarmtop/ui"
	"swarmtop/ui/internal/fixture"
)

// heavy is a busy screen with everything in it as large as it gets, and nothing of
// it shared with any other.
func heavy(swarms, peers int) *swarm.Snapshot {
	s := fixture.Busy(swarms, peers)
	for i := range 500 {
		s.Events = append(s.Events, swarm.Event{At: s.At, Text: strings.Repeat("e", 60+i%60)})
	}
	for range 2 {
		s.LongHistory = append(s.LongHistory, swarm.History{Step: time.Minute, Down: make([]int64, 1440), Up: make([]int64, 1440)})
	}
	s.Probes = fixture.Probes(fixture.Healthy())
	for i := range s.Swarms[min(100, swarms):] { // of not too many swarms the crowd is known
		s.Swarms[100+i].Crowd = swarm.Crowd{}
	}
	return s
}

// held is how many bytes are reached from a value, itself not counted; what is
// reached twice counts once.
func held(v reflect.Value, seen map[uintptr]bool) int {
	switch v.Kind() {
	case reflect.String:
		return v.Len()
	case reflect.Pointer:
		return int(v.Type().Elem().Size()) + held(v.Elem(), seen)
	case reflect.Slice:
		if v.Cap() == 0 || seen[v.Pointer()] {
			return 0
		}
		seen[v.Pointer()] = true
		n := v.Cap() * int(v.Type().Elem().Size())
		for i := range v.Len() {
			n += held(v.Index(i), seen)
		}
		return n
	case reflect.Map:
		return v.Len() * int(v.Type().Key().Size()+v.Type().Elem().Size())
	case reflect.Struct:
		if v.Type() == reflect.TypeFor[time.Time]() {
			return 0
		}
		n := 0
		for i := range v.NumField() {
			n += held(v.Field(i), seen)
		}
		return n
	}
	return 0
}

// bytesOf is what some snapshots hold together.
func bytesOf(all ...*swarm.Snapshot) int {
	n, seen := 0, map[uintptr]bool{}
	for _, s := range all {
		n += held(reflect.ValueOf(s), seen)
	}
	return n
}

// TestTheWeightOfASnapshotIsWhatItHolds holds that the bound of the past is one of
// real bytes: no snapshot holds more than it is counted for, and not far less.
func TestTheWeightOfASnapshotIsWhatItHolds(t *testing.T) {
	for name, s := range map[string]*swarm.Snapshot{
		"empty": fixture.Empty(), "healthy": fixture.Healthy(), "degraded": fixture.Degraded(), "poisoned": fixture.Poisoned(),
		"heavy": heavy(300, 500),
	} {
		if real, counted := bytesOf(s), ui.Weight(s, nil); counted < real || counted > 2*real+4096 {
			t.Errorf("%s holds %d bytes and is counted for %d", name, real, counted)
		}
		next := later(s, nil) // has swarms of its own, which share what is in them
		if real, counted := bytesOf(s, next)-bytesOf(s), ui.Weight(next, s); counted < real || counted > 2*real+8192 {
			t.Errorf("what comes after %s adds %d bytes and is counted for %d", name, real, counted)
		}
	}
}

// TestThePastHoldsNoMoreBytesThanItMay keeps snapshots of any size and distance,
// some of which share what is in them.
func TestThePastHoldsNoMoreBytesThanItMay(t *testing.T) {
	sizes := []*swarm.Snapshot{fixture.Empty(), fixture.Healthy(), fixture.Busy(40, 60)}
	rapid.Check(t, func(t *rapid.T) {
		bound := 3 * bytesOf(sizes[1])
		p := ui.NewPast(bound)
		now := fixture.At()
		for range rapid.IntRange(1, 60).Draw(t, "snapshots") {
			s := *rapid.SampledFrom(sizes).Draw(t, "size")
			if rapid.Bool().Draw(t, "fresh") {
				s = *later(&s, nil)
			}
			now = now.Add(time.Duration(rapid.IntRange(-1, 20_000).Draw(t, "milliseconds")) * time.Millisecond)
			s.At = now
			p.Keep(&s)
			kept := p.Kept()
			for i := 1; i < len(kept); i++ {
				if apart := kept[i].At.Sub(kept[i-1].At); apart < time.Second {
					t.Fatalf("two snapshots are %v apart", apart)
				}
			}
			last := kept[len(kept)-1].At
			if now.Sub(last) >= time.Second || last.Sub(kept[0].At) > 10*time.Minute {
				t.Fatalf("%d snapshots, from %v to %v before now", len(kept), now.Sub(kept[0].At), now.Sub(last))
			}
		}
		if kept := p.Kept(); len(kept) > 1 && bytesOf(kept...) > bound { // after any number of them
			t.Fatalf("%d snapshots of %d bytes, at most %d", len(kept), bytesOf(kept...), bound)
		}
	})
}

// TestWhereRoomIsShortTheOlderMomentsStandFurtherApart holds that a large screen can
// be stepped back for minutes, and by seconds at first.
func TestWhereRoomIsShortTheOlderMomentsStandFurtherApart(t *testing.T) {
	large := heavy(1000, 500)
	p := ui.NewPast(ui.PastBytes)
	for i := range 400 {
		s := later(large, nil)
		s.At = s.At.Add(time.Duration(i) * time.Second)
		for k := range s.Swarms { // every tracker was asked again
			s.Swarms[k].Trackers = slices.Clone(s.Swarms[k].Trackers)
		}
		p.Keep(s)
	}
	kept := p.Kept()
	n := len(kept)
	if n < 10 {
		t.Fatalf("%d snapshots are kept, the first of %d bytes", n, ui.Weight(large, nil))
	}
	if age := kept[n-1].At.Sub(kept[0].At); age < 5*time.Minute {
		t.Errorf("what is kept goes back %v", age)
	}
	if gap := kept[n-1].At.Sub(kept[n-2].At); gap > 3*time.Second {
		t.Errorf("the last moments are %v apart", gap)
	}
}
