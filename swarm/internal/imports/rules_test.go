package imports

import (
	"fmt"
	"path"
	"slices"
	"strings"
)

const module = "swarmtop"

// rule tells what a package may import besides the standard library and packages
// nested in it. Packages without a rule follow that of the nearest one above them.
type rule struct {
	own  []string // packages of this module, reached directly or through others
	libs []string // modules or packages of others, with what is below them
	any  bool     // all of this module, and every library
}

// Libraries that more than one rule names.
const (
	torrent  = "github.com/anacrolix/torrent"
	metainfo = torrent + "/metainfo"
	bencode  = torrent + "/bencode"
	ansi     = "github.com/charmbracelet/x/ansi"
	profile  = "github.com/charmbracelet/colorprofile"
)

// helpers are small libraries that every package with input and output may use.
var helpers = []string{
	"code.dny.dev/ssrf",
	"github.com/adrg/xdg",
	"github.com/gofrs/flock",
	"github.com/google/renameio/v2",
	"golang.org/x/sync",
	"golang.org/x/time",
}

var rules = map[string]rule{
	"":                       {any: true},
	"swarm":                  {},
	"swarm/admit":            {own: []string{"swarm"}, libs: with(metainfo, bencode)},
	"swarm/session":          {own: []string{"swarm", "swarm/admit", "swarm/blob"}, libs: with(torrent, "github.com/RoaringBitmap/roaring/v2", "github.com/anacrolix/dht/v2", "github.com/anacrolix/log")},
	"swarm/blob":             {own: []string{"swarm", "swarm/admit"}, libs: with(torrent+"/storage", metainfo)},
	"swarm/announce":         {own: []string{"swarm", "swarm/admit"}, libs: with(bencode, torrent+"/tracker")},
	"swarm/tracker":          {own: []string{"swarm", "swarm/admit"}, libs: with(bencode)},
	"swarm/catalog":          {own: []string{"swarm", "swarm/admit"}, libs: with(metainfo, bencode, "github.com/pelletier/go-toml/v2")},
	"swarm/contenttype":      {libs: []string{"github.com/gabriel-vasile/mimetype"}},
	"swarm/gateway":          {own: []string{"swarm", "swarm/admit", "swarm/contenttype"}, libs: with()},
	"swarm/probe":            {own: []string{"swarm", "swarm/admit", "swarm/contenttype"}, libs: with()},
	"swarm/monitor":          {own: []string{"swarm"}, libs: with()},
	"swarm/recording":        {own: []string{"swarm"}, libs: with("github.com/klauspost/compress/zstd")},
	"swarm/config":           {own: []string{"swarm"}, libs: with("github.com/pelletier/go-toml/v2", "github.com/spf13/pflag")},
	"swarm/command":          {own: []string{"swarm/..."}, libs: []string{"github.com/spf13/cobra"}},
	"swarm/app":              {own: []string{"swarm/..."}, libs: with("github.com/dustin/go-humanize")}, // joins the parts for main
	"swarm/internal/held":    {libs: with(torrent+"/storage", metainfo)},
	"swarm/internal/uplink":  {libs: helpers},
	"swarm/internal/journal": {own: []string{"swarm"}, libs: helpers},
	"swarm/crowd":            {own: []string{"swarm", "swarm/admit", "swarm/tracker"}, libs: with(torrent, "github.com/dustin/go-humanize")},
	"swarm/demo":             {own: []string{"swarm/..."}, libs: with(torrent)},
	"theme":                  {libs: []string{"charm.land/lipgloss/v2", ansi, profile, "github.com/pelletier/go-toml/v2"}},
	"ui/draw":                {own: []string{"theme"}, libs: []string{ansi}},
	"ui/panes":               {own: []string{"swarm", "theme", "ui/draw"}, libs: []string{ansi}},
	"ui": {
		own:  []string{"swarm", "theme"},
		libs: []string{"charm.land/bubbletea/v2", "charm.land/bubbles/v2", "charm.land/lipgloss/v2", ansi, profile},
	},
	"ui/terminal": {libs: []string{"charm.land/bubbletea/v2", ansi, "github.com/charmbracelet/x/term"}},
	"ui/guard":    {own: []string{"swarm"}, libs: []string{ansi, "github.com/charmbracelet/x/term", "golang.org/x/sys/unix"}},
	"screenshots": {
		own:  []string{"swarm", "theme", "ui", "ui/..."},
		libs: []string{"charm.land/bubbletea/v2", "github.com/charmbracelet/ultraviolet", "github.com/charmbracelet/x/vt", "golang.org/x/image", profile},
	},
}

// bans hold for whole trees and at any distance.
var bans = []struct {
	tree    string
	imports []string
}{
	{"swarm", []string{module + "/ui", module + "/theme", "charm.land", "github.com/charmbracelet"}},
	{"ui", []string{torrent, "net/http"}},
	{"theme", []string{torrent, "net/http"}},
}

func with(libs ...string) []string { return append(libs, helpers...) }

// pkg is what `go list -json` tells of a package.
type pkg struct {
	ImportPath string
	Standard   bool
	Imports    []string // what its files name
	Deps       []string // the same and all that those import
}

// violations lists the imports that break a rule, a sentence each.
func violations(all []pkg) []string {
	standard := map[string]bool{"C": true}
	for _, p := range all {
		standard[p.ImportPath] = p.Standard
	}
	var found []string
	for _, p := range all {
		name, ours := inModule(p.ImportPath)
		if !ours {
			continue
		}
		home, r := ruleFor(name)
		for _, dep := range p.Deps {
			if own, ok := inModule(dep); ok && !r.allows(home, own) {
				found = append(found, fmt.Sprintf("%s reaches %s", p.ImportPath, dep))
			}
		}
		for _, lib := range p.Imports {
			if _, ok := inModule(lib); !ok && !standard[lib] && !r.any && !below(lib, r.libs) {
				found = append(found, fmt.Sprintf("%s imports %s", p.ImportPath, lib))
			}
		}
		for _, b := range bans {
			for _, dep := range p.Deps {
				if below(name, []string{b.tree}) && below(dep, b.imports) {
					found = append(found, fmt.Sprintf("%s reaches %s, which nothing under %s may", p.ImportPath, dep, b.tree))
				}
			}
		}
	}
	slices.Sort(found)
	return found
}

// ruleFor returns the rule of a package and the package that it is written for.
func ruleFor(name string) (string, rule) {
	for home := name; ; home = path.Dir(home) {
		if home == "." {
			home = ""
		}
		if r, ok := rules[home]; ok && (home != "" || name == "") {
			return home, r
		} else if home == "" {
			return name, rule{} // a package at the top that nobody has thought of
		}
	}
}

// allows tells whether the packages of home may reach the package own.
func (r rule) allows(home, own string) bool {
	if r.any || below(own, []string{home}) && (home != "swarm" || own == "swarm" || below(own, []string{"swarm/internal"})) {
		return true
	}
	for _, o := range r.own {
		if tree, whole := strings.CutSuffix(o, "/..."); own == o || whole && below(own, []string{tree}) {
			return true
		}
	}
	return below(home, []string{"swarm"}) && below(own, []string{"swarm/internal"})
}

// inModule returns the path of a package of this module below its root.
func inModule(importPath string) (string, bool) {
	if importPath == module {
		return "", true
	}
	return strings.CutPrefix(importPath, module+"/")
}

// below tells whether a path is one of roots or lies under one.
func below(p string, roots []string) bool {
	return slices.ContainsFunc(roots, func(root string) bool { return p == root || strings.HasPrefix(p, root+"/") })
}
