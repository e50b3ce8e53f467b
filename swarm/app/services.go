package app

import (
	"path/filepath"
	"slices"
	"time"

	"swarmtop/swarm"
	"swarmtop/swarm/announce"
	"swarmtop/swarm/gateway"
	"swarmtop/swarm/monitor"
	"swarmtop/swarm/session"
	"swarmtop/swarm/tracker"
)

// First ports of the services; see [ports.listen].
const (
	gatewayPort = 8413
	peerPort    = 42413
	trackerPort = 6969
)

// piecesShare is the part of --cache-bytes, one in so many, that keeps pieces for
// peers; the rest keeps whole assets for the gateway.
const piecesShare = 4

// How often the embedded tracker asks its clients to come back.
const (
	announceEvery     = 10 * time.Minute
	demoAnnounceEvery = 8 * time.Second
)

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
	if host := a.publicHost(); host != "" {
		hosts = append(slices.Clone(hosts), host)
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
	err := a.ports.listen("tracker", a.cfg.TrackerListen, "127.0.0.1", trackerPort, func(addr string) (int, error) {
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
	if err != nil || a.runTracker == nil {
		return err
	}
	return a.ports.save()
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

func (a *App) startMonitor() {
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
		Demo:       a.demo,
		DHT:        a.cfg.DHT,
		Now:        a.clock.Now,
	})
}

// progress gives the announcer what it needs of the session, in its own words.
type progress struct{ *session.Session }

func (p progress) Progress(h swarm.InfoHash) (announce.Progress, bool) {
	up, down, left, ok := p.Session.Progress(h)
	return announce.Progress{Uploaded: up, Downloaded: down, Left: left}, ok
}
