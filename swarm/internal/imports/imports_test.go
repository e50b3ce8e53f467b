// Package imports holds the rules of who may import whom, and the test that keeps them.
package imports

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"os/exec"
	"slices"
	"testing"
)

func TestNobodyImportsWhatItMayNot(t *testing.T) {
	for _, v := range violations(list(t)) {
		t.Error(v)
	}
}

// list asks the go command for every package of the module and all that they need.
func list(t *testing.T) []pkg {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "go", "list", "-deps", "-json=ImportPath,Standard,Imports,Deps", module+"/...")
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("go list: %v\n%s", err, &stderr)
	}
	var all []pkg
	for d := json.NewDecoder(bytes.NewReader(out)); ; {
		var p pkg
		if err := d.Decode(&p); errors.Is(err, io.EOF) {
			return all
		} else if err != nil {
			t.Fatalf("read the answer of go list: %v", err)
		}
		all = append(all, p)
	}
}

func TestRulesCatchWhatTheyForbid(t *testing.T) {
	tests := []struct {
		name string
		pkg  pkg
		want []string
	}{
		{
			"sources of snapshots do not know each other",
			pkg{ImportPath: "swarmtop/swarm/gateway", Deps: []string{"swarmtop/swarm", "swarmtop/swarm/session"}},
			[]string{"swarmtop/swarm/gateway reaches swarmtop/swarm/session"},
		},
		{
			"the vocabulary imports nothing",
			pkg{ImportPath: "swarmtop/swarm", Imports: []string{"golang.org/x/sync/errgroup"}, Deps: []string{"golang.org/x/sync/errgroup"}},
			[]string{"swarmtop/swarm imports golang.org/x/sync/errgroup"},
		},
		{
			"the screen does not reach the network through others",
			pkg{ImportPath: "swarmtop/ui", Deps: []string{"net/http"}},
			[]string{"swarmtop/ui reaches net/http, which nothing under ui may"},
		},
		{
			"a nested package follows the one above it",
			pkg{ImportPath: "swarmtop/swarm/tracker/store", Deps: []string{"swarmtop/swarm/tracker", "swarmtop/swarm/announce"}},
			[]string{"swarmtop/swarm/tracker/store reaches swarmtop/swarm/announce"},
		},
		{
			"a new package at the top needs a rule",
			pkg{ImportPath: "swarmtop/extra", Deps: []string{"swarmtop/swarm"}},
			[]string{"swarmtop/extra reaches swarmtop/swarm"},
		},
		{
			"the session may use storage and the torrent library",
			pkg{ImportPath: "swarmtop/swarm/session", Imports: []string{torrent, "golang.org/x/time/rate"}, Deps: []string{torrent, "swarmtop/swarm/blob", "swarmtop/swarm/internal/x"}},
			nil,
		},
		{
			"main joins everything",
			pkg{ImportPath: "swarmtop", Imports: []string{torrent}, Deps: []string{"swarmtop/ui", "swarmtop/swarm/session"}},
			nil,
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := violations([]pkg{tt.pkg}); !slices.Equal(got, tt.want) {
				t.Errorf("violations = %q, want %q", got, tt.want)
			}
		})
	}
}
