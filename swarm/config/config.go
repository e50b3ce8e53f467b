// Package config is what the user can set: one struct, its defaults, and the
// flags and environment variables that change it.
package config

import (
	"fmt"
	"net/netip"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/adrg/xdg"
	"github.com/spf13/pflag"
)

// Config is everything that flags and environment set. A listen address that was
// not asked for is empty: its default may give way to a free port.
type Config struct {
	Manifest string
	State    string // folder; empty for the usual one
	Save     string // folder; empty for none

	Listen        string // gateway
	TLSCert       string
	TLSKey        string
	PublicURL     string
	AllowHosts    []string
	PeerListen    string
	TrackerListen string
	OpenTracker   bool
	Trackers      []string
	AllowNet      []string
	DenyNet       []string
	CacheBytes    int64
	AccessLog     string // file; empty for none
	ProbeEvery    time.Duration
	Resolve       []string // HOST:PORT:ADDR, as curl has it

	NoSeed   bool
	DHT      bool
	LSD      bool
	NoScreen bool
	JSON     bool
	Theme    string
	Symbols  string // braille, block or ascii; empty for what the terminal can show
	Record   string // file; empty for none
	Pprof    string // loopback address; empty for none

	UntilComplete bool // end once everything is complete
}

// DefaultCacheBytes is the room for finished assets in memory.
const DefaultCacheBytes = 64 << 20

// DefaultProbeEvery is the time between two probes of a public URL.
const DefaultProbeEvery = time.Minute

// leastProbeEvery keeps the probe polite.
const leastProbeEvery = time.Second

// Flags adds the flags that set c.
func (c *Config) Flags(f *pflag.FlagSet) {
	f.SortFlags = false
	f.StringVar(&c.Manifest, "manifest", "", "TOML `file` that names the assets (default $XDG_CONFIG_HOME/swarmtop/manifest.toml if it exists)")
	f.StringVar(&c.State, "state", "", "`folder` where swarms and their bytes are kept (default $XDG_STATE_HOME/swarmtop)")
	f.StringVar(&c.Save, "save", "", "`folder` that also gets finished assets, under their own names")
	f.StringVar(&c.Listen, "listen", "", "`address` of the HTTP gateway (default 127.0.0.1:8413)")
	f.StringVar(&c.TLSCert, "tls-cert", "", "certificate `file` for HTTPS on the gateway")
	f.StringVar(&c.TLSKey, "tls-key", "", "key `file` for HTTPS on the gateway")
	f.StringVar(&c.PublicURL, "public-url", "", "`URL` by which the world reaches the gateway")
	f.StringArrayVar(&c.AllowHosts, "allow-host", nil, "further host `name` that the gateway answers to (may be repeated)")
	f.StringVar(&c.PeerListen, "peer-listen", "", "`address` for BitTorrent peers (default all interfaces, port 42413)")
	f.StringVar(&c.TrackerListen, "tracker-listen", "", "`address` of the embedded tracker (default 127.0.0.1:6969 once something is published)")
	f.BoolVar(&c.OpenTracker, "open-tracker", false, "let the embedded tracker serve any swarm, not only those published here")
	f.StringArrayVar(&c.Trackers, "tracker", nil, "announce `URL` for what is published and for what came without trackers (may be repeated)")
	f.StringArrayVar(&c.AllowNet, "allow-net", nil, "`CIDR` that URLs of torrents may lead to (may be repeated)")
	f.StringArrayVar(&c.DenyNet, "deny-net", nil, "`CIDR` that is never connected to (may be repeated)")
	f.BoolVar(&c.NoSeed, "no-seed", false, "start with seeding off")
	f.BoolVar(&c.DHT, "dht", false, "find peers in the distributed hash table too (never for private torrents)")
	f.BoolVar(&c.LSD, "lsd", false, "find peers in the local network too, by multicast (never for private torrents)")
	f.Int64Var(&c.CacheBytes, "cache-bytes", DefaultCacheBytes, "verified `bytes` of assets kept in memory")
	f.StringVar(&c.AccessLog, "access-log", "", "`file` that gets a line of JSON for each response of the gateway")
	f.DurationVar(&c.ProbeEvery, "probe-every", DefaultProbeEvery, "`time` between two probes of a public URL; 0 for none")
	f.StringArrayVar(&c.Resolve, "resolve", nil, "`HOST:PORT:ADDR` of the one edge that is to be probed (may be repeated)")
	f.StringVar(&c.Record, "record", "", "`file` that snapshots are appended to, for swarmtop replay")
	f.StringVar(&c.Pprof, "pprof", "", "loopback `address` that serves the profiles of Go's net/http/pprof")
	f.BoolVar(&c.NoScreen, "no-screen", false, "a plain line of totals every few seconds instead of the screen")
	f.BoolVar(&c.JSON, "json", false, "a JSON snapshot a line each second instead of the screen")
	f.BoolVar(&c.UntilComplete, "until-complete", false, "end once everything is complete; with 1 if something failed")
	f.StringVar(&c.Symbols, "symbols", "", "`kind` of characters: braille, block or ascii (default by terminal and locale)")
	f.StringVar(&c.Theme, "theme", "", "colour theme: a `name` or a TOML file (default by the terminal's background)")
}

