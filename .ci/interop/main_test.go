// Package interop holds the tests of swarmtop among other people's programs:
// opentracker, transmission, aria2, nginx, Chromium and curl, all on loopback, with files of
// public packages as assets. It needs these programs and npm, and is run by .ci/run.
package interop

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// Set once by TestMain.
var (
	assets   library
	swarmtop string // the program under test
)

func TestMain(m *testing.M) {
	code, err := run(m)
	if err != nil {
		fmt.Fprintln(os.Stderr, "interop:", err)
		code = 1
	}
	os.Exit(code)
}

func run(m *testing.M) (int, error) {
	dir, err := os.MkdirTemp("", "interop")
	if err != nil {
		return 1, err
	}
	defer os.RemoveAll(dir)
	if assets, err = fetchAssets(dir); err != nil {
		return 1, fmt.Errorf("fetch the assets: %w", err)
	}
	swarmtop = filepath.Join(dir, "swarmtop")
	build := exec.Command("go", "build", "-o", swarmtop, "swarmtop")
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	build.Stderr = os.Stderr
	if err := build.Run(); err != nil {
		return 1, fmt.Errorf("build swarmtop: %w", err)
	}
	return m.Run(), nil
}
