package paint

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"image"
	"image/color"
	"image/gif"
	"slices"
	"time"
)

// Frame is a screen of an animation and how long it stays.
type Frame struct {
	*Screen
	Stays time.Duration // in hundredths of a second
}

// Film is an animation that begins again when it is over. All of its screens have
// the same size.
type Film []Frame

// Digest names what a film shows, and when.
func (f Film) Digest() string {
	h := sha256.New()
	for _, frame := range f {
		fmt.Fprintf(h, "%s %d\n", frame.Screen.Digest(), frame.Stays/(10*time.Millisecond))
	}
	return hex.EncodeToString(h.Sum(nil))
}

// The comment that carries a film's digest (GIF89a, section 24) and what ends the file.
const (
	comment     = "\x21\xfe"
	digestSize  = 2 * sha256.Size
	commentSize = len(comment) + 1 + digestSize + 1
	trailer     = 0x3b
)

// EncodeFilm draws a film as GIF and keeps its digest in it. All frames share a
// palette; each but the first holds what changed alone, the rest of its rectangle
// is transparent.
func (f *Fonts) EncodeFilm(film Film) ([]byte, error) {
	screens := make([]*Screen, len(film))
	for i := range film {
		screens[i] = film[i].Screen
	}
	p, ramps := palette(255, screens...)
	clear := uint8(len(p))
	p = append(p, color.RGBA{})
	g := gif.GIF{Disposal: slices.Repeat([]byte{gif.DisposalNone}, len(film))}
	var last *image.Paletted
	for _, frame := range film {
		m := f.draw(frame.Screen, p, ramps)
		g.Image = append(g.Image, difference(last, m, clear))
		g.Delay = append(g.Delay, int(frame.Stays/(10*time.Millisecond)))
		last = m
	}
	g.Config = image.Config{ColorModel: p, Width: last.Rect.Dx(), Height: last.Rect.Dy()}
	var b bytes.Buffer
	if err := gif.EncodeAll(&b, &g); err != nil {
		return nil, err
	}
	whole := slices.Concat(b.Bytes()[:b.Len()-1], []byte(comment), []byte{digestSize}, []byte(film.Digest()), []byte{0, trailer})
	return whole, nil
}

// difference is what of m is not in the picture before it, in the smallest
// rectangle around that.
func difference(before, m *image.Paletted, clear uint8) *image.Paletted {
	if before == nil {
		return m
	}
	var changed image.Rectangle
	for y := m.Rect.Min.Y; y < m.Rect.Max.Y; y++ {
		was, is := row(before, y), row(m, y)
		if bytes.Equal(was, is) {
			continue
		}
		from, to := 0, len(is)
		for was[from] == is[from] {
			from++
		}
		for was[to-1] == is[to-1] {
			to--
		}
		changed = changed.Union(image.Rect(from, y, to, y+1))
	}
	if changed.Empty() {
		changed = image.Rect(0, 0, 1, 1)
	}
	d := image.NewPaletted(changed, m.Palette)
	for y := changed.Min.Y; y < changed.Max.Y; y++ {
		was, is, out := row(before, y)[changed.Min.X:], row(m, y)[changed.Min.X:], row(d, y)
		for x := range out {
			if out[x] = is[x]; was[x] == is[x] {
				out[x] = clear
			}
		}
	}
	return d
}

func row(m *image.Paletted, y int) []byte {
	at := (y - m.Rect.Min.Y) * m.Stride
	return m.Pix[at : at+m.Rect.Dx()]
}

// DigestOfFilm reads the digest that EncodeFilm left in an animation.
func DigestOfFilm(b []byte) (string, error) {
	at := len(b) - 1 - commentSize
	if at < 0 || string(b[at:at+len(comment)]) != comment || b[at+len(comment)] != digestSize {
		return "", errors.New("not an animation of a screen: no digest in it")
	}
	return string(b[at+len(comment)+1:][:digestSize]), nil
}
