package crowd

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/dustin/go-humanize"

	"swarmtop/swarm/crowd/simulate"
)

// Way is how one way to deliver the asset did.
type Way struct {
	First      float64   `json:"first_s"` // seconds until the first peer was complete
	Median     float64   `json:"median_s"`
	Last       float64   `json:"last_s"`
	Origin     Origin    `json:"origin_bytes"`
	OriginSent int64     `json:"origin_sent"`
	Offload    float64   `json:"offload"`   // 1 − origin_sent ÷ (peers × size)
	PeersSent  int64     `json:"peer_sent"` // bytes, by the peers to one another
	Finished   []float64 `json:"finished_s"`
}

// Simulated is a crowd that was simulated.
type Simulated struct {
	Peers   int     `json:"peers"`
	Median  float64 `json:"median_s"`
	Last    float64 `json:"last_s"`
	Bound   float64 `json:"bound_s"`
	Offload float64 `json:"offload"` // of the asset's bytes alone
}

// Report is what `swarmtop crowd` tells.
type Report struct {
	Name        string `json:"name"`
	Size        int64  `json:"size"`
	PieceLength int64  `json:"piece_length"`
	Pieces      int64  `json:"pieces"`
	Peers       int    `json:"peers"`
	Uplink      int64  `json:"uplink"` // bytes a second

	// The least time that any way takes, in seconds: FluidBound with peers that can give
	// on what they have not whole (Kumar and Ross 2006), PieceBound with whole pieces
	// (Mundinger, Weber and Weiss 2008), ServerBound from one server.
	FluidBound  float64 `json:"fluid_bound_s"`
	PieceBound  float64 `json:"piece_bound_s"`
	ServerBound float64 `json:"server_bound_s"`
	BestOffload float64 `json:"best_offload"` // 1 − 1 ÷ peers

	Crowd     Way         `json:"crowd"`
	Server    Way         `json:"server"`
	Simulated []Simulated `json:"simulated"`
}

// NewReport begins a report with the bounds.
func NewReport(cfg Config) *Report {
	n, size, rate := float64(cfg.Peers), float64(cfg.size()), float64(cfg.Uplink)
	r := &Report{Name: cfg.Name, Size: cfg.size(), PieceLength: cfg.PieceLength, Peers: cfg.Peers, Uplink: cfg.Uplink}
	r.Pieces = (r.Size-1)/r.PieceLength + 1
	r.FluidBound = max(size/rate, n*size/((n+1)*rate)) // downlinks are not limited
	r.PieceBound = simulate.Bound(cfg.Peers, r.Pieces, r.Size, cfg.Uplink).Seconds()
	r.ServerBound = n * size / rate
	r.BestOffload = 1 - 1/n
	return r
}

// way sums an outcome up.
func (r *Report) way(o Outcome) Way {
	w := Way{Origin: o.Origin, OriginSent: o.Origin.Sent(), PeersSent: o.Sent}
	for _, at := range o.Finished {
		w.Finished = append(w.Finished, at.Seconds())
	}
	w.First, w.Median, w.Last = w.Finished[0], w.Finished[len(w.Finished)/2], w.Finished[len(w.Finished)-1]
	w.Offload = 1 - float64(w.OriginSent)/(float64(r.Peers)*float64(r.Size))
	return w
}

// SetCrowd puts in what [Run] found.
func (r *Report) SetCrowd(o Outcome) { r.Crowd = r.way(o) }

// SetServer puts in what [Serve] found.
func (r *Report) SetServer(o Outcome) { r.Server = r.way(o) }

// Simulate adds a simulation of the crowd that was measured, and others of up to so
// many peers.
func (r *Report) Simulate(ctx context.Context, most int, seed uint64) error {
	if err := r.simulate(r.Peers, seed); err != nil {
		return err
	}
	for n := 10; n < most && ctx.Err() == nil; n *= 10 {
		if err := r.simulate(n, seed); err != nil {
			return err
		}
	}
	if ctx.Err() != nil {
		return ctx.Err()
	}
	return r.simulate(most, seed)
}

