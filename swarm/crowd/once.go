package crowd

// once has a seeder send each piece to one peer, another one for each where it can, and
// again only when nobody near has it. Until it is asked it looks as if it had nothing,
// and shows a piece only to one that may have it (BEP 16).
type once struct {
	pieces []int         // blocks of each
	given  map[int]*link // to whom each was
}

func newOnce(size, pieceLength int64) *once {
	o := &once{given: make(map[int]*link)}
	for ; size > 0; size -= pieceLength {
		o.pieces = append(o.pieces, int((min(size, pieceLength)-1)/block)+1)
	}
	return o
}

// wanted tells whether there is such a piece and it must leave.
func (o *once) wanted(links map[string]*link, piece int) bool {
	if piece < 0 || piece >= len(o.pieces) {
		return false
	}
	for _, l := range links {
		if l.has[piece] || o.given[piece] == l {
			return false
		}
	}
	return true
}

// next returns the first piece that must leave, or −1.
func (o *once) next(links map[string]*link) int {
	for piece := range o.pieces {
		if o.wanted(links, piece) {
			return piece
		}
	}
	return -1
}

// give notes to whom a piece goes, and returns how many blocks it has.
func (o *once) give(to *link, piece int) int {
	o.given[piece] = to
	return o.pieces[piece]
}

// takeBack notes that one did not ask for all of what it was given.
func (o *once) takeBack(from *link) {
	for piece, to := range o.given {
		if to == from && !from.has[piece] {
			delete(o.given, piece)
		}
	}
}
