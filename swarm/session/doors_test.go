package session

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"

	"pgregory.net/rapid"
)

// TestHandshakesWithAnAddressAreAsManyAsItAnswers has handshakes come and end in any
// order: never more are inside than may be, and none waits while there is room.
func TestHandshakesWithAnAddressAreAsManyAsItAnswers(t *testing.T) {
	const address = "127.0.0.1:1"
	synctest.Test(t, func(*testing.T) {
		rapid.Check(t, func(t *rapid.T) {
			var d doors
			inside, came, most := 0, 0, handshakesMost
			ctx, cancel := context.WithCancel(context.Background())
			entered := make(chan error, 400)
			arrive := func() {
				came++
				go func() { entered <- d.enter(ctx, address) }()
				synctest.Wait()
			}
			leave := func(how answer) {
				if inside == 0 {
					return
				}
				switch how {
				case given:
					most = min(most+1, handshakesMost)
				case notGiven:
					most = max(most/2, 1)
				}
				if inside, came = inside-1, came-1; came == 0 {
					most = handshakesMost // all are gone
				}
				d.leave(address, how)
				synctest.Wait()
			}
			count := func() {
				for len(entered) > 0 {
					if err := <-entered; err == nil {
						inside++
					} else if errors.Is(err, context.Canceled) {
						came--
					}
				}
			}
			t.Repeat(map[string]func(*rapid.T){
				"arrive": func(*rapid.T) {
					if came < 100 {
						arrive()
					}
				},
				"answered":   func(*rapid.T) { leave(given) },
				"unanswered": func(*rapid.T) { leave(notGiven) },
				"ended here": func(*rapid.T) { leave(unknown) },
				"": func(t *rapid.T) {
					before := inside
					count()
					if inside > before && inside > most {
						t.Fatalf("%d are inside, %d may be", inside, most)
					}
					if inside < most && inside < came {
						t.Fatalf("%d are inside, %d may be, %d want to", inside, most, came)
					}
				},
			})
			cancel()
			synctest.Wait()
			count()
			for inside > 0 {
				leave(unknown)
				count()
			}
			if len(d.by) != 0 {
				t.Fatalf("%d addresses are remembered with nobody there", len(d.by))
			}
		})
	})
}
