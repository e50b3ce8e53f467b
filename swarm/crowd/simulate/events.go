package simulate

import "time"

// event is that the uplink of a peer has sent its block.
type event struct {
	at    time.Duration
	order uint32 // of those at the same time: as they were added
	peer  int32
}

func (e event) before(o event) bool { return e.at < o.at || e.at == o.at && e.order < o.order }

// events is a heap, the next one first.
type events struct {
	heap  []event
	added uint32
}

func (q *events) add(at time.Duration, peer int32) {
	q.heap = append(q.heap, event{at, q.added, peer})
	q.added++
	for i := len(q.heap) - 1; i > 0; {
		up := (i - 1) / 2
		if !q.heap[i].before(q.heap[up]) {
			return
		}
		q.heap[i], q.heap[up] = q.heap[up], q.heap[i]
		i = up
	}
}

// next takes the next event out; there must be one.
func (q *events) next() event {
	first := q.heap[0]
	last := len(q.heap) - 1
	q.heap[0] = q.heap[last]
	q.heap = q.heap[:last]
	for i := 0; ; {
		least := i
		for _, down := range [2]int{2*i + 1, 2*i + 2} {
			if down < last && q.heap[down].before(q.heap[least]) {
				least = down
			}
		}
		if least == i {
			return first
		}
		q.heap[i], q.heap[least] = q.heap[least], q.heap[i]
		i = least
	}
}
