// Package app puts swarmtop together: it starts the session, the announcer, the
// gateway, the tracker and the monitor, hands each what it needs of the others,
// and offers the commands that keys and command lines give.
package app

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"sync"

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

const userAgent = session.Name + "/" + session.Version

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
	defer func() {
		if err != nil {
			err = errors.Join(err, a.Close())
			a = nil
		}
	}()
	// Libraries that log by themselves must not write under the screen.
	slog.SetDefault(slog.New(slog.DiscardHandler))
	if err = a.prepare(); err != nil {
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
	a.startMonitor()
	return a, nil
}

// prepare sees to what the services need: settings, policy, folders and files.
func (a *App) prepare() (err error) {
	a.settings.theme = a.cfg.Theme
	if err = a.settings.judgeAgain(); err != nil {
		return err
	}
	a.settings.publish("", nil)
	if a.policy, err = policyOf(a.cfg); err != nil {
		return err
	}
	a.catalog = catalog.New(catalog.Config{Policy: a.policy, UserAgent: userAgent})
	if a.demo {
		if a.temp, err = os.MkdirTemp("", "swarmtop-demo-"); err != nil {
			return err
		}
		a.cfg.State = filepath.Join(a.temp, "state")
	}
	if a.cfg.Pprof != "" {
		if a.profiles, err = newProfiles(a.cfg.Pprof); err != nil {
			return err
		}
	}
	if a.cfg.Record != "" {
		if a.recorder, err = recording.NewRecorder(a.cfg.Record, a.log.Add, a.clock.Now); err != nil {
			return err
		}
	}
	if err = os.MkdirAll(a.cfg.State, 0o700); err != nil {
		return fmt.Errorf("create the state folder: %w", err)
	}
	a.ports = loadPorts(a.cfg.State)
	return a.fitRoom()
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
	tasks.Go(a.ports.save)
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
