// Package app puts swarmtop together: it starts the session, the announcer, the
// gateway, the tracker and the monitor, hands each what it needs of the others,
// and offers the commands that keys and command lines give.
package app

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"swarmtop/swarm"
	"swarmtop/swarm/admit"
	"swarmtop/swarm/announce"
	"swarmtop/swarm/catalog"
	"swarmtop/swarm/config"
	"swarmtop/swarm/demo/edge"
	"swarmtop/swarm/gateway"
	"swarmtop/swarm/monitor"
	"swarmtop/swarm/probe"
	"swarmtop/swarm/recording"
	"swarmtop/swarm/session"
	"swarmtop/swarm/tracker"
)

// First ports of the services; see [ports.listen].
const (
	gatewayPort = 8413
	peerPort    = 42413
	trackerPort = 6969
)

// App is swarmtop without its screen.
type App struct {
	cfg       config.Config
	demo      bool
	policy    admit.Policy
	log       *monitor.Log
	ports     *ports
	session   *session.Session
	announcer *announce.Announcer
	gateway   *gateway.Gateway
	prober    *probe.Prober
	monitor   *monitor.Monitor
	catalog   *catalog.Catalog
	room      room
	shortage  string // see [App.Shortage]
	clock     *clock
	recorder  *recording.Recorder // nil without --record
	profiles  *profiles           // nil without --pprof
	settings  settings
	again     chan struct{} // capacity one: the manifests are to be read again
	ended     chan struct{} // capacity one: a swarm has completed or failed

	mu         sync.Mutex
	tracker    *tracker.Tracker       // nil until something is published
	runTracker func(*tracker.Tracker) // nil until Run
	temp       string                 // folder to be removed at the end
	origin     *edge.Origin           // of the demo's button; nil until it is published
	edge       *edge.Cache            // in front of it
	edgeURL    string
}

// New binds every address and takes up what the state folder holds. With demo set
// the state folder is a temporary one and everything listens on loopback.
func New(cfg config.Config, demo bool) (a *App, err error) {
	a = &App{cfg: cfg, demo: demo, clock: newClock(), again: make(chan struct{}, 1), ended: make(chan struct{}, 1)}
	a.log = monitor.NewLog(a.clock.Now)
	a.settings.theme = cfg.Theme
	if err = a.settings.judgeAgain(); err != nil {
		return a, err
	}
	a.settings.publish("", nil)
	defer func() {
		if err != nil {
			err = errors.Join(err, a.Close())
			a = nil
		}
	}()
	// Libraries that log by themselves must not write under the screen.
	slog.SetDefault(slog.New(slog.DiscardHandler))

	if demo {
		if a.temp, err = os.MkdirTemp("", "swarmtop-demo-"); err != nil {
			return a, err
		}
		a.cfg.State = filepath.Join(a.temp, "state")
	}
	if a.policy, err = policyOf(cfg); err != nil {
		return a, err
	}
	a.catalog = catalog.New(catalog.Config{Policy: a.policy, UserAgent: userAgent})
	if cfg.Pprof != "" {
		if a.profiles, err = newProfiles(cfg.Pprof); err != nil {
			return a, err
		}
	}
	if cfg.Record != "" {
		if a.recorder, err = recording.NewRecorder(cfg.Record, a.log.Add, a.clock.Now); err != nil {
			return a, err
		}
	}
	if err = os.MkdirAll(a.cfg.State, 0o700); err != nil {
		return a, fmt.Errorf("create the state folder: %w", err)
	}
	a.ports = loadPorts(a.cfg.State)
	if err = a.fitRoom(); err != nil {
		return a, err
	}
	if err = a.startSession(); err != nil {
		return a, err
	}
	if err = a.startGateway(); err != nil {
		return a, err
	}
	if demo || cfg.TrackerListen != "" || cfg.OpenTracker || a.session.Publishes() {
		if err = a.startTracker(); err != nil {
			return a, err
		}
	}
	a.startAnnouncer()
	a.session.Resume(a.announcer)
	if err = a.startProber(); err != nil {
		return a, err
	}
	a.monitor = monitor.New(monitor.Config{
		Session:    a.session,
		Trackers:   a.announcer,
		Gateway:    a.gateway,
		Probes:     a.prober,
		Limit:      a.session.UploadLimit,
		Failed:     a.session.FailedPeers,
		Log:        a.log,
		GatewayURL: a.publicGateway(),
		TrackerURL: a.trackerURL,
		Demo:       demo,
		DHT:        cfg.DHT,
		Now:        a.clock.Now,
	})
	return a, nil
}

