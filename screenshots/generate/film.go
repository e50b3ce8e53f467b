package main

import (
	"fmt"
	"slices"
	"time"

	"github.com/charmbracelet/colorprofile"

	"swarmtop/screenshots/internal/paint"
	"swarmtop/swarm"
	"swarmtop/theme"
	"swarmtop/ui"
	"swarmtop/ui/sample"
)

// The film's size and pace.
const (
	filmFile    = "swarmtop.gif"
	filmColumns = 120
	filmRows    = 35
	filmStep    = 200 * time.Millisecond
	filmEnd     = 27 * time.Second
	filmPause   = 2 * time.Second // at the end, before it begins again
)

// cue is something that happens in the film.
type cue struct {
	at      time.Duration
	keys    string
	caption string // stays until the next one; empty leaves the last
	key     string // shown as a key before the caption
}

// cues are the story: a crowd comes, seeding is stopped and started, the cache
// breaks, the alarm comes, and it heals.
func cues() []cue {
	s := func(seconds float64) time.Duration { return time.Duration(seconds * float64(time.Second)) }
	all := []cue{
		{at: 0, caption: "swarms of web assets come alive: peers arrive, pieces spread"},
		{at: s(6), caption: "choose an asset: who has which piece of it, by which trackers", key: "j"},
	}
	for i := range 7 {
		all = append(all, cue{at: s(6.2) + time.Duration(i)*filmStep, keys: "j"})
	}
	return append(all,
		cue{at: s(9), keys: "space", key: "space", caption: "stop seeding it: the others still have whole copies"},
		cue{at: s(12), keys: "space", key: "space", caption: "and start again"},
		cue{at: s(14), keys: "b", key: "b", caption: "break the cache in front of it, as in 2013: it forgets the query of ?torrent"},
		cue{at: s(15.6), caption: "within seconds: the URL answers a torrent where it ought to answer HTML"},
		cue{at: s(19.6), keys: "b", key: "b", caption: "mend the cache"},
		cue{at: s(21.2), caption: "the edge answers HTML again"},
		cue{at: s(24), keys: "A", key: "A", caption: "acknowledge the alarm: all is well"},
	)
}

// actor gives the story the commands of the keys.
type actor struct {
	ui.Commands
	story sample.Story
	now   time.Duration
}

// Focus implements [ui.Commands].
func (*actor) Focus(swarm.InfoHash) {}

// SetSeeding implements [ui.Commands].
func (a *actor) SetSeeding(hashes []swarm.InfoHash, on bool) error {
	for _, h := range hashes {
		a.story.Off[h] = !on
	}
	return nil
}

// BreakCache implements [ui.Commands].
func (a *actor) BreakCache() (string, error) {
	if a.story.Broken.IsKnown() {
		a.story.Mended = swarm.Known(a.now)
		return "the cache has the query in its key again, and dropped what it held", nil
	}
	a.story.Broken = swarm.Known(a.now)
	return "the cache forgets the query, and somebody asked for ?torrent: b mends it", nil
}

// film plays the story on a screen.
func film() (paint.Film, error) {
	a := &actor{story: sample.Story{Off: map[swarm.InfoHash]bool{}}}
	s := &stage{columns: filmColumns, rows: filmRows, snapshot: a.story.At(0), commands: a}
	if err := s.open(); err != nil {
		return nil, err
	}
	var f paint.Film
	var below string
	left := cues()
	for ; a.now < filmEnd; a.now += filmStep {
		s.show(a.story.At(a.now))
		for len(left) > 0 && left[0].at <= a.now {
			c := left[0]
			left = slices.Delete(left, 0, 1)
			s.press(c.keys)
			if c.caption != "" {
				below = caption(c.key, c.caption)
			}
		}
		f = append(f, paint.Frame{Screen: s.screen(below), Stays: filmStep})
	}
	f[len(f)-1].Stays += filmPause
	return joined(f), nil
}

// caption is a line below the screen.
func caption(key, text string) string {
	t := theme.Default(true, colorprofile.TrueColor)
	line := "\n\n  "
	if key != "" {
		line += t.Block(theme.Accent) + " " + key + " " + theme.Reset + " "
	}
	return line + " " + t.SGR(theme.Title) + text + theme.Reset
}

// joined makes frames that show the same one frame.
func joined(f paint.Film) (out paint.Film) {
	last := ""
	for _, frame := range f {
		if digest := frame.Digest(); digest != last {
			out, last = append(out, frame), digest
		} else {
			out[len(out)-1].Stays += frame.Stays
		}
	}
	return out
}

// drawFilm returns the film as it ought to be.
func drawFilm() (drawn, error) {
	f, err := film()
	if err != nil {
		return drawn{}, fmt.Errorf("%s: %w", filmFile, err)
	}
	return drawn{filmFile, f.Digest(), paint.DigestOfFilm, func(fonts *paint.Fonts) ([]byte, error) { return fonts.EncodeFilm(f) }}, nil
}