// Environment sets flags that were not given from the variables SWARMTOP_…, as
// SWARMTOP_PEER_LISTEN for --peer-listen. Values of flags that may be repeated
// are separated by spaces.
func Environment(f *pflag.FlagSet, getenv func(string) string) error {
	var err error
	f.VisitAll(func(flag *pflag.Flag) {
		if flag.Name == "help" || flag.Name == "version" {
			return // no settings: an image that notes its SWARMTOP_VERSION means no flag
		}
		name := "SWARMTOP_" + strings.ToUpper(strings.ReplaceAll(flag.Name, "-", "_"))
		value := getenv(name)
		if flag.Changed || value == "" || err != nil {
			return
		}
		values := []string{value}
		if flag.Value.Type() == "stringArray" {
			values = strings.Fields(value)
		}
		for _, v := range values {
			if e := f.Set(flag.Name, v); e != nil {
				err = fmt.Errorf("%s: %w", name, e)
			}
		}
	})
	return err
}

// Check returns the first mistake that can be seen without doing anything, and
// fills in the folders that were not named.
func (c *Config) Check() error {
	if (c.TLSCert == "") != (c.TLSKey == "") {
		return fmt.Errorf("--tls-cert and --tls-key go together")
	}
	if c.NoScreen && c.JSON {
		return fmt.Errorf("--no-screen and --json exclude each other")
	}
	if u, err := url.Parse(c.PublicURL); c.PublicURL != "" && (err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https") {
		return fmt.Errorf("--public-url %q: not an http or https URL", c.PublicURL)
	}
	if c.CacheBytes < 0 {
		return fmt.Errorf("--cache-bytes %d: must not be negative", c.CacheBytes)
	}
	if c.ProbeEvery != 0 && c.ProbeEvery < leastProbeEvery {
		return fmt.Errorf("--probe-every %s: must be %s or more, or 0", c.ProbeEvery, leastProbeEvery)
	}
	if c.Pprof != "" {
		if at, err := netip.ParseAddrPort(c.Pprof); err != nil || !at.Addr().IsLoopback() {
			return fmt.Errorf("--pprof %q: not a loopback address such as 127.0.0.1:6060", c.Pprof)
		}
	}
	if _, err := Edges(c.Resolve); err != nil {
		return err
	}
	if _, err := Prefixes("--allow-net", c.AllowNet); err != nil {
		return err
	}
	if _, err := Prefixes("--deny-net", c.DenyNet); err != nil {
		return err
	}
	if c.State == "" {
		c.State = filepath.Join(xdg.StateHome, "swarmtop")
	}
	return nil
}

// DefaultManifest returns the manifest in the user's configuration folder, or ""
// if there is none.
func DefaultManifest() string {
	path := filepath.Join(xdg.ConfigHome, "swarmtop", "manifest.toml")
	if _, err := os.Stat(path); err != nil {
		return ""
	}
	return path
}

// Prefixes parses the values of a flag that takes networks; a plain address is a
// network of one.
func Prefixes(flag string, values []string) ([]netip.Prefix, error) {
	var all []netip.Prefix
	for _, v := range values {
		p, err := netip.ParsePrefix(v)
		if addr, addrErr := netip.ParseAddr(v); err != nil && addrErr == nil {
			p, err = addr.Prefix(addr.BitLen())
		}
		if err != nil {
			return nil, fmt.Errorf("%s %q: not a network such as 10.0.0.0/8", flag, v)
		}
		all = append(all, p.Masked())
	}
	return all, nil
}
