package app

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"path/filepath"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"golang.org/x/sync/errgroup"

	"swarmtop/swarm"
	"swarmtop/swarm/config"
	"swarmtop/swarm/demo"
	"swarmtop/swarm/demo/edge"
	"swarmtop/swarm/session"
)

// The pace of a drill.
const (
	drillRound    = time.Second      // between two rounds of the probe, if it is not said
	drillPatience = 15 * time.Second // for anything that ought to take a round
	drillLifetime = 10 * time.Minute // what the caches of mode B force
)

// drillEdge is one cache and what is behind it.
type drillEdge struct {
	name   string
	ours   bool // our gateway is behind it
	cache  *edge.Cache
	server *edge.Server
	seen   []swarm.ProbeVerdict // at the end of each step
	took   time.Duration        // until the poison was seen
}

func (e *drillEdge) url() string { return e.server.URL() + demoButton }

// askTorrent sends the request that poisons others.
func (e *drillEdge) askTorrent(ctx context.Context, url string) error {
	_, err := e.cache.Attack(ctx, http.MethodGet, url+"?torrent", nil)
	return err
}

// drill is one run.
type drill struct {
	app   *App
	edges []*drillEdge
	out   io.Writer
	bad   []string // what did not go as it must
}

// Drill replays the incident of 2013 on this machine: storage that answers
// `?torrent`, caches that forget the query, and the probe. It explains each step on
// w and ends with a table. Anything that went otherwise than it must is a [VerdictError].
func Drill(ctx context.Context, cfg config.Config, w io.Writer) (err error) {
	cfg.Resolve = nil
	if cfg.ProbeEvery == 0 || cfg.ProbeEvery == config.DefaultProbeEvery {
		cfg.ProbeEvery = drillRound
	}
	a, err := New(cfg, true)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, a.Close()) }()
	d := &drill{app: a, out: w}
	if err := d.build(ctx); err != nil {
		return err
	}
	ctx, cancel := context.WithCancel(ctx)
	tasks, ctx := errgroup.WithContext(ctx)
	for _, e := range d.edges {
		tasks.Go(func() error { return e.server.Run(ctx) })
	}
	tasks.Go(func() error { return a.session.Run(ctx) })
	tasks.Go(func() error { return a.gateway.Run(ctx) })
	tasks.Go(func() error { return a.prober.Run(ctx) })
	tasks.Go(func() error {
		defer cancel()
		return d.play(ctx)
	})
	return tasks.Wait()
}

// build publishes the sample assets and puts four caches up: in front of storage
// and of our gateway, each honouring headers (A) and forcing a lifetime (B).
func (d *drill) build(ctx context.Context) error {
	a := d.app
	manifest, err := demo.Write(filepath.Join(a.temp, "assets"))
	if err != nil {
		return err
	}
	if _, err := a.add(ctx, manifest); err != nil {
		return err
	}
	storage, err := a.storage(ctx)
	if err != nil {
		return err
	}
	for _, e := range []struct {
		name     string
		ours     bool
		upstream http.Handler
		lifetime time.Duration
	}{
		{"storage, mode A", false, storage, 0},
		{"storage, mode B", false, storage, drillLifetime},
		{"gateway, mode A", true, a.gateway.Handler(), 0},
		{"gateway, mode B", true, a.gateway.Handler(), drillLifetime},
	} {
		c := edge.NewCache(edge.CacheConfig{Upstream: e.upstream, Now: time.Now, ForgetQuery: true, Lifetime: e.lifetime})
		s, err := edge.NewServer(c)
		if err != nil {
			return err
		}
		d.edges = append(d.edges, &drillEdge{name: e.name, ours: e.ours, cache: c, server: s})
	}
	button, ok := a.session.AssetAt(demoButton)
	if !ok {
		return fmt.Errorf("drill: %s is not published", demoButton)
	}
	var urls []string
	for _, e := range d.edges {
		urls = append(urls, e.url())
	}
	_, err = a.session.Add(session.Spec{InfoHash: button.InfoHash, URLs: swarm.Known(urls)})
	return err
}

