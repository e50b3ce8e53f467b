package session

import (
	"slices"

	"swarmtop/swarm"
)

// PutToRest puts the swarms to rest that came from a manifest which names them no
// more: named are those that it does name. One at rest sends, fetches and announces
// nothing, and has neither widget, path nor public URLs; its bytes stay. [Session.Add]
// wakes it, its switch as it was left, and [Session.SetSeeding] does. The names of those
// put to rest are returned.
func (s *Session) PutToRest(manifest string, named []swarm.InfoHash) (names []string) {
	for _, e := range s.entries() {
		if slices.Contains(named, e.hash) || !e.rest(manifest) {
			continue
		}
		s.releaseAlias(e)
		s.claimURLs(e, nil)
		s.announcer.SetActive(e.hash, s.active(e))
		names = append(names, e.name())
	}
	if names != nil {
		s.state.changed()
	}
	return names
}

// rest ends what a swarm does if its record says that the manifest named it, and
// tells whether it did.
func (e *entry) rest(manifest string) bool {
	e.mu.Lock()
	its := e.record.Manifest == manifest
	if its {
		e.record.Manifest, e.record.Widget, e.record.Resting = "", "", true
	}
	e.mu.Unlock()
	if its {
		e.permit()
	}
	return its
}

// wake ends a swarm's rest, if it is at rest.
func (s *Session) wake(e *entry) {
	e.mu.Lock()
	was := e.record.Resting
	e.record.Resting = false
	e.mu.Unlock()
	if was {
		e.permit()
		s.want(e)
	}
}

// gives tells whether a swarm sends what it has.
func (r *record) gives() bool { return r.Seeding && !r.Resting }

// releaseAlias takes a swarm's URL path away, if it has one.
func (s *Session) releaseAlias(e *entry) {
	s.mu.Lock()
	defer s.mu.Unlock()
	e.mu.Lock()
	defer e.mu.Unlock()
	if s.alias[e.record.Alias] == e.hash {
		delete(s.alias, e.record.Alias)
	}
	e.record.Alias = ""
}
