package panes

import (
	"strings"

	"swarmtop/swarm"
)

// advice says what to do about a swarm that does not do what it is for; empty where
// there is nothing to do.
func (v *View) advice(w *swarm.Swarm) string {
	switch {
	case w.State == swarm.Failed && strings.Contains(w.Reason, "no space left"):
		return "Make room on the disk: it goes on by itself within seconds."
	case w.State == swarm.Failed:
		return "The event log (" + v.key("L") + ") tells when it began; " + v.key("d") + " removes the swarm, " + v.key("a") + " adds it again."
	case w.Resting:
		return "Press " + v.key("space") + " to wake it, or name it in the manifest again; " + v.key("d") + " removes it."
	case w.Verdict == swarm.Bad:
		return "Pane 5 shows what was answered; content_type in the manifest says what is expected."
	case w.State == swarm.Complete:
		return v.adviceOnCopies(w)
	case w.DownRate > 0:
		return ""
	case len(w.Peers) == 0 && len(w.Trackers) == 0 && !w.Private:
		return "Press " + v.key("a") + " to add the same swarm with a tracker, or start with --tracker URL or --dht."
	case len(w.Peers) == 0 && w.TrackerVerdict == swarm.Bad:
		return "Pane 4 tells what each tracker said; " + v.key("r") + " asks again, and --tracker URL adds one that works."
	case len(w.Peers) == 0:
		return "Nobody has it now: it goes on when a peer comes; " + v.key("r") + " asks the trackers again."
	case w.State == swarm.Stalled && missing(w):
		return "It goes on when a peer comes that has what is missing; a web seed (web_seeds in the manifest) has it all."
	case w.State == swarm.Stalled:
		return "It goes on when a peer lets us in; there is nothing to do."
	}
	return ""
}

// adviceOnCopies says what to do when no downloader can get the whole of a swarm
// that is complete here.
func (v *View) adviceOnCopies(w *swarm.Swarm) string {
	switch {
	case w.Copies.Or(1) >= 1 && w.TrackerVerdict == swarm.Bad:
		return "Nobody can find us: pane 4 tells what each tracker said; " + v.key("r") + " asks again."
	case w.Copies.Or(1) < 1 && !w.Seeding:
		return "Press " + v.key("space") + " to seed it: nobody else who is connected has all of it."
	}
	return ""
}

// missing tells whether there are pieces that neither we nor anybody connected has.
func missing(w *swarm.Swarm) bool {
	for i, n := range w.Pieces.Availability {
		if n == 0 && !w.Pieces.Ours.Has(i) {
			return true
		}
	}
	return false
}
