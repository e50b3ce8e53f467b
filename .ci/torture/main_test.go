// Package torture holds the tests that try to break swarmtop: hostile metainfo and
// peers, kill -9, damaged files, a full disk, slow and many clients, bad links, time.
// Its short form is run by .ci/run, its long form, with the flag -long, by .ci/long.
package torture

import (
	"flag"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"
)

var (
	long  = flag.Bool("long", false, "hold the figures of the long form, which takes most of an hour")
	ready = flag.String("program", "", "swarmtop's `file`, which is built when none is named")
	seed  = flag.Uint64("seed", 0, "of all that is random; 0 for a new one each time")
	rows  = flag.String("rows", "", "`file` to which each figure is appended as soon as it is measured")
	table = flag.String("table", "", "Markdown `file` in which the figures of -rows replace those of the last run")
)

// The programs under test, built when the first test asks for them.
var (
	programs string // the folder in which they are; set by TestMain
	swarmtop = sync.OnceValues(func() (string, error) {
		if *ready != "" {
			return *ready, nil
		}
		return build("swarmtop", "swarmtop")
	})
	proxy = sync.OnceValues(func() (string, error) {
		return build("toxiproxy", "-modfile=../tools/go.mod", "github.com/Shopify/toxiproxy/v2/cmd/server")
	})
)

func TestMain(m *testing.M) {
	flag.Parse()
	code, err := run(m)
	if err != nil {
		fmt.Fprintln(os.Stderr, "torture:", err)
		code = 1
	}
	os.Exit(code)
}

func run(m *testing.M) (int, error) {
	var err error
	if programs, err = os.MkdirTemp("", "torture-"); err != nil {
		return 1, err
	}
	defer os.RemoveAll(programs)
	code := m.Run()
	http.DefaultClient.CloseIdleConnections()
	err = goleak.Find()
	for began := time.Now(); err != nil && time.Since(began) < patience/4; { // connections whose other end has just gone
		err = goleak.Find()
	}
	if code == 0 && err != nil {
		return 1, err
	}
	os.Stdout.WriteString(figures.markdown())
	if *table != "" {
		return code, replaceIn(*table, *rows)
	}
	return code, nil
}

func build(name string, args ...string) (string, error) {
	path := filepath.Join(programs, name)
	cmd := exec.Command("go", append([]string{"build", "-o", path}, args...)...)
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := cmd.CombinedOutput(); err != nil {
		return "", fmt.Errorf("%v: %w\n%s", cmd.Args, err, out)
	}
	return path, nil
}

// built returns where a program is.
func built(t testing.TB, program func() (string, error)) string {
	t.Helper()
	path, err := program()
	if err != nil {
		t.Fatal(err)
	}
	return path
}

// scaled returns how much of something a test does: in the long form or in the short one.
func scaled[T any](inLong, inShort T) T {
	if *long {
		return inLong
	}
	return inShort
}