// piecesShare is the part of --cache-bytes, one in so many, that keeps pieces for
// peers; the rest keeps whole assets for the gateway.
const piecesShare = 4

// How often the embedded tracker asks its clients to come back.
const (
	announceEvery     = 10 * time.Minute
	demoAnnounceEvery = 8 * time.Second
)

const userAgent = session.Name + "/" + session.Version

func (a *App) startSession() error {
	host := ""
	if a.demo {
		host = "127.0.0.1"
	}
	return a.ports.listen("peers", a.cfg.PeerListen, host, peerPort, func(addr string) (int, error) {
		s, err := session.New(session.Config{
			Dir:         a.cfg.State,
			SaveDir:     a.cfg.Save,
			PeerListen:  addr,
			MaxPeers:    a.room.peers,
			CacheBytes:  a.cfg.CacheBytes / piecesShare,
			DHT:         a.cfg.DHT,
			LSD:         a.cfg.LSD,
			NoPEX:       a.demo,
			Seed:        !a.cfg.NoSeed,
			OwnTrackers: a.ownTrackers,
			WebSeedFor:  a.webSeedFor,
			Describe: func(f swarm.Asset) (string, string) {
				if f.Alias != "" {
					return gateway.ContentType(f, true), gateway.AliasURL(f)
				}
				return gateway.ContentType(f, false), gateway.AssetURL(f)
			},
			Ended: func() {
				select {
				case a.ended <- struct{}{}:
				default:
				}
			},
			Policy: a.policy,
			Now:    a.clock.Now,
			Log:    a.log.Add,
		})
		if err != nil {
			return 0, err
		}
		a.session = s
		return int(s.Port()), nil
	})
}

func (a *App) startGateway() error {
	hosts := a.cfg.AllowHosts
	if a.cfg.PublicURL != "" {
		u, err := url.Parse(a.cfg.PublicURL)
		if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
			return fmt.Errorf("--public-url %q: not an http or https URL", a.cfg.PublicURL)
		}
		hosts = append(hosts, u.Hostname())
	}
	demoAsset := ""
	if a.demo {
		demoAsset = demoButton
	}
	return a.ports.listen("gateway", a.cfg.Listen, "127.0.0.1", gatewayPort, func(addr string) (int, error) {
		g, err := gateway.New(gateway.Config{
			Listen:     addr,
			MaxConns:   a.room.readers,
			Assets:     a.session,
			Hosts:      hosts,
			TLSCert:    a.cfg.TLSCert,
			TLSKey:     a.cfg.TLSKey,
			CacheBytes: a.cfg.CacheBytes - a.cfg.CacheBytes/piecesShare,
			Demo:       demoAsset,
			AccessLog:  a.cfg.AccessLog,
			Now:        a.clock.Now,
			Log:        a.log.Add,
		})
		if err != nil {
			return 0, err
		}
		a.gateway = g
		return portOf(g.URL()), nil
	})
}

// startTracker starts the embedded tracker unless it runs already.
func (a *App) startTracker() error {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.tracker != nil {
		return nil
	}
	allowed, interval := a.session.Published, announceEvery
	if a.demo {
		interval = demoAnnounceEvery
	}
	if a.demo || a.cfg.OpenTracker {
		allowed = nil
	}
	return a.ports.listen("tracker", a.cfg.TrackerListen, "127.0.0.1", trackerPort, func(addr string) (int, error) {
		t, err := tracker.New(tracker.Config{
			Listen:      addr,
			Allowed:     allowed,
			Interval:    interval,
			MinInterval: interval / 4,
			MaxConns:    a.room.announces,
			PublicHost:  a.publicHost(),
			State:       filepath.Join(a.cfg.State, "tracker"),
			Now:         a.clock.Awake,
			Log:         a.log.Add,
		})
		if err != nil {
			return 0, err
		}
		a.tracker = t
		if a.runTracker != nil {
			a.runTracker(t)
		}
		return int(t.Addr().Port()), nil
	})
}

func (a *App) startAnnouncer() {
	a.announcer = announce.New(announce.Config{
		Swarms:    progress{a.session},
		PeerID:    a.session.PeerID(),
		Port:      a.session.Port(),
		UserAgent: userAgent,
		Client:    a.trackerClients(),
		Resolve:   a.resolveTracker,
		Now:       a.clock.Now,
		Log:       a.log.Add,
	})
}

// progress gives the announcer what it needs of the session, in its own words.
type progress struct{ *session.Session }

