package main

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// rowOf is a row whose players yield nothing: it is for the names.
func rowOf(measures []measure, names ...string) row {
	r := row{name: "row", measures: measures}
	for _, n := range names {
		r.players = append(r.players, player{name: n})
	}
	return r
}

func TestTableHasMedianSpreadAndRatios(t *testing.T) {
	var out strings.Builder
	r := rowOf([]measure{wall, {unit: "requests/s", more: true}}, ours, library, "other", "slow", "broken")
	table := newReport(&out).table("Title.", []row{r})
	table.add(r, []outcome{
		{player: ours, values: [][]float64{{3, 1, 2}, {3000}}},
		{player: library, values: [][]float64{{4, 4, 4}, {1500}}},
		{player: "other", values: [][]float64{{1}, {2000}}},
		{player: "slow", values: make([][]float64, 2), failed: tooLong(time.Minute)},
		{player: "broken", values: make([][]float64, 2), failed: errors.New("no\nluck")},
	})
	table.end()
	for _, want := range []string{
		"|  |  | runs | swarmtop | the library | other | slow | broken | to the library | to the best peer |\n",
		"| row | s | 3 | 2.00 (1.00 – 3.00) | 4.00 (4.00 – 4.00) | 1.00 | > 60 s | – | 0.50 | 2.00, other |\n",
		"|  | requests/s | 1 | 3,000 | 1,500 | 2,000 | – | – | 2.00 | 1.50, other |\n",
		"\n- row, broken, run 1: no luck\n",
	} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("the report lacks %q:\n%s", want, out.String())
		}
	}
}

func TestReportReplacesWhatIsBetweenItsMarks(t *testing.T) {
	const before, after = "# Title\n<!-- speed: from .ci/bench -->\n", "<!-- end of speed -->\nmore\n"
	file := filepath.Join(t.TempDir(), "README.md")
	if err := os.WriteFile(file, []byte(before+"old\n"+after), 0o600); err != nil {
		t.Fatal(err)
	}
	var out strings.Builder
	r := newReport(&out)
	r.say("new")
	if err := r.replaceIn(file); err != nil {
		t.Fatal(err)
	}
	if got, err := os.ReadFile(file); err != nil || string(got) != before+"\nnew\n\n"+after {
		t.Errorf("%q, %v", got, err)
	}
	if err := os.WriteFile(file, []byte("no marks"), 0o600); err != nil {
		t.Fatal(err)
	}
	if r.replaceIn(file) == nil {
		t.Error("a file without marks is no error")
	}
}
