package torture

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"os"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"
)

// figures is what the tests of this run measured.
var figures report

type report struct {
	mu   sync.Mutex
	rows []figure
}

type figure struct{ test, want, got string }

// measured notes what came of a test, for the table.
func measured(test, want, got string, args ...any) {
	figures.mu.Lock()
	defer figures.mu.Unlock()
	figures.rows = append(figures.rows, figure{test, want, fmt.Sprintf(got, args...)})
}

func (r *report) markdown() string {
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(r.rows) == 0 {
		return ""
	}
	var b strings.Builder
	fmt.Fprintf(&b, "%s, %s/%s, %d cores, %s\n\n| test | to hold | measured |\n| --- | --- | --- |\n",
		time.Now().Format(time.DateOnly), runtime.GOOS, runtime.GOARCH, runtime.NumCPU(), runtime.Version())
	for _, f := range r.rows {
		fmt.Fprintf(&b, "| %s | %s | %s |\n", f.test, f.want, f.got)
	}
	return b.String()
}

// replaceIn puts the table between its marks in a Markdown file.
func (r *report) replaceIn(path string) error {
	const begin, end = "<!-- figures: from .ci/long -->\n", "<!-- end of figures -->\n"
	b, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	before, rest, ok := bytes.Cut(b, []byte(begin))
	_, after, closed := bytes.Cut(rest, []byte(end))
	if !ok || !closed {
		return fmt.Errorf("%s has no place for the figures, between %q and %q", path, begin, end)
	}
	text := string(before) + begin + "\n" + r.markdown() + "\n" + end + string(after)
	return os.WriteFile(path, []byte(text), 0o644)
}

// random returns a source of random numbers whose seed is told if the test fails.
func random(t testing.TB) *rand.Rand {
	t.Helper()
	n := *seed
	if n == 0 {
		n = uint64(time.Now().UnixNano())
	}
	t.Cleanup(func() {
		if t.Failed() {
			t.Logf("again with -seed=%d", n)
		}
	})
	return rand.New(rand.NewPCG(n, uint64(len(t.Name()))))
}

// thousands writes 1234567 as 1,234,567.
func thousands(n int) string {
	s := fmt.Sprint(n)
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}
