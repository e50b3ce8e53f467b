package panes_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/charmbracelet/x/exp/golden"
	"pgregory.net/rapid"

	"swarmtop/swarm"
	"swarmtop/ui/internal/fixture"
	"swarmtop/ui/panes"
)

func TestPicturesOfACrowd(t *testing.T) {
	snap := fixture.Healthy()
	for name, c := range map[string]swarm.Crowd{"busy": snap.Swarms[4].Crowd, "empty": {}} {
		for _, size := range [][2]int{{40, 10}, {78, 22}, {108, 33}} {
			t.Run(fmt.Sprintf("%s/%dx%d", name, size[0], size[1]), func(t *testing.T) {
				v := view(snap, 4, size[0], size[1])
				v.Span = time.Hour
				golden.RequireEqual(t, plain(panes.Crowd(v, "sprite.png", c)))
			})
		}
	}
}

func TestCrowdFillsTheRectangleAtEverySize(t *testing.T) {
	snap := fixture.Healthy()
	rapid.Check(t, func(t *rapid.T) {
		v := view(snap, 4, rapid.IntRange(0, 220).Draw(t, "width"), rapid.IntRange(0, 70).Draw(t, "height"))
		v.Span = rapid.SampledFrom(panes.Spans()).Draw(t, "span")
		c := snap.Swarms[rapid.IntRange(0, len(snap.Swarms)-1).Draw(t, "swarm")].Crowd
		c.Points = c.Points[:rapid.IntRange(0, len(c.Points)).Draw(t, "points")]
		fills(t, "crowd", panes.Crowd(v, "文字文字文字文字文字", c), v)
	})
}