func (p progress) Progress(h swarm.InfoHash) (announce.Progress, bool) {
	up, down, left, ok := p.Session.Progress(h)
	return announce.Progress{Uploaded: up, Downloaded: down, Left: left}, ok
}

// Snapshots returns the source of snapshots for screens and reports.
func (a *App) Snapshots() *monitor.Monitor { return a.monitor }

// Run keeps everything going until ctx ends or a part fails. The embedded tracker
// goes last, so that it hears our own `stopped`.
func (a *App) Run(ctx context.Context) error {
	trackerCtx, stopTracker := context.WithCancel(context.WithoutCancel(ctx))
	defer stopTracker()
	var last errgroup.Group
	tasks, ctx := errgroup.WithContext(ctx)
	a.mu.Lock()
	a.runTracker = func(t *tracker.Tracker) {
		last.Go(func() error {
			err := t.Run(trackerCtx)
			if err != nil {
				a.log.Add(swarm.Error, "the embedded tracker has stopped: "+err.Error())
			}
			return err
		})
	}
	if a.tracker != nil {
		a.runTracker(a.tracker)
	}
	a.mu.Unlock()
	tasks.Go(func() error { a.clock.run(ctx, a.log.Add); return nil })
	tasks.Go(func() error { return a.session.Run(ctx) })
	tasks.Go(func() error { return a.gateway.Run(ctx) })
	tasks.Go(func() error { return a.announcer.Run(ctx) })
	tasks.Go(func() error { return a.monitor.Run(ctx) })
	if a.profiles != nil {
		tasks.Go(func() error { return a.profiles.run(ctx) })
	}
	if a.recorder != nil {
		tasks.Go(func() error { return a.recorder.Run(ctx, a.monitor) })
	}
	tasks.Go(func() error { a.watchManifests(ctx); return nil })
	tasks.Go(func() error { a.giveBack(ctx); return nil })
	if a.cfg.ProbeEvery > 0 {
		tasks.Go(func() error { return a.prober.Run(ctx) })
	}
	if a.demo {
		tasks.Go(func() error { return a.runDemo(ctx) })
	}
	err := tasks.Wait()
	stopTracker()
	return errors.Join(err, last.Wait())
}

// Close lets go of the state folder and, in the demo, removes it. It is called
// after Run has returned.
func (a *App) Close() error {
	var errs []error
	if a.session != nil {
		errs = append(errs, a.session.Close())
	}
	if a.profiles != nil {
		a.profiles.close()
	}
	if a.recorder != nil {
		errs = append(errs, a.recorder.Close())
	}
	if a.temp != "" {
		errs = append(errs, os.RemoveAll(a.temp))
	}
	return errors.Join(errs...)
}

// publicHost is the host by which the world reaches this machine; empty if unknown.
func (a *App) publicHost() string {
	u, err := url.Parse(a.cfg.PublicURL)
	if err != nil {
		return ""
	}
	return u.Hostname()
}

// publicGateway is the base URL of the gateway as it is shown and linked.
func (a *App) publicGateway() string {
	if a.cfg.PublicURL != "" {
		return strings.TrimRight(a.cfg.PublicURL, "/")
	}
	return a.gateway.URL()
}

// trackerURL is the announce URL of the embedded tracker; empty while it does not run.
func (a *App) trackerURL() string {
	a.mu.Lock()
	t := a.tracker
	a.mu.Unlock()
	if t == nil {
		return ""
	}
	host := a.publicHost()
	if host == "" {
		return t.URL()
	}
	return "http://" + net.JoinHostPort(host, fmt.Sprint(t.Addr().Port())) + "/announce"
}

// ownTrackers are those of --tracker and, where it serves the swarm, the embedded one.
func (a *App) ownTrackers(published bool) []string {
	var all []string
	if u := a.trackerURL(); u != "" && (published || a.cfg.OpenTracker) {
		all = append(all, u)
	}
	return append(all, a.cfg.Trackers...)
}

// webSeedFor is the public URL from which an asset can be fetched, to which a
// client appends the torrent's name (BEP 19); empty without --public-url.
func (a *App) webSeedFor(f swarm.Asset) string {
	if a.cfg.PublicURL == "" {
		return ""
	}
	return a.publicGateway() + "/w/" + f.InfoHash.String() + "/"
}

func portOf(rawURL string) int {
	u, err := url.Parse(rawURL)
	if err != nil {
		return 0
	}
	p, _ := net.LookupPort("tcp", u.Port())
	return p
}
