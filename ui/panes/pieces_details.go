package panes

import (
	"cmp"
	"slices"
	"strconv"
	"strings"

	"swarmtop/swarm"
	"swarmtop/theme"
	"swarmtop/ui/draw"
)

// listedPieces is the most pieces of a cell that are told one by one.
const listedPieces = 64

// assetPieces is the most pieces of each asset of a widget that are told one by one.
const assetPieces = 4

// Details implements [Detailer]: the pieces of the cell under the cursor, and who
// has them; of a widget, each asset's pieces in sum.
func (s *Pieces) Details(v View, width int) []string {
	all := v.swarms()
	d := &sheet{view: &v, width: width}
	if v.Widget != "" {
		d.line(0, theme.Title, "Pieces of "+v.Widget)
		for _, w := range all {
			d.head(w.Name)
			d.sizes(w)
			for i := range min(w.Pieces.Count, assetPieces) {
				_, words, _ := strings.Cut(pieceWords(w, i), " · ")
				d.field("#"+strconv.Itoa(i), theme.Text, words)
			}
		}
		return d.lines
	}
	if len(all) == 0 || all[0].Pieces.Count == 0 {
		return nil
	}
	w := all[0]
	s.enter(w)
	from, to := s.cursor, s.cursor+1
	if n := w.Pieces.Count; s.cells.count > 0 && s.cells.count < n {
		from, to = span(s.cells.of(s.cursor, n), s.cells.count, n)
	}
	if to-from == 1 {
		d.line(0, theme.Title, "Piece "+strconv.Itoa(from)+" of "+w.Name)
	} else {
		d.line(0, theme.Title, "Pieces "+strconv.Itoa(from)+" to "+strconv.Itoa(to-1)+" of "+w.Name)
	}
	for _, i := range rarestFirst(w.Pieces.Availability, from, to) {
		d.piece(w, i)
	}
	if to-from > listedPieces {
		d.gap()
		d.line(0, theme.Muted, plural(to-from-listedPieces, "more piece")+", that as many have or more")
	}
	return d.lines
}

// rarestFirst returns the pieces in [from, to), those that the fewest hold first, but
// no more than are told one by one.
func rarestFirst(availability []uint16, from, to int) []int {
	all := make([]int, 0, to-from)
	for i := from; i < to; i++ {
		all = append(all, i)
	}
	slices.SortStableFunc(all, func(a, b int) int {
		return cmp.Compare(least(availability, a, a+1), least(availability, b, b+1))
	})
	return all[:min(len(all), listedPieces)]
}

// piece tells where a piece lies, whether it is here, and who has it.
func (d *sheet) piece(w *swarm.Swarm, i int) {
	n := &w.Pieces
	first := int64(i) * n.Length
	last := min(first+n.Length, w.Size.Or(first+n.Length)) - 1
	d.head("#" + strconv.Itoa(i))
	d.field("bytes", theme.Text, draw.Count(first)+" to "+draw.Count(last)+", "+draw.Bytes(last-first+1))
	switch part, ok := n.Partial[i]; {
	case n.Ours.Has(i):
		d.field("here", theme.Good, "✓ yes, verified")
	case ok && part > 0:
		d.field("here", theme.Down, draw.Percent(part)+" has come")
	default:
		d.field("here", theme.Muted, "no")
	}
	held := least(n.Availability, i, i+1)
	tok := theme.Text
	if held == 0 {
		tok = theme.Warn
	}
	d.field("held by", tok, plural(int(held), "other"))
	for k := range w.WebSeeds {
		d.line(labelCells, theme.Text, d.view.maskedURL(w.WebSeeds[k].URL)+" (web seed)")
	}
	for k := range w.Peers {
		if p := &w.Peers[k]; p.Pieces.Has(i) {
			d.line(labelCells, theme.Text, d.view.masked(p.Address)+"  "+p.Client.Or(draw.Unknown))
		}
	}
}
