package paint

import (
	"fmt"
	"image"
	"os"
	"path/filepath"
	"unicode/utf8"

	"golang.org/x/image/font"
	"golang.org/x/image/font/gofont/gomono"
	"golang.org/x/image/font/gofont/gomonobold"
	"golang.org/x/image/font/gofont/gomonobolditalic"
	"golang.org/x/image/font/gofont/gomonoitalic"
	"golang.org/x/image/font/opentype"
	"golang.org/x/image/font/sfnt"
	"golang.org/x/image/math/fixed"
)

// A cell in pixels at scale 1: what JetBrains Mono needs at 15 pixels an em.
const (
	em         = 15
	cellWidth  = 9
	cellHeight = 20
	baseline   = 15
)

type typeface struct {
	outlines *sfnt.Font
	face     font.Face
}

// Fonts holds the faces, each with others to fall back on, and the masks drawn so far. It is for one goroutine.
type Fonts struct {
	scale int
	faces [4][]typeface // by style
	masks map[glyph]*image.Alpha
}

type glyph struct {
	char  rune
	style int
	wide  bool
}

// style is the index of a cell's face in [Fonts]: bold is 1, italic 2.
func style(c Cell) int {
	i := 0
	if c.Bold {
		i++
	}
	if c.Italic {
		i += 2
	}
	return i
}

// LoadFonts reads JetBrains Mono from a folder. An empty dir means Go Mono, which
// is built in and has fewer characters.
func LoadFonts(dir string, scale int) (*Fonts, error) {
	f := &Fonts{scale: scale, masks: map[glyph]*image.Alpha{}}
	builtin := [...][]byte{gomono.TTF, gomonobold.TTF, gomonoitalic.TTF, gomonobolditalic.TTF}
	for i, style := range [...]string{"Regular", "Bold", "Italic", "BoldItalic"} {
		name := "JetBrainsMono-" + style + ".ttf"
		var sources [][]byte
		if dir != "" {
			b, err := os.ReadFile(filepath.Join(dir, name))
			if err != nil {
				return nil, err
			}
			sources = append(sources, b)
		}
		for _, b := range append(sources, builtin[i]) {
			outlines, err := opentype.Parse(b)
			if err != nil {
				return nil, fmt.Errorf("font %s: %w", name, err)
			}
			face, err := opentype.NewFace(outlines, &opentype.FaceOptions{Size: float64(em * scale), DPI: 72})
			if err != nil {
				return nil, fmt.Errorf("font %s: %w", name, err)
			}
			f.faces[i] = append(f.faces[i], typeface{outlines, face})
		}
	}
	return f, nil
}

// mask returns how much of each pixel of the cell the character covers.
func (f *Fonts) mask(c Cell) *image.Alpha {
	r, _ := utf8.DecodeRuneInString(c.Text)
	if c.Text == "" || r == ' ' {
		return nil
	}
	key := glyph{r, style(c), c.Wide}
	if m, ok := f.masks[key]; ok {
		return m
	}
	w, h := cellWidth*f.scale, cellHeight*f.scale
	if c.Wide {
		w *= 2
	}
	m := geometry(r, w, h)
	if m == nil {
		m = f.outline(r, f.faces[style(c)], w, h)
	}
	f.masks[key] = m
	return m
}

// outline draws a character of the first face that has it; one that no face has
// becomes a hollow box.
func (f *Fonts) outline(r rune, faces []typeface, w, h int) *image.Alpha {
	m := image.NewAlpha(image.Rect(0, 0, w, h))
	var buf sfnt.Buffer
	for _, t := range faces {
		if i, err := t.outlines.GlyphIndex(&buf, r); err != nil || i == 0 {
			continue
		}
		d := font.Drawer{Dst: m, Src: image.Opaque, Face: t.face, Dot: fixed.P(0, baseline*f.scale)}
		d.DrawString(string(r))
		return m
	}
	box := image.Rect(f.scale, h/4, w-f.scale, h*3/4)
	fill(m, box, 255)
	fill(m, box.Inset(f.scale), 0)
	return m
}
