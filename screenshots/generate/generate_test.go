package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"swarmtop/screenshots/internal/paint"
	"swarmtop/ui"
	"swarmtop/ui/sample"
)

func TestAPictureIsDrawnOnceAndLeftAlone(t *testing.T) {
	dir, loads := t.TempDir(), 0
	some := []picture{{file: "tiny.png", columns: 60, rows: 12, dark: true, snapshot: sample.Healthy}}
	fonts := func() (*paint.Fonts, error) {
		loads++
		return paint.LoadFonts("", 1)
	}
	for _, want := range []int{1, 1} {
		if err := drawAll(dir, some, fonts); err != nil || loads != want {
			t.Fatalf("drawn %d times, want %d (%v)", loads, want, err)
		}
	}
	if err := os.WriteFile(filepath.Join(dir, "tiny.png"), []byte("spoilt"), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := drawAll(dir, some, fonts); err != nil || loads != 2 {
		t.Errorf("a spoilt picture was not drawn anew (%v)", err)
	}
}

func TestPicturesFillTheirScreens(t *testing.T) {
	for _, p := range pictures {
		s, err := p.screen()
		if err != nil {
			t.Fatal(err)
		}
		blank := 0
		for y := range s.Rows {
			var line strings.Builder
			for _, c := range s.Cells[y*s.Columns:][:s.Columns] {
				line.WriteString(c.Text)
			}
			if strings.TrimSpace(line.String()) == "" {
				blank++
			}
		}
		if blank > 1 {
			t.Errorf("%s has %d empty lines", p.file, blank)
		}
	}
}

func TestOnlyTheTableOfKeysIsReplaced(t *testing.T) {
	page := "# Top\n\n" + tableBegins + "old\n" + tableEnds + "\nrest\n"
	got, err := withTable([]byte(page), "new\n")
	if want := "# Top\n\n" + tableBegins + "\nnew\n\n" + tableEnds + "\nrest\n"; err != nil || string(got) != want {
		t.Errorf("withTable = %q, %v, want %q", got, err, want)
	}
	again, err := withTable(got, "new\n")
	if err != nil || !bytes.Equal(again, got) {
		t.Errorf("the same table changes the page: %q, %v", again, err)
	}
	for _, bad := range []string{"", tableBegins, tableEnds + tableBegins} {
		if _, err := withTable([]byte(bad), ui.KeyTable()); err == nil {
			t.Errorf("%q has no place for a table, and nothing is said", bad)
		}
	}
}