// say writes a paragraph.
func (d *drill) say(format string, args ...any) {
	fmt.Fprintln(d.out, fmt.Sprintf(format, args...))
}

// play goes through the steps.
func (d *drill) play(ctx context.Context) error {
	d.say("In September 2013 a button's URL answered with a .torrent file, on a large part of the web, for days.")
	d.say("This is that incident again, on this machine alone.\n")
	for _, step := range []func(context.Context) error{d.publish, d.poison, d.attackOurs, d.mend} {
		if err := step(ctx); err != nil {
			return err
		}
	}
	return d.table()
}

// publish shows what there is before anything happens.
func (d *drill) publish(ctx context.Context) error {
	d.say("1  A button, published twice: in storage that answers `?torrent` with metainfo, as S3 did, and by our gateway.")
	d.say("   In front of each stand two caches whose key forgets the query: A honours headers, B forces a lifetime.")
	for _, e := range d.edges {
		d.say("     %-16s %s", e.name, e.url())
	}
	d.say("   The probe asks the four URLs every %s and compares with the bytes that the swarm verified.", d.app.cfg.ProbeEvery)
	if err := d.settle(ctx, "before the attack", func(*drillEdge) swarm.ProbeVerdict { return swarm.ProbeAtRisk }); err != nil {
		return err
	}
	d.say("   Nothing is wrong yet. But a query that nobody used before comes out of the cache: at risk.\n")
	return nil
}

// poison sends each cache the one request that poisons it, if it can be.
func (d *drill) poison(ctx context.Context) error {
	d.say("2  The caches are cold for a moment, and somebody asks for the torrent: GET %s?torrent", demoButton)
	began := time.Now()
	for _, e := range d.edges {
		attack := e.cache.Poison
		if e.ours {
			attack = e.askTorrent
		}
		if err := attack(ctx, e.url()); err != nil {
			return err
		}
	}
	if err := d.settle(ctx, "after the attack", poisoned); err != nil {
		return err
	}
	for _, p := range d.app.prober.Probes() {
		if e := d.edge(p.URL); p.Verdict.Wrong() && e != nil {
			e.took = p.Since.Sub(began)
			d.say("   %s: everybody gets the torrent. Seen after %s:", e.name, e.took.Round(10*time.Millisecond))
			d.say("     came    %s  (%s)", p.Evidence, p.Type)
			d.say("     wanted  %s  (%s)", p.Wanted, p.Expected)
			d.say("     again   %s", p.Curl)
		}
	}
	d.say("   The caches in front of our gateway made the same mistake and hold the button: there one path is one byte sequence.\n")
	return nil
}

// poisoned is what the probe must say of a cache that was attacked: those in front of
// our gateway hold the button still.
func poisoned(e *drillEdge) swarm.ProbeVerdict {
	if e.ours {
		return swarm.ProbeAtRisk
	}
	return swarm.ProbeWrongType
}

// mend gives the caches the query back.
func (d *drill) mend(ctx context.Context) error {
	d.say("4  The caches get the query back into their key and drop what they hold.")
	for _, e := range d.edges {
		e.cache.SetForgetQuery(false)
		if err := e.askTorrent(ctx, e.url()); err != nil {
			return err
		}
	}
	if err := d.settle(ctx, "after the mending", func(*drillEdge) swarm.ProbeVerdict { return swarm.ProbeFine }); err != nil {
		return err
	}
	d.say("   The same request poisons nothing any more, and the probe says so.\n")
	return nil
}

