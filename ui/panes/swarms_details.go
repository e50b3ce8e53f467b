package panes

import (
	"net/url"
	"strconv"

	"swarmtop/swarm"
	"swarmtop/theme"
	"swarmtop/ui/draw"
)

// Magnet is the link by which others join a swarm (BEP 9).
func Magnet(s *swarm.Swarm) string {
	link := "magnet:?xt=urn:btih:" + s.InfoHash.String()
	if s.Name != "" {
		link += "&dn=" + url.QueryEscape(s.Name)
	}
	for i := range s.Trackers {
		link += "&tr=" + url.QueryEscape(s.Trackers[i].URL)
	}
	return link
}

// Details implements [Detailer] for a swarm; a widget's row has none.
func (s *Swarms) Details(v View, width int) []string {
	s.build(v)
	w := v.Snapshot.Swarm(s.selected.hash)
	if w == nil || !s.chosen {
		return nil
	}
	d := &sheet{view: &v, width: width}
	d.line(0, theme.Title, w.Name)
	mark, tok, words := swarmState(w, v.Mask)
	d.field("state", tok, mark+" "+words)
	for _, why := range obstacles(w) {
		d.field("what blocks", theme.Warn, why)
	}
	if text := v.advice(w); text != "" {
		d.field("what to do", theme.Text, text)
	}
	d.gap()
	d.field("info hash", theme.Text, w.InfoHash.String())
	if w.Widget != "" {
		d.field("widget", theme.Text, w.Widget)
	}
	d.sizes(w)
	d.transfer(w)
	created, _ := w.Created.Get()
	d.ago("created", created)
	d.ago("added", w.Added)
	if at, ok := w.Completed.Get(); ok {
		d.ago("completed", at)
	}
	d.field("private", theme.Text, map[bool]string{true: "yes: peers come from its trackers alone (BEP 27)", false: "no"}[w.Private])
	d.gap()
	d.standing(w)
	d.files(w)
	d.sources(w)
	if d.view.Snapshot.Gateway != "" && w.Pieces.Count > 0 {
		link := d.view.Snapshot.Gateway + "/t/" + w.InfoHash.String() + ".torrent"
		d.head("Metainfo")
		d.linked("URL", theme.Accent, v.maskedURL(link), link)
	}
	d.head("Magnet link")
	magnet := Magnet(w)
	if v.Mask {
		magnet = "magnet:?xt=urn:btih:" + w.InfoHash.String()
	}
	d.line(0, theme.Text, magnet)
	return d.lines
}

// sizes tells of bytes and pieces.
func (d *sheet) sizes(w *swarm.Swarm) {
	n := &w.Pieces
	if size, ok := w.Size.Get(); ok {
		d.field("size", theme.Text, draw.Bytes(size)+" ("+draw.Count(size)+" bytes), "+draw.Percent(w.DoneShare().Or(0))+" here")
	} else {
		d.field("size", theme.Muted, draw.Unknown)
	}
	if n.Count == 0 {
		d.field("pieces", theme.Muted, draw.Unknown+" until the metadata is here")
		return
	}
	d.field("pieces", theme.Text, plural(n.Count, "piece")+" of "+draw.Bytes(n.Length)+", "+draw.Count(int64(n.Have))+" here")
	copies, tok := draw.Unknown, theme.Muted
	if c, ok := w.Copies.Get(); ok {
		copies, tok = draw.Copies(c), theme.Text
		if c < 1 {
			copies, tok = copies+": no downloader can get the whole of it", theme.Bad
		}
	}
	d.field("copies", tok, copies)
	if r, ok := n.Rarest.Get(); ok {
		d.field("rarest", theme.Text, "piece "+strconv.Itoa(r.Piece)+", held by "+plural(r.Peers, "other")+"; "+draw.Count(int64(r.Equal-1))+" more as rare")
	}
}

