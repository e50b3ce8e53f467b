// Generate makes the pictures of this repository from fixed snapshots, the table
// of keys in its README, and a picture of any screen that was captured as text:
//
//	go generate ./screenshots/...
//	go run ./screenshots/generate -ansi FILE -cols 120 -rows 35 -o out.png
package main

import (
	"flag"
	"fmt"
	"io"
	"os"
	"sync"

	"swarmtop/screenshots/internal/paint"
)

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, "generate:", err)
		os.Exit(1)
	}
}

func run() error {
	all := flag.String("all", "", "bring the repository's pictures in this folder up to date")
	readme := flag.String("readme", "", "with -all: bring the table of keys in this file up to date, too")
	ansi := flag.String("ansi", "", "draw this captured screen (- for standard input)")
	out := flag.String("o", "screen.png", "with -ansi: the picture to write")
	columns := flag.Int("cols", 120, "with -ansi: columns of the screen")
	rows := flag.Int("rows", 35, "with -ansi: rows of the screen")
	light := flag.Bool("light", false, "with -ansi: a terminal with a light background")
	scale := flag.Int("scale", 1, "pixels for a pixel")
	fonts := flag.String("fonts", "/usr/share/fonts/truetype/jetbrains-mono", "folder of JetBrains Mono (Debian: fonts-jetbrains-mono); empty for the built-in Go Mono")
	flag.Parse()

	switch {
	case *all != "":
		if *readme != "" {
			if err := refreshReadme(*readme); err != nil {
				return err
			}
		}
		return drawAll(*all, func() (*paint.Fonts, error) { return paint.LoadFonts(*fonts, *scale) })
	case *ansi != "":
		text, err := read(*ansi)
		if err != nil {
			return err
		}
		f, err := paint.LoadFonts(*fonts, *scale)
		if err != nil {
			return err
		}
		screen := paint.Read(string(text), *columns, *rows, paper("", !*light))
		b, err := paint.Encode(f.Draw(screen), screen.Digest())
		if err != nil {
			return err
		}
		return os.WriteFile(*out, b, 0o644)
	}
	return fmt.Errorf("nothing to draw: give -ansi FILE or -all FOLDER")
}

// drawAll brings the pictures and the film in dir up to date.
func drawAll(dir string, fonts func() (*paint.Fonts, error)) error {
	load := sync.OnceValues(fonts)
	for _, p := range pictures() {
		d, err := p.draw()
		if err != nil {
			return err
		}
		if err := d.refresh(dir, load); err != nil {
			return err
		}
	}
	d, err := drawFilm()
	if err != nil {
		return err
	}
	return d.refresh(dir, load)
}

func read(name string) ([]byte, error) {
	if name == "-" {
		return io.ReadAll(os.Stdin)
	}
	return os.ReadFile(name)
}
