package session

import (
	"testing"
	"time"

	"pgregory.net/rapid"

	"swarmtop/swarm"
)

// TestMotionThatBeginsLateTellsWhatOneKeptAllAlongTells holds that nothing is lost when
// a swarm at rest has no motion yet.
func TestMotionThatBeginsLateTellsWhatOneKeptAllAlongTells(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		now := time.Date(2013, 9, 22, 12, 0, 0, 0, time.UTC)
		look := func() {
			now = now.Add(time.Duration(rapid.IntRange(1, 3000).Draw(t, "ms")) * time.Millisecond)
		}
		always, late := new(motion), (*motion)(nil)
		var looked time.Time
		for i := range rapid.IntRange(0, 20).Draw(t, "looks at rest") {
			if look(); i == 0 {
				always.advance(now)
			}
			always.window.idle(now)
			slot, perSecond := late.advance(now)
			if slot != 0 || perSecond(new(flow)) != 0 || late.ended(perSecond) != (swarm.Transfer{}) {
				t.Fatal("something moved where nothing did")
			}
			looked = now
		}
		late = newMotion(looked)
		var one, other flow // of the only connection
		total := int64(0)
		for i := range rapid.IntRange(1, 100).Draw(t, "looks") {
			look()
			total += rapid.Int64Range(0, 1<<20).Draw(t, "bytes")
			slot, perSecond := late.advance(now)
			other.put(slot, total)
			slot, want := always.advance(now)
			one.put(slot, total)
			if got, want := perSecond(&other), want(&one); got != want {
				t.Fatalf("%d bytes a second, want %d", got, want)
			}
			sum := swarm.Received{Peers: total}
			if got := late.lastMinute(now, sum); i == 0 && got != sum {
				t.Fatalf("of %v only %v came in the minute", sum, got)
			}
		}
	})
}
