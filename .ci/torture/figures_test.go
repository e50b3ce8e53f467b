package torture

import (
	"bytes"
	"errors"
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
	rows []string // of a table in Markdown
}

// measured notes what came of a test, for the table, and keeps it in the file of
// -rows at once, whatever becomes of this run.
func measured(test, want, got string, args ...any) {
	row := fmt.Sprintf("| %s | %s | %s |\n", test, want, fmt.Sprintf(got, args...))
	figures.mu.Lock()
	defer figures.mu.Unlock()
	figures.rows = append(figures.rows, row)
	if *rows == "" {
		return
	}
	f, err := os.OpenFile(*rows, os.O_WRONLY|os.O_APPEND|os.O_CREATE, 0o644)
	if err == nil {
		_, err = f.WriteString(row)
		err = errors.Join(err, f.Close())
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "keep a figure:", err)
	}
}

// markdown returns the table of some rows.
func markdown(rows string) string {
	if rows == "" {
		return ""
	}
	return fmt.Sprintf("%s, %s/%s, %d cores, %s\n\n| test | to hold | measured |\n| --- | --- | --- |\n%s",
		time.Now().Format(time.DateOnly), runtime.GOOS, runtime.GOARCH, runtime.NumCPU(), runtime.Version(), rows)
}

func (r *report) markdown() string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return markdown(strings.Join(r.rows, ""))
}

// replaceIn puts the table of the rows in a file between its marks in a Markdown file.
func replaceIn(path, rows string) error {
	const begin, end = "<!-- figures: from .ci/long -->\n", "<!-- end of figures -->\n"
	all, err := os.ReadFile(rows)
	if err != nil {
		return err
	}
	b, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	before, rest, ok := bytes.Cut(b, []byte(begin))
	_, after, closed := bytes.Cut(rest, []byte(end))
	if !ok || !closed {
		return fmt.Errorf("%s has no place for the figures, between %q and %q", path, begin, end)
	}
	text := string(before) + begin + "\n" + markdown(string(all)) + "\n" + end + string(after)
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
