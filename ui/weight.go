package ui

import (
	"reflect"

	"swarmtop/swarm"
)

// textBytes is what the texts of a record take together in the long run, where
// they are not measured.
const textBytes = 96

// weight is how many bytes a snapshot holds, or some more, beside what it shares
// with the one before; nil for none.
func weight(s, before *swarm.Snapshot) int {
	if before == nil {
		before = new(swarm.Snapshot)
	}
	n := int(reflect.TypeFor[swarm.Snapshot]().Size()) + textBytes
	n += size(s.Events, before.Events, textBytes) + size(s.Probes, before.Probes, 16*textBytes)
	n += size(s.Sources, before.Sources, textBytes) + size(s.Failed, before.Failed, 2*textBytes)
	n += historyWeight(s.History, before.History) + size(s.LongHistory, before.LongHistory, 0)
	for i, h := range s.LongHistory {
		n += historyWeight(h, at(before.LongHistory, i))
	}
	r, old := &s.Responses, &before.Responses
	n += size(r.Tail, old.Tail, 3*textBytes) + size(r.ByType, old.ByType, textBytes) + size(r.ByStatus, old.ByStatus, 0)
	n += size(s.Swarms, before.Swarms, 3*textBytes)
	if size(s.Swarms, before.Swarms, 0) == 0 {
		return n // they are shared
	}
	for i := range s.Swarms {
		n += swarmWeight(&s.Swarms[i], at(before.Swarms, i))
	}
	return n
}

func historyWeight(h, before swarm.History) int {
	return size(h.Down, before.Down, 0) + size(h.Up, before.Up, 0)
}

func swarmWeight(w *swarm.Swarm, before swarm.Swarm) int {
	bits := (w.Pieces.Count + 7) / 8
	n := bits + 48*len(w.Pieces.Partial) + size(w.Pieces.Availability, before.Pieces.Availability, 0)
	n += size(w.Peers, before.Peers, textBytes+bits) + size(w.Trackers, before.Trackers, 3*textBytes)
	n += size(w.Discovery, before.Discovery, 0) + size(w.WebSeeds, before.WebSeeds, 2*textBytes)
	n += size(w.Files, before.Files, 2*textBytes) + size(w.Crowd.Points, before.Crowd.Points, 0)
	for k := range w.Trackers {
		n += size(w.Trackers[k].History, at(before.Trackers, k).History, 0)
	}
	return n
}

// size is what the room of a slice takes, with so much more for each record; nothing
// when it is that of the slice before.
func size[T any](records, before []T, each int) int {
	if len(records) > 0 && len(before) > 0 && &records[0] == &before[0] {
		return 0
	}
	return cap(records)*int(reflect.TypeFor[T]().Size()) + len(records)*each
}

// at is element i, and a zero one where there is none.
func at[T any](all []T, i int) (element T) {
	if i < len(all) {
		element = all[i]
	}
	return element
}