// transfer tells what came and went, and whether anything may.
func (d *sheet) transfer(w *swarm.Swarm) {
	ratio := draw.Unknown
	if r, ok := w.Ratio().Get(); ok {
		ratio = draw.Copies(r)
	}
	d.field("came", theme.Down, draw.Bytes(w.Downloaded)+", now "+draw.Bytes(w.DownRate)+"/s")
	d.field("went", theme.Up, draw.Bytes(w.Uploaded)+", now "+draw.Bytes(w.UpRate)+"/s, ratio "+ratio)
	if w.Seeding {
		d.field("seeding", theme.Good, "on")
	} else {
		d.field("seeding", theme.Warn, "■ off: nothing is sent to anybody")
	}
}

func (d *sheet) files(w *swarm.Swarm) {
	d.head(plural(len(w.Files), "file"))
	begin := int64(0)
	for i := range w.Files {
		f := &w.Files[i]
		d.line(0, theme.Accent, f.Path)
		d.field("  size", theme.Text, draw.Bytes(f.Size))
		d.field("  pieces", theme.Text, pieceRange(begin, f.Size, w.Pieces.Length))
		begin += f.Size
		d.field("  type", theme.Text, f.ContentType)
		if d.view.Snapshot.Gateway != "" && f.URLPath != "" {
			link := d.view.Snapshot.Gateway + f.URLPath
			d.linked("  URL", theme.Accent, d.view.maskedURL(link), link)
		}
	}
}

// pieceRange names the pieces that hold a file; nothing when there are none.
func pieceRange(begin, size, length int64) string {
	if size <= 0 || length <= 0 {
		return ""
	}
	first, last := begin/length, (begin+size-1)/length
	if first == last {
		return draw.Count(first)
	}
	return draw.Count(first) + "–" + draw.Count(last)
}

// sources tells of trackers and web seeds.
func (d *sheet) sources(w *swarm.Swarm) {
	d.head(plural(len(w.Trackers), "tracker"))
	for i := range w.Trackers {
		t := &w.Trackers[i]
		mark, tok := "✓", theme.Good
		switch {
		case t.State == swarm.Failing:
			mark, tok = "✗", theme.Bad
		case !t.Healthy():
			mark, tok = draw.Unknown, theme.Muted
		}
		d.line(0, tok, mark+" "+d.view.maskedURL(t.URL))
		d.field("  state", theme.Text, t.State.String()+", tier "+strconv.Itoa(t.Tier))
		if t.LastError != "" && !t.Healthy() {
			d.field("  error", theme.Bad, d.view.maskedText(t.LastError))
		}
	}
	if len(w.WebSeeds) == 0 {
		return
	}
	d.head(plural(len(w.WebSeeds), "web seed"))
	for i := range w.WebSeeds {
		d.webSeed(&w.WebSeeds[i])
	}
}

func (d *sheet) webSeed(s *swarm.WebSeed) {
	d.line(0, theme.Accent, d.view.maskedURL(s.URL))
	d.field("  came", theme.Down, draw.Bytes(s.Downloaded)+", now "+draw.Bytes(s.DownRate)+"/s")
	if s.LastError != "" {
		d.field("  error", theme.Bad, d.view.maskedText(s.LastError))
	}
}

// obstacles says what stands in a swarm's way beside the reason of its state.
func obstacles(w *swarm.Swarm) []string {
	var all []string
	if w.TrackerVerdict == swarm.Bad {
		all = append(all, "no tracker works")
	}
	if w.State == swarm.Complete {
		if !w.Seeding {
			all = append(all, "seeding is off")
		}
		return all
	}
	if len(w.Peers) == 0 && len(w.WebSeeds) == 0 {
		return append(all, "no peers: nobody is connected")
	}
	missing, first, choked, wanted := 0, 0, 0, 0
	for i, n := range w.Pieces.Availability {
		if n == 0 && !w.Pieces.Ours.Has(i) {
			if missing == 0 {
				first = i
			}
			missing++
		}
	}
	if missing > 0 {
		all = append(all, plural(missing, "piece")+" missing that nobody connected has, the first is "+strconv.Itoa(first))
	}
	for i := range w.Peers {
		if w.Peers[i].WeWant == swarm.Yes {
			wanted++
			if w.Peers[i].TheyChoke == swarm.Yes {
				choked++
			}
		}
	}
	if wanted > 0 && choked == wanted {
		all = append(all, "every peer that has what is missing chokes us")
	}
	return all
}
