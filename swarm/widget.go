package swarm

// Widget is what swarms that belong together add up to. A widget works on a page
// only when all of its assets arrive. It is built with [Widget.Add].
type Widget struct {
	Name     string
	Swarms   int
	Complete int
	Seeding  int // swarms whose switch is on

	Size      Opt[int64] // unknown while it is for one of the swarms
	Done      int64
	Connected int
	Copies    Opt[float64] // the least of the swarms'; unknown while it is for one of them
	Transfer

	Verdict        Verdict
	TrackerVerdict Verdict

	// Deliverable is Yes when every asset can be delivered now. Else Blocker is the
	// first asset that cannot, or is not known to, and Why says why.
	Deliverable Tristate
	Blocker     *Swarm
	Why         string
}

// Add counts one swarm in.
func (w *Widget) Add(s *Swarm) {
	first := w.Swarms == 0
	w.Swarms++
	if s.State == Complete {
		w.Complete++
	}
	if s.Seeding {
		w.Seeding++
	}
	w.Size = merge(first, w.Size, s.Size, func(a, b int64) int64 { return a + b })
	w.Copies = merge(first, w.Copies, s.Copies, func(a, b float64) float64 { return min(a, b) })
	w.Done += s.Done
	w.Connected += s.Connected
	w.Transfer = w.Transfer.Plus(s.Transfer)
	w.Verdict = w.Verdict.Worst(s.Verdict)
	w.TrackerVerdict = w.TrackerVerdict.Worst(s.TrackerVerdict)

	can, why := s.Deliverable()
	switch {
	case can == Yes && first:
		w.Deliverable = Yes
	case can == No && (first || w.Deliverable != No), can == Unknown && (first || w.Deliverable == Yes):
		w.Deliverable, w.Blocker, w.Why = can, s, why
	}
}

// DoneShare is the verified share of the bytes, 0 to 1; unknown until all sizes are known.
func (w *Widget) DoneShare() Opt[float64] {
	return (&Swarm{Size: w.Size, Done: w.Done}).DoneShare()
}

// Ratio is as [Swarm.Ratio], over all swarms.
func (w *Widget) Ratio() Opt[float64] { return (&Swarm{Transfer: w.Transfer}).Ratio() }

// Deliverable tells whether a downloader could get the asset now: somebody has
// every piece, the type is right, and there is a way to find who has it. The
// words say why not, or what is not known.
func (s *Swarm) Deliverable() (Tristate, string) {
	copies, known := s.Copies.Get()
	switch {
	case s.State == Failed:
		return No, "failed"
	case s.Verdict == Bad:
		return No, "wrong type"
	case known && copies < 1 && s.State == Complete && !s.Seeding:
		return No, "no full copy: seeding is off"
	case known && copies < 1:
		return No, "no full copy"
	case s.TrackerVerdict == Bad && !answering(s.WebSeeds):
		return No, "no working tracker"
	case !known && s.State == Metadata:
		return Unknown, "no metadata yet"
	case !known:
		return Unknown, "copies are not known"
	}
	return Yes, ""
}

func merge[T any](first bool, a, b Opt[T], f func(a, b T) T) Opt[T] {
	if first {
		return b
	}
	x, ok := a.Get()
	y, ok2 := b.Get()
	if !ok || !ok2 {
		return Opt[T]{}
	}
	return Known(f(x, y))
}
