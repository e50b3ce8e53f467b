package session

import (
	"slices"
	"time"

	"swarmtop/swarm"
)

// formerURL is a public URL that another release has taken over.
type formerURL struct {
	URL   string    `json:"url"`
	Until time.Time `json:"until"`
}

// mostFormer bounds what is remembered of a swarm's former URLs; the oldest go first.
const mostFormer = 32

// claimURLs makes urls the public URLs of a swarm. A swarm that had one of them
// until now is the release before this one.
func (s *Session) claimURLs(e *entry, urls []string) {
	now := s.cfg.Now()
	for _, other := range s.entries() {
		other.mu.Lock()
		r := &other.record
		if other == e {
			r.URLs = slices.Clone(urls)
			r.Formerly = slices.DeleteFunc(slices.Clone(r.Formerly), func(f formerURL) bool { return slices.Contains(urls, f.URL) })
		} else if slices.ContainsFunc(r.URLs, func(u string) bool { return slices.Contains(urls, u) }) {
			var kept []string
			former := slices.Clone(r.Formerly)
			for _, u := range r.URLs {
				if slices.Contains(urls, u) {
					former = append(former, formerURL{u, now})
				} else {
					kept = append(kept, u)
				}
			}
			r.URLs, r.Formerly = kept, former[max(0, len(former)-mostFormer):]
		}
		other.mu.Unlock()
	}
}

// public tells whether a swarm has public URLs, or had some.
func (e *entry) public() bool {
	e.mu.Lock()
	defer e.mu.Unlock()
	return len(e.record.URLs)+len(e.record.Formerly) > 0
}

// Publications returns the public URLs of all assets, each once. A URL belongs to
// an asset that is its swarm's only file: a manifest names one asset a swarm.
func (s *Session) Publications() []swarm.Publication {
	var all []swarm.Publication
	former := map[string][]swarm.FormerRelease{}
	for _, e := range s.entries() {
		if !e.public() {
			continue
		}
		r, _ := e.info()
		asset := swarm.Asset{InfoHash: e.hash, Path: r.Name, ContentType: r.ContentType, Widget: r.Widget}
		switch files := s.assetsOf(e); len(files) {
		case 0: // the metadata is still to come
		case 1:
			asset = files[0]
		default:
			continue
		}
		for _, u := range r.URLs {
			all = append(all, swarm.Publication{URL: u, Asset: asset})
		}
		for _, f := range r.Formerly {
			former[f.URL] = append(former[f.URL], swarm.FormerRelease{Asset: asset, Until: f.Until})
		}
	}
	for i := range all {
		f := former[all[i].URL]
		slices.SortFunc(f, func(a, b swarm.FormerRelease) int { return b.Until.Compare(a.Until) })
		all[i].Former = f
	}
	return all
}
