package main

import (
	"bytes"
	"image"
	"image/draw"
	"image/gif"
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
	fonts := func() (*paint.Fonts, error) {
		loads++
		return paint.LoadFonts("", 1)
	}
	d, err := picture{file: "tiny.png", columns: 60, rows: 12, snapshot: sample.Healthy}.draw()
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []int{1, 1} {
		if err := d.refresh(dir, fonts); err != nil || loads != want {
			t.Fatalf("drawn %d times, want %d (%v)", loads, want, err)
		}
	}
	if err := os.WriteFile(filepath.Join(dir, "tiny.png"), []byte("spoilt"), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := d.refresh(dir, fonts); err != nil || loads != 2 {
		t.Errorf("a spoilt picture was not drawn anew (%v)", err)
	}
}

// full holds that a screen has no line more than some that nothing is written on.
func full(t *testing.T, name string, s *paint.Screen, blank int) {
	t.Helper()
	for y := range s.Rows {
		var line strings.Builder
		for _, c := range s.Cells[y*s.Columns:][:s.Columns] {
			line.WriteString(c.Text)
		}
		if strings.TrimSpace(line.String()) == "" {
			blank--
		}
	}
	if blank < 0 {
		t.Errorf("%s has empty lines", name)
	}
}

func TestPicturesFillTheirScreens(t *testing.T) {
	for _, p := range pictures() {
		s, err := p.screen()
		if err != nil {
			t.Fatal(err)
		}
		full(t, p.file, s, 1)
	}
}

// text is what a screen says.
func text(s *paint.Screen) string {
	var b strings.Builder
	for i, c := range s.Cells {
		if i%s.Columns == 0 {
			b.WriteByte('\n')
		}
		b.WriteString(c.Text)
	}
	return b.String()
}

// TestTheFilmTellsItsStory holds what is seen, and in which order.
func TestTheFilmTellsItsStory(t *testing.T) {
	f, err := film()
	if err != nil {
		t.Fatal(err)
	}
	story := []string{"seeding off: button.html", "seeding on: button.html", "the cache forgets the query", "WRONG TYPE", "d8:announce", "FINE AGAIN", "acknowledged"}
	for _, frame := range f {
		full(t, "a frame", frame.Screen, 2)
		for len(story) > 0 && strings.Contains(text(frame.Screen), story[0]) {
			story = story[1:]
		}
	}
	if len(story) > 0 {
		t.Errorf("the film never shows %q, or not in its place", story[0])
	}
	if last := text(f[len(f)-1].Screen); strings.Contains(last, "FINE AGAIN") || !strings.Contains(last, "types fine") {
		t.Errorf("it ends with\n%s", last)
	}
}

// TestAFilmIsDrawnAsItWas decodes an animation and compares what is seen at each
// frame with what it was made of.
func TestAFilmIsDrawnAsItWas(t *testing.T) {
	whole, err := film()
	if err != nil {
		t.Fatal(err)
	}
	f := paint.Film{whole[0], whole[20], whole[20], whole[60]}
	fonts, err := paint.LoadFonts("", 1)
	if err != nil {
		t.Fatal(err)
	}
	b, err := fonts.EncodeFilm(f)
	if err != nil {
		t.Fatal(err)
	}
	g, err := gif.DecodeAll(bytes.NewReader(b))
	if err != nil {
		t.Fatal(err)
	}
	canvas := image.NewRGBA(image.Rect(0, 0, g.Config.Width, g.Config.Height))
	for i, m := range g.Image {
		draw.Draw(canvas, m.Rect, m, m.Rect.Min, draw.Over)
		for k, c := range f[i].Cells { // the left upper corner of a blank cell is its ground
			x, y := 8+k%f[i].Columns*9, 8+k/f[i].Columns*20
			if c.Text == " " && canvas.RGBAAt(x, y) != c.Bg {
				t.Fatalf("frame %d: cell %d is %v, want %v", i, k, canvas.RGBAAt(x, y), c.Bg)
			}
		}
	}
	if digest, err := paint.DigestOfFilm(b); err != nil || digest != f.Digest() || len(g.Image) != len(f) {
		t.Errorf("%d frames, digest %q, %v", len(g.Image), digest, err)
	}
	for _, bad := range [][]byte{nil, b[:len(b)-1], []byte("GIF89a")} {
		if _, err := paint.DigestOfFilm(bad); err == nil {
			t.Errorf("%d bytes have a digest", len(bad))
		}
	}
}

// TestThePicturesAreOfNow fails when they were not generated again.
func TestThePicturesAreOfNow(t *testing.T) {
	size := int64(0)
	all := []func() (drawn, error){drawFilm}
	for _, p := range pictures() {
		all = append(all, p.draw)
	}
	for _, draw := range all {
		d, err := draw()
		if err != nil {
			t.Fatal(err)
		}
		b, err := os.ReadFile(filepath.Join("..", d.file))
		if err != nil {
			t.Fatal(err)
		}
		size += int64(len(b))
		if digest, err := d.digestOf(b); err != nil || digest != d.digest {
			t.Errorf("%s is old (%v): go generate ./screenshots/...", d.file, err)
		}
		if d.file == filmFile && len(b) > 2<<20 {
			t.Errorf("%s has %d bytes", d.file, len(b))
		}
	}
	if size > 4<<20 {
		t.Errorf("the pictures have %d bytes together", size)
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