func (r *Report) simulate(peers int, seed uint64) error {
	out, err := simulate.Run(simulate.Config{
		Peers: peers, Size: r.Size, PieceLength: r.PieceLength, Uplink: r.Uplink,
		Neighbours: DefaultNeighbours, SeedSlots: DefaultSeedSlots, Seed: seed,
	})
	if err != nil {
		return err
	}
	r.Simulated = append(r.Simulated, Simulated{
		Peers:  peers,
		Median: out.Finished[peers/2].Seconds(), Last: out.Finished[peers-1].Seconds(),
		Bound:   simulate.Bound(peers, r.Pieces, r.Size, r.Uplink).Seconds(),
		Offload: 1 - float64(out.Seeder)/(float64(peers)*float64(r.Size)),
	})
	return nil
}

// JSON writes the report as one line.
func (r *Report) JSON(w io.Writer) error { return json.NewEncoder(w).Encode(r) }

// Text writes the report for a reader, with its drawings.
func (r *Report) Text(w io.Writer) error {
	var b strings.Builder
	fmt.Fprintf(&b, "%s, %s in %d × %s, for %d peers at once; uplinks of %s/s\n\n",
		r.Name, size(r.Size), r.Pieces, size(r.PieceLength), r.Peers, size(r.Uplink))
	t := tabwriter.NewWriter(&b, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, "\tfirst\tmedian\tlast byte\tbound\tratio\torigin sent\toffload")
	row := func(name string, way Way, bound float64, offload string) {
		fmt.Fprintf(t, "%s\t%s\t%s\t%s\t%s\t%.2f\t%s\t%s\n", name, secs(way.First), secs(way.Median), secs(way.Last),
			secs(bound), way.Last/bound, size(way.OriginSent), offload)
	}
	row("one server", r.Server, r.ServerBound, "none")
	row("the crowd", r.Crowd, r.PieceBound, fmt.Sprintf("%.1f %%", 100*r.Crowd.Offload))
	t.Flush()
	o := r.Crowd.Origin
	fmt.Fprintf(&b, "\nThe bound is that of whole pieces, (1 + ⌊log₂ %d⌋ ÷ %d) · size ÷ uplink;\n"+
		"without pieces it would be %s. The best offload is %.1f %%.\n", r.Peers, r.Pieces, secs(r.FluidBound), 100*r.BestOffload)
	fmt.Fprintf(&b, "The crowd's origin sent %s as tracker and %s as seeder, metainfo and\n"+
		"handshakes included, and got %s. Peers sent %s to one another.\n",
		size(o.Tracker), size(o.Seeder), size(o.Received), size(r.Crowd.PeersSent))
	if r.Crowd.OriginSent >= r.Server.OriginSent {
		b.WriteString("At this size a crowd costs its origin more than it saves.\n")
	}
	b.WriteString("\nComplete, of the crowd\n")
	chart(&b, r.Crowd.Finished, r.Peers)
	b.WriteString("\nComplete, from one server\n")
	chart(&b, r.Server.Finished, r.Peers)
	r.simulations(&b)
	_, err := io.WriteString(w, b.String())
	return err
}

// simulations writes what was simulated.
func (r *Report) simulations(b *strings.Builder) {
	if len(r.Simulated) == 0 {
		return
	}
	same := r.Simulated[0]
	fmt.Fprintf(b, "\nSimulated, the same crowd takes %s; measured ÷ simulated is %.2f.\nOther crowds:\n\n",
		secs(same.Last), r.Crowd.Last/same.Last)
	t := tabwriter.NewWriter(b, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(t, "peers\tmedian\tlast byte\tbound\tratio\tone server\toffload\t")
	for _, s := range r.Simulated[1:] {
		fmt.Fprintf(t, "%d\t%s\t%s\t%s\t%.2f\t%s\t%.3f %%\t\n", s.Peers, secs(s.Median), secs(s.Last), secs(s.Bound), s.Last/s.Bound,
			secs(float64(s.Peers)*float64(r.Size)/float64(r.Uplink)), 100*s.Offload)
	}
	t.Flush()
}

func size(n int64) string { return humanize.IBytes(uint64(n)) }

// secs writes seconds, with the digits that matter.
func secs(s float64) string {
	switch {
	case s < 0.1:
		return fmt.Sprintf("%.1f ms", 1000*s)
	case s < 100:
		return fmt.Sprintf("%.2f s", s)
	case s < 3600:
		return fmt.Sprintf("%.0f s", s)
	}
	return time.Duration(s * float64(time.Second)).Round(time.Minute).String()
}