// attackOurs tries on our gateway what poisons others.
func (d *drill) attackOurs(ctx context.Context) error {
	d.say("3  Every other attack that is known, on cold caches in front of our gateway.")
	attacks := []struct {
		name, method, query string
		header              http.Header
	}{
		{"HEAD ?torrent", http.MethodHead, "?torrent", nil},
		{"a range of ?torrent", http.MethodGet, "?torrent", http.Header{"Range": {"bytes=0-10"}}},
		{"Accept: application/x-bittorrent", http.MethodGet, "", http.Header{"Accept": {"application/x-bittorrent"}}},
		{"Accept-Encoding: gzip", http.MethodGet, "", http.Header{"Accept-Encoding": {"gzip, br"}}},
		{"a cookie", http.MethodGet, "?format=torrent", http.Header{"Cookie": {"format=torrent"}}},
		{"Sec-Fetch-Dest: iframe", http.MethodGet, "?download=1", http.Header{"Sec-Fetch-Dest": {"iframe"}}},
	}
	for _, attack := range attacks {
		for _, e := range d.edges {
			if !e.ours {
				continue
			}
			if torrent, err := e.cache.Attack(ctx, attack.method, e.url()+attack.query, attack.header); err != nil {
				return err
			} else if torrent {
				d.bad = append(d.bad, e.name+": answered a torrent to "+attack.name)
			}
			probes, err := d.app.prober.Ask(ctx, e.url())
			if err != nil {
				return err
			}
			if v := probes[0].Verdict; v.Wrong() || v == swarm.ProbeUnreachable {
				d.bad = append(d.bad, fmt.Sprintf("%s: %s after %s", e.name, v, attack.name))
			}
		}
		d.say("     %s", attack.name)
	}
	if err := d.settle(ctx, "after all attacks", poisoned); err != nil {
		return err
	}
	d.say("   It holds the button still.\n")
	return nil
}

func (d *drill) edge(url string) *drillEdge {
	i := slices.IndexFunc(d.edges, func(e *drillEdge) bool { return e.url() == url })
	if i < 0 {
		return nil
	}
	return d.edges[i]
}

// settle waits until the probe says of every edge what it must, and notes what it
// says when the patience is over.
func (d *drill) settle(ctx context.Context, when string, must func(*drillEdge) swarm.ProbeVerdict) error {
	deadline := time.After(drillPatience)
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	began := time.Now()
	for {
		says := map[*drillEdge]swarm.ProbeVerdict{}
		settled := true
		for _, p := range d.app.prober.Probes() {
			if e := d.edge(p.URL); e != nil {
				says[e] = p.Verdict
				settled = settled && p.At.Or(time.Time{}).After(began)
			}
		}
		for _, e := range d.edges {
			settled = settled && says[e] == must(e)
		}
		over := false
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-deadline:
			over = true
		case <-tick.C:
		}
		if !settled && !over {
			continue
		}
		for _, e := range d.edges {
			e.seen = append(e.seen, says[e])
			if says[e] != must(e) {
				d.bad = append(d.bad, fmt.Sprintf("%s: %s %s, and must be %s", e.name, says[e], when, must(e)))
			}
		}
		return nil
	}
}

// table ends the drill.
func (d *drill) table() error {
	out := tabwriter.NewWriter(d.out, 0, 0, 3, ' ', 0)
	fmt.Fprintln(out, strings.Join([]string{"cache in front of", "before", "attacked", "all attacks", "mended", "seen after"}, "\t"))
	for _, e := range d.edges {
		row := []string{e.name}
		for _, v := range e.seen {
			row = append(row, v.String())
		}
		after := "nothing to see"
		if e.took > 0 {
			after = e.took.Round(10 * time.Millisecond).String()
		}
		fmt.Fprintln(out, strings.Join(append(row, after), "\t"))
	}
	if err := out.Flush(); err != nil {
		return err
	}
	if len(d.bad) > 0 {
		return VerdictError{"the drill did not go as it must: " + strings.Join(d.bad, "; ")}
	}
	d.say("\nEvery poisoned cache was caught, and nothing else was: %d of %d as it must be.", len(d.edges), len(d.edges))
	return nil
}
