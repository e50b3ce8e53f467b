package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
)

// report is Markdown, written as it comes and kept for a file.
type report struct {
	text bytes.Buffer
	to   io.Writer
}

func newReport(w io.Writer) *report {
	r := &report{}
	r.to = io.MultiWriter(w, &r.text)
	return r
}

// say writes a paragraph.
func (r *report) say(format string, args ...any) { fmt.Fprintf(r.to, format+"\n\n", args...) }

// replaceIn puts the report between its marks in a Markdown file.
func (r *report) replaceIn(path string) error {
	const begin, end = "<!-- speed: from .ci/bench -->\n", "<!-- end of speed -->\n"
	b, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	before, rest, ok := bytes.Cut(b, []byte(begin))
	_, after, closed := bytes.Cut(rest, []byte(end))
	if !ok || !closed {
		return fmt.Errorf("%s has no place for the tables, between %q and %q", path, begin, end)
	}
	return os.WriteFile(path, slices.Concat(before, []byte(begin+"\n"), r.text.Bytes(), []byte(end), after), 0o644)
}

// table is the lines of a group, with a column for each player.
type table struct {
	*report
	players []string
	library bool // is one of them
	notes   []string
}

// table begins the table of some rows.
func (r *report) table(title string, rows []row) *table {
	t := &table{report: r}
	for _, row := range rows {
		for _, p := range row.players {
			if !slices.Contains(t.players, p.name) {
				t.players = append(t.players, p.name)
			}
		}
	}
	t.library = slices.Contains(t.players, library)
	r.say("%s", title)
	head := append([]string{"", "", "runs"}, t.players...)
	if t.library {
		head = append(head, "to the library")
	}
	t.line(append(head, "to the best peer")...)
	fmt.Fprintf(r.to, "| --- | --- %s|\n", strings.Repeat("| ---: ", len(head)-1))
	return t
}

func (t *table) line(cells ...string) { fmt.Fprintf(t.to, "| %s |\n", strings.Join(cells, " | ")) }

// note keeps a line for below the table.
func (t *table) note(format string, args ...any) {
	t.notes = append(t.notes, oneLine(fmt.Sprintf(format, args...)))
}

func oneLine(text string) string { return strings.Join(strings.Fields(text), " ") }

// end writes the notes.
func (t *table) end() {
	fmt.Fprintln(t.to)
	for _, n := range t.notes {
		fmt.Fprintln(t.to, "- "+n)
	}
	if len(t.notes) > 0 {
		fmt.Fprintln(t.to)
	}
}

// add writes the lines of a row, one for each measure.
func (t *table) add(r row, outcomes []outcome) {
	name := r.name
	for m, measure := range r.measures {
		t.line(append([]string{name, measure.unit}, t.cells(m, measure, outcomes)...)...)
		name = ""
	}
	for _, o := range outcomes {
		if late := tooLong(0); o.failed != nil && (!errors.As(o.failed, &late) || len(o.values[0]) > 0) {
			t.note("%s, %s, run %d: %v", r.name, o.player, len(o.values[0])+1, o.failed)
		}
	}
}

// cells are those of one measure: runs, players, ratios.
func (t *table) cells(m int, measure measure, outcomes []outcome) []string {
	const unknown = "–"
	runs := 0
	medians := make(map[string]float64)
	all := make(map[string]string)
	for _, o := range outcomes {
		runs = max(runs, len(o.values[m]))
		all[o.player] = unknown
		if late := tooLong(0); m == 0 && errors.As(o.failed, &late) {
			all[o.player] = fmt.Sprintf("> %.0f s", float64(late)/1e9)
		}
		if len(o.values[m]) > 0 {
			medians[o.player] = median(o.values[m])
			all[o.player] = spread(o.values[m])
		}
	}
	cells := []string{fmt.Sprint(runs)}
	for _, p := range t.players {
		cells = append(cells, all[p])
	}
	if t.library {
		cells = append(cells, ratio(medians, library))
	}
	best, ok := bestPeer(medians, measure.more)
	if _, us := medians[ours]; !ok || !us {
		return append(cells, unknown)
	}
	return append(cells, ratio(medians, best)+", "+best)
}

// bestPeer names the one with the best median but ours; of equals, the first by name.
func bestPeer(medians map[string]float64, more bool) (best string, ok bool) {
	for name, v := range medians {
		if name == ours {
			continue
		}
		better := v < medians[best]
		if more {
			better = v > medians[best]
		}
		if !ok || better || v == medians[best] && name < best {
			best, ok = name, true
		}
	}
	return best, ok
}

// ratio is our median to that of another.
func ratio(medians map[string]float64, to string) string {
	us, ok := medians[ours]
	it := medians[to]
	if !ok || it == 0 {
		return "–"
	}
	return fmt.Sprintf("%.2f", us/it)
}
