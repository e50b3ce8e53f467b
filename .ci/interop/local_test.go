package interop

import (
	"path/filepath"
	"testing"
)

// TestFindsPeersInTheLocalNetwork joins by the info hash alone what another swarmtop
// publishes, with no tracker in common: both know each other from multicast (BEP 14),
// for which this machine needs a network besides loopback.
func TestFindsPeersInTheLocalNetwork(t *testing.T) {
	name := "htmx.min.js"
	published := startHeadless(t, "--lsd", "--peer-listen", "0.0.0.0:"+freePort(t), assets.path(name))
	hash := published.until(t, "it is published", func(s snapshot) bool {
		return len(s.Swarms) == 1 && s.Swarms[0].State == "complete"
	}).Swarms[0].InfoHash

	save := t.TempDir()
	h := startHeadless(t, "--lsd", "--peer-listen", "0.0.0.0:"+freePort(t), "--save", save, hash)
	found := func(s snapshot) bool {
		for _, d := range s.swarm(hash).Discovery {
			if d.Source == "lsd" && d.Peers > 0 {
				return true
			}
		}
		return false
	}
	// Whoever hears of the other first connects; the other sees somebody come.
	if last := h.until(t, "it is complete", func(s snapshot) bool { return s.swarm(hash).State == "complete" }); !found(last) {
		published.until(t, "one of both has found the other in the local network", found)
	}
	sameFile(t, filepath.Join(save, name), assets.bytes(t, name))
	h.quit(t)
	published.quit(t)
}
