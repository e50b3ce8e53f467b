package admit

import (
	"errors"
	"fmt"
	"slices"
	"time"

	"swarmtop/swarm"
)

// Metainfo admits the bytes of a .torrent file: v1 and hybrid torrents (BEP 3,
// BEP 52). trust is that of the URLs inside. A tracker or web seed that policy
// refuses is left out and told in Refused; the torrent goes on.
func Metainfo(b []byte, trust Trust, policy Policy) (Torrent, error) {
	if len(b) > MaxMetainfo {
		return Torrent{}, fmt.Errorf("metainfo: %d bytes, the limit is %d", len(b), MaxMetainfo)
	}
	v, err := check(slices.Clone(b))
	if err != nil {
		return Torrent{}, fmt.Errorf("metainfo: %w", err)
	}
	if !v.is('d') {
		return Torrent{}, fmt.Errorf("metainfo: %s is not a dictionary", quote(v))
	}
	fields := v.dict()
	info, given := fields["info"]
	if !given {
		return Torrent{}, errors.New("metainfo: no info dictionary")
	}
	t, err := admitInfo(info)
	if err != nil {
		return Torrent{}, fmt.Errorf("metainfo: %w", err)
	}
	t.Comment = text(fields["comment"])
	t.CreatedBy = text(fields["created by"])
	// Dates beyond the year 9999 have no RFC 3339 form.
	if sec, ok := fields["creation date"].integer(); ok && sec > 0 && sec < 253402300800 {
		t.Created = swarm.Known(time.Unix(sec, 0).UTC())
	}
	if layers := fields["piece layers"]; t.Hybrid && layers.is('d') {
		t.layers = layers
	}
	l := urlList{seen: map[string]bool{}}
	t.Trackers = l.tiers(announceTiers(fields), func(raw string) (string, error) { return policy.TrackerURL(raw, trust) })
	t.WebSeeds = l.webSeeds(fields["url-list"], func(raw string) (string, error) { return policy.WebSeedURL(raw, trust) })
	t.Refused = l.refused
	return t, nil
}

// announceTiers returns the tiers of announce-list, or of announce where the list is
// empty (BEP 12). A string in place of a tier, as some write it, is a tier of its own.
func announceTiers(fields map[string]value) [][]string {
	var tiers [][]string
	for item := range fields["announce-list"].items() {
		var tier []string
		if s, ok := item.string(); ok && !item.is('l') {
			tier = append(tier, string(s))
		}
		for url := range item.items() {
			if s, ok := url.string(); ok {
				tier = append(tier, string(s))
			}
		}
		tiers = append(tiers, tier)
	}
	if !slices.ContainsFunc(tiers, func(tier []string) bool {
		return slices.ContainsFunc(tier, func(u string) bool { return u != "" })
	}) {
		s, _ := fields["announce"].string()
		tiers = [][]string{{string(s)}}
	}
	return tiers
}

// urlList collects admitted URLs, each once, and a line for each one left out.
type urlList struct {
	seen    map[string]bool
	refused []error
}

func (l *urlList) refuse(err error) { l.refused = append(l.refused, err) }

func (l *urlList) tiers(tiers [][]string, admit func(string) (string, error)) [][]string {
	var out [][]string
	n := 0
	for _, tier := range tiers {
		var kept []string
		for _, raw := range tier {
			if raw == "" {
				continue
			}
			if n++; n > maxTrackers {
				continue
			}
			u, err := admit(raw)
			if err != nil {
				l.refuse(err)
			} else if !l.seen[u] {
				l.seen[u] = true
				kept = append(kept, u)
			}
		}
		if len(kept) > 0 {
			out = append(out, kept)
		}
	}
	if n > maxTrackers {
		l.refuse(fmt.Errorf("%d trackers: those after the first %d are left out", n, maxTrackers))
	}
	return out
}

// webSeeds reads url-list, a string or a list of them (BEP 19).
func (l *urlList) webSeeds(v value, admit func(string) (string, error)) []string {
	var raws []string
	if s, ok := v.string(); ok && !v.is('l') {
		raws = []string{string(s)}
	}
	for item := range v.items() {
		s, _ := item.string()
		raws = append(raws, string(s))
	}
	raws = slices.DeleteFunc(raws, func(s string) bool { return s == "" })
	if n := len(raws); n > maxWebSeeds {
		l.refuse(fmt.Errorf("%d web seeds: those after the first %d are left out", n, maxWebSeeds))
		raws = raws[:maxWebSeeds]
	}
	var kept []string
	for _, raw := range raws {
		u, err := admit(raw)
		if err != nil {
			l.refuse(err)
		} else if !slices.Contains(kept, u) {
			kept = append(kept, u)
		}
	}
	return kept
}
