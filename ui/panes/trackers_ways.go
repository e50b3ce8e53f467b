package panes

import (
	"slices"
	"strings"

	"swarmtop/swarm"
	"swarmtop/ui/draw"
)

// ways sums up, over the swarms shown, how peers are found beside the trackers. Each is
// drawn as a row: on in whole or in part, or off with the reason.
func ways(swarms []*swarm.Swarm) []swarm.Discovery {
	var all []swarm.Discovery
	for _, w := range swarms {
		for i, d := range w.Discovery {
			if i == len(all) {
				all = append(all, d)
				continue
			}
			if d.Off == "" {
				all[i].Off = ""
			}
			all[i].Peers += d.Peers
			all[i].Connected += d.Connected
		}
	}
	return all
}

// addWays appends a row for each way beside the trackers.
func (s *Trackers) addWays(v *View) {
	shown := v.swarms()
	for _, d := range ways(shown) {
		t := &swarm.Tracker{URL: strings.ToUpper(d.Source.String())}
		if d.Off != "" {
			t.State = swarm.Disabled
		}
		if s.matches(t.URL, wayWord(&d)) {
			s.store = append(s.store, trackerRow{view: v, swarm: shown[0], tracker: t, way: &d})
		}
	}
}

func wayWord(d *swarm.Discovery) string {
	if d.Off != "" {
		return "off"
	}
	return "on"
}

// wayRemark says why a way is off, or what came of it.
func wayRemark(d *swarm.Discovery) string {
	if d.Off != "" {
		return "off · " + d.Off
	}
	return plural(d.Connected, "peer") + " now"
}

// remarkWidths gives the room of all columns behind the name to the name: the row of a
// way that is off has nothing for them, and its reason is long.
func remarkWidths(columns []draw.Column[*trackerRow], widths []int, width int) []int {
	widths = slices.Clone(widths)
	for i := range columns {
		if columns[i].Title == "tracker" {
			widths[i] = width
			clear(widths[i+1:])
			break
		}
		if widths[i] > 0 {
			width -= widths[i] + draw.Gap
		}
	}
	return widths
}

// wayName says what the letters stand for.
func wayName(s swarm.Source) string {
	switch s {
	case swarm.FromDHT:
		return "DHT, distributed hash table (BEP 5)"
	case swarm.FromPEX:
		return "PEX, peer exchange (BEP 11)"
	}
	return "LSD, local service discovery (BEP 14)"
}
