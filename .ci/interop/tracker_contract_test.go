package interop

import (
	"os"
	"os/exec"
	"strings"
	"testing"
)

// TestContractHoldsForOpentracker holds opentracker to what the embedded tracker's
// own tests expect of any tracker, so that they expect nothing odd.
func TestContractHoldsForOpentracker(t *testing.T) {
	var hashes []string
	for _, n := range []string{"01", "02", "03", "04", "05", "06", "07", "08", "09", "0a", "0b", "0c"} {
		hashes = append(hashes, strings.Repeat(n, 20))
	}
	o := startOpentracker(t, hashes...)
	cmd := exec.CommandContext(t.Context(), "go", "test", "-count=1", "-v", "-run=^TestContract$", "swarmtop/swarm/tracker")
	cmd.Env = append(os.Environ(), "SWARMTOP_CONTRACT_TRACKER="+o.announceURL())
	out, err := cmd.CombinedOutput()
	if err != nil || strings.Count(string(out), "--- PASS: TestContract/") < 10 {
		t.Errorf("%v\n%s", err, out)
	}
}
