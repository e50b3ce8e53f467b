package main

import (
	"bytes"
	"fmt"
	"os"

	"swarmtop/ui"
)

// The lines between which the README has its table of keys.
const (
	tableBegins = "<!-- keys: from go generate -->\n"
	tableEnds   = "<!-- end of keys -->\n"
)

// refreshReadme brings the table of keys in a README up to date.
func refreshReadme(file string) error {
	old, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	now, err := withTable(old, ui.KeyTable())
	if err != nil {
		return fmt.Errorf("%s: %w", file, err)
	}
	if bytes.Equal(now, old) {
		return nil
	}
	return os.WriteFile(file, now, 0o644)
}

// withTable returns the page with another table between the two lines.
func withTable(page []byte, table string) ([]byte, error) {
	before, rest, ok := bytes.Cut(page, []byte(tableBegins))
	if !ok {
		return nil, fmt.Errorf("no line %q", tableBegins)
	}
	_, after, ok := bytes.Cut(rest, []byte(tableEnds))
	if !ok {
		return nil, fmt.Errorf("no line %q after the table", tableEnds)
	}
	return bytes.Join([][]byte{before, []byte(tableBegins + "\n" + table + "\n" + tableEnds), after}, nil), nil
}
