package swarm_test

import (
	"testing"

	"swarmtop/swarm"
)

func TestWidgetIsDeliverableOnlyWhenEveryAssetIs(t *testing.T) {
	good := swarm.Swarm{Name: "a.html", Copies: swarm.Known(2.5), Verdict: swarm.Fine, TrackerVerdict: swarm.Fine}
	unknown := swarm.Swarm{Name: "b.js", State: swarm.Downloading, TrackerVerdict: swarm.Fine}
	bare := swarm.Swarm{Name: "f.js", State: swarm.Metadata}
	off := swarm.Swarm{Name: "g.js", State: swarm.Complete, Copies: swarm.Known(0.0)}
	half := swarm.Swarm{Name: "c.svg", Copies: swarm.Known(0.5), TrackerVerdict: swarm.Fine}
	wrong := swarm.Swarm{Name: "d.png", Copies: swarm.Known(3.0), Verdict: swarm.Bad}
	dark := swarm.Swarm{Name: "e.css", Copies: swarm.Known(1.0), TrackerVerdict: swarm.Bad}
	seeded := dark
	seeded.WebSeeds = []swarm.WebSeed{{URL: "http://origin/"}}
	unseeded := dark
	unseeded.WebSeeds = []swarm.WebSeed{{URL: "http://origin/", LastError: "answered 404 Not Found"}}

	for _, c := range []struct {
		name    string
		swarms  []swarm.Swarm
		want    swarm.Tristate
		blocker string
	}{
		{"none", nil, swarm.Unknown, ""},
		{"all good", []swarm.Swarm{good, good}, swarm.Yes, ""},
		{"unknown after good", []swarm.Swarm{good, unknown}, swarm.Unknown, "b.js: copies are not known"},
		{"unknown before good", []swarm.Swarm{unknown, good}, swarm.Unknown, "b.js: copies are not known"},
		{"no beats unknown", []swarm.Swarm{unknown, half, good}, swarm.No, "c.svg: no full copy"},
		{"the first no is named", []swarm.Swarm{wrong, half}, swarm.No, "d.png: wrong type"},
		{"no tracker", []swarm.Swarm{good, dark}, swarm.No, "e.css: no working tracker"},
		{"no tracker but a web seed", []swarm.Swarm{good, seeded}, swarm.Yes, ""},
		{"no tracker and a web seed that fails", []swarm.Swarm{unseeded}, swarm.No, "e.css: no working tracker"},
		{"no metadata", []swarm.Swarm{bare}, swarm.Unknown, "f.js: no metadata yet"},
		{"seeding is off", []swarm.Swarm{bare, off}, swarm.No, "g.js: no full copy: seeding is off"},
	} {
		var w swarm.Widget
		for i := range c.swarms {
			w.Add(&c.swarms[i])
		}
		blocker := ""
		if w.Blocker != nil {
			blocker = w.Blocker.Name + ": " + w.Why
		}
		if w.Deliverable != c.want || blocker != c.blocker {
			t.Errorf("%s: got %v %q, want %v %q", c.name, w.Deliverable, blocker, c.want, c.blocker)
		}
	}
}

func TestWidgetSumsAndTakesTheLeastCopies(t *testing.T) {
	var w swarm.Widget
	w.Add(&swarm.Swarm{Size: swarm.Known[int64](10), Done: 5, Copies: swarm.Known(3.0), Connected: 2, Seeding: true})
	w.Add(&swarm.Swarm{Size: swarm.Known[int64](10), Done: 10, Copies: swarm.Known(1.5), Connected: 1, State: swarm.Complete})
	if w.Size.Or(-1) != 20 || w.Done != 15 || w.Copies.Or(-1) != 1.5 || w.Connected != 3 || w.Complete != 1 || w.Seeding != 1 {
		t.Errorf("got %+v", w)
	}
	if share := w.DoneShare().Or(-1); share != 0.75 {
		t.Errorf("share %v, want 0.75", share)
	}
	w.Add(&swarm.Swarm{})
	if w.Size.IsKnown() || w.Copies.IsKnown() {
		t.Errorf("a sum with an unknown part is known: %+v", w)
	}
}
