package session

import (
	"errors"
	"fmt"
	"os"
	"slices"

	"swarmtop/swarm"
	"swarmtop/swarm/admit"
)

// Add joins a swarm, or publishes one, and tells whether it is new. What is known
// already gains the trackers, web seeds and names of the spec.
func (s *Session) Add(spec Spec) (added bool, err error) {
	if e := s.entry(spec.InfoHash); e != nil {
		return false, s.merge(e, spec)
	}
	s.take(spec.InfoHash)
	r := record{
		InfoHash:    spec.InfoHash,
		Name:        spec.Name,
		Widget:      spec.Widget,
		ContentType: spec.ContentType,
		Alias:       spec.Alias,
		Published:   spec.Publish,
		Trackers:    spec.Trackers,
		WebSeeds:    spec.WebSeeds,
		Foreign:     spec.Foreign,
		Trusted:     spec.Trusted.Or(false),
		Typed:       spec.Typed,
		Manifest:    spec.Manifest,
		Seeding:     s.cfg.Seed && spec.Seed.Or(true),
		Added:       s.cfg.Now(),
	}
	if spec.Torrent != nil {
		if err := s.state.saveMetainfo(spec.InfoHash, admit.EncodeMetainfo(spec.Torrent, nil, nil)); err != nil {
			return false, err
		}
	}
	if spec.Publish != "" {
		if err := s.importFile(spec.InfoHash, spec.Publish); err != nil {
			return false, err
		}
	}
	if spec.Torrent == nil {
		if err := s.resume(&r); err != nil { // with the metainfo of an earlier stay
			return false, err
		}
	} else {
		meta := *spec.Torrent
		meta.Trackers, meta.WebSeeds = nil, nil // the record has them
		s.start(&r, &meta)
	}
	s.mu.Lock()
	s.stored = slices.DeleteFunc(s.stored, func(r record) bool { return r.InfoHash == spec.InfoHash })
	s.mu.Unlock()
	if urls, ok := spec.URLs.Get(); ok {
		s.claimURLs(s.entry(spec.InfoHash), urls)
	}
	s.state.changed()
	return true, nil
}

func (s *Session) importFile(h swarm.InfoHash, path string) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	return s.blobs.Import(h, f)
}

// merge takes over what a repeated source says of a swarm that is here already.
func (s *Session) merge(e *entry, spec Spec) error {
	switch {
	case spec.Alias != "":
		s.claimAlias(e, spec.Alias)
	case spec.Manifest != "":
		s.releaseAlias(e)
	}
	if urls, ok := spec.URLs.Get(); ok {
		s.claimURLs(e, urls)
	}
	e.mu.Lock()
	r := &e.record
	if spec.Manifest != "" {
		r.Widget, r.ContentType = spec.Widget, spec.ContentType
	} else {
		r.Widget, r.ContentType = or(spec.Widget, r.Widget), or(spec.ContentType, r.ContentType)
	}
	r.Manifest = spec.Manifest // one that is named by itself too is no manifest's to put to rest
	r.Published = or(spec.Publish, r.Published)
	r.Trusted = spec.Trusted.Or(r.Trusted)
	r.Trackers = mergeTiers(r.Trackers, spec.Trackers)
	for _, u := range spec.WebSeeds {
		if !slices.Contains(r.WebSeeds, u) {
			r.WebSeeds = append(slices.Clip(r.WebSeeds), u)
		}
	}
	for _, u := range spec.Typed {
		if !slices.Contains(r.Typed, u) {
			r.Typed = append(slices.Clip(r.Typed), u)
		}
	}
	seeds := r.WebSeeds
	wantsInfo := e.meta == nil && spec.Torrent != nil
	e.mu.Unlock()

	if wantsInfo {
		t := s.enter(e)
		if t == nil {
			return fmt.Errorf("add %s: it is just being left", spec.InfoHash.Short())
		}
		if err := t.SetInfoBytes(spec.Torrent.InfoBytes); err != nil {
			return fmt.Errorf("add %s: %w", spec.InfoHash.Short(), err)
		}
	}
	merged, _ := e.info()
	s.learnTrust(&merged)
	s.addWebSeeds(e, seeds)
	s.wake(e)
	s.announce(e)
	s.state.changed()
	return nil
}

// resume begins with a swarm of the state folder.
func (s *Session) resume(r *record) error {
	meta, err := s.storedMetainfo(r)
	if err == nil {
		s.start(r, meta)
	}
	return err
}

// start begins with a swarm; without metainfo if that is still to come.
func (s *Session) start(r *record, meta *admit.Torrent) {
	e := newEntry(r, meta)
	s.mu.Lock()
	if s.swarms[r.InfoHash] != nil {
		s.mu.Unlock()
		return
	}
	s.swarms[r.InfoHash] = e
	s.comings++
	s.mu.Unlock()
	if r.Alias != "" {
		s.claimAlias(e, r.Alias)
	}
	if meta != nil {
		_ = s.open(e, meta) // for readers; check tells how it failed
	}
	s.learnTrust(r)
	s.addWebSeeds(e, r.WebSeeds)
	s.work.Go(func() error { s.follow(e); return nil })
}

func (s *Session) storedMetainfo(r *record) (*admit.Torrent, error) {
	b, err := s.state.metainfo.Get(r.InfoHash)
	if err != nil || b == nil {
		return nil, err
	}
	// What is stored was admitted when it came; only its info dictionary counts here.
	meta, err := admit.Metainfo(b, admit.Typed, s.cfg.Policy)
	if err == nil && meta.InfoHash != r.InfoHash {
		err = errors.New("metainfo on disk has another info hash")
	}
	if err != nil {
		return nil, err
	}
	return &meta, nil
}

func or(a, b string) string {
	if a != "" {
		return a
	}
	return b
}

func mergeTiers(have, more [][]string) [][]string {
	seen := map[string]bool{}
	for _, tier := range have {
		for _, u := range tier {
			seen[u] = true
		}
	}
	for _, tier := range more {
		var fresh []string
		for _, u := range tier {
			if !seen[u] {
				seen[u] = true
				fresh = append(fresh, u)
			}
		}
		if fresh != nil {
			have = append(have, fresh)
		}
	}
	return have
}
