package gateway

import (
	"context"
	"crypto/sha256"
	"fmt"
	"hash"
	"io"
	"maps"
	"slices"
	"sync"

	"swarmtop/swarm"
	"swarmtop/swarm/contenttype"
)

// audit remembers what was found out about the assets' bytes. All of it follows
// from the info hash and thus never changes; it is forgotten when the asset goes.
type audit struct {
	mu      sync.Mutex
	checks  map[checkKey]contenttype.Result
	digests map[assetKey]string // Repr-Digest values
	failing map[assetKey]bool   // those that could not be read the last time

	metainfo map[swarm.InfoHash]contenttype.Result

	verdicts map[swarm.InfoHash]swarm.Judged // of checks and metainfo; nil when they have changed since

	// Owned by sweep, when it left nothing to be checked the last time:
	swept []swarm.Asset // all that there were
	turn  uint64        // when they were asked for
}

// checkKey is an asset as one of the types that it is served with.
type checkKey struct {
	assetKey
	contentType string
}

// check judges the asset's first bytes against contentType, once.
func (g *Gateway) check(a swarm.Asset, contentType string, content io.ReaderAt) (contenttype.Result, error) {
	key := checkKey{keyOf(a), contentType}
	g.audit.mu.Lock()
	res, ok := g.audit.checks[key]
	g.audit.mu.Unlock()
	if ok {
		return res, nil
	}
	head := make([]byte, min(contenttype.HeadBytes, a.Size))
	if err := readFull(content, head); err != nil {
		return res, err
	}
	res = contenttype.Check(contentType, head)
	g.audit.mu.Lock()
	_, again := g.audit.checks[key]
	if g.audit.checks == nil {
		g.audit.checks = map[checkKey]contenttype.Result{}
	}
	g.audit.checks[key], g.audit.verdicts = res, nil
	g.audit.mu.Unlock()
	if !again && !res.Agrees() {
		g.log(swarm.Error, swarm.Clean(fmt.Sprintf("wrong content of %s in %s: %s: %s",
			a.Path, a.InfoHash.Short(), res.Reason, res.Evidence), 300))
	}
	return res, nil
}

// noteReading logs the first of several failures to read an asset.
func (g *Gateway) noteReading(a swarm.Asset, err error) {
	key := keyOf(a)
	g.audit.mu.Lock()
	before := g.audit.failing[key]
	switch {
	case err == nil:
		delete(g.audit.failing, key)
	case !before:
		if g.audit.failing == nil {
			g.audit.failing = map[assetKey]bool{}
		}
		g.audit.failing[key] = true
	}
	g.audit.mu.Unlock()
	if err != nil && !before {
		g.log(swarm.Warn, swarm.Clean(fmt.Sprintf("read %s of %s: %v", a.Path, a.InfoHash.Short(), err), 300))
	}
}

// sweep checks the complete assets that were not asked for yet, and forgets those
// that are gone. As long as the assets are those of the last time there is nothing to do.
func (g *Gateway) sweep(ctx context.Context) {
	turn := g.assets.Turn()
	if g.audit.swept != nil && turn == g.audit.turn {
		return
	}
	all := g.assets.Assets()
	g.audit.turn = turn
	if len(all) > 0 && slices.Equal(all, g.audit.swept) {
		return
	}
	g.audit.swept = nil
	left := false
	checks, assets, hashes := map[checkKey]bool{}, map[assetKey]bool{}, map[swarm.InfoHash]bool{}
	for _, a := range all {
		if assets[keyOf(a)] = true; !hashes[a.InfoHash] {
			hashes[a.InfoHash] = true
			left = !g.checkMetainfo(a.InfoHash) || left
		}
		types := []string{ContentType(a, false)}
		if a.Alias != "" {
			types = append(types, ContentType(a, true))
		}
		for _, t := range types {
			if ctx.Err() != nil {
				return
			}
			key := checkKey{keyOf(a), t}
			checks[key] = true
			if a.Complete && !g.audit.knows(key) {
				err := g.checkUnasked(a, t)
				g.noteReading(a, err)
				left = left || err != nil
			}
		}
	}
	if !left {
		g.audit.swept = all
	}
	g.audit.mu.Lock()
	defer g.audit.mu.Unlock()
	g.audit.verdicts = nil
	maps.DeleteFunc(g.audit.metainfo, func(h swarm.InfoHash, _ contenttype.Result) bool { return !hashes[h] })
	maps.DeleteFunc(g.audit.checks, func(k checkKey, _ contenttype.Result) bool { return !checks[k] })
	maps.DeleteFunc(g.audit.digests, func(k assetKey, _ string) bool { return !assets[k] })
	maps.DeleteFunc(g.audit.failing, func(k assetKey, _ bool) bool { return !assets[k] })
}

func (g *Gateway) checkUnasked(a swarm.Asset, contentType string) error {
	c, err := g.assets.Open(a)
	if err != nil {
		return err
	}
	defer c.Close()
	_, err = g.check(a, contentType, c)
	return err
}

// checkMetainfo judges the .torrent file of a swarm, once, and tells whether it is judged.
func (g *Gateway) checkMetainfo(h swarm.InfoHash) bool {
	g.audit.mu.Lock()
	_, known := g.audit.metainfo[h]
	g.audit.mu.Unlock()
	if known {
		return true
	}
	b, ok := g.assets.Metainfo(h)
	if ok {
		g.noteMetainfo(h, contenttype.Check(contenttype.Torrent, b))
	}
	return ok
}

// noteMetainfo keeps what a .torrent file was found to be.
func (g *Gateway) noteMetainfo(h swarm.InfoHash, res contenttype.Result) {
	g.audit.mu.Lock()
	defer g.audit.mu.Unlock()
	if g.audit.metainfo == nil {
		g.audit.metainfo = map[swarm.InfoHash]contenttype.Result{}
	}
	g.audit.metainfo[h], g.audit.verdicts = res, nil
}

func (u *audit) knows(key checkKey) bool {
	u.mu.Lock()
	defer u.mu.Unlock()
	_, ok := u.checks[key]
	return ok
}

// Verdicts tells for each swarm whether its assets are what they are served as, and
// whether its metainfo is some: bad when one is not, fine when all that were checked
// are. A swarm of which nothing was checked yet is missing, which reads as unknown.
// The map is never changed, and the same until something in it would be another.
func (g *Gateway) Verdicts() map[swarm.InfoHash]swarm.Judged {
	g.audit.mu.Lock()
	defer g.audit.mu.Unlock()
	if g.audit.verdicts != nil {
		return g.audit.verdicts
	}
	verdicts := map[swarm.InfoHash]swarm.Judged{}
	for key, res := range g.audit.checks {
		j := verdicts[key.hash]
		j.Gateway = j.Gateway.Worst(verdictOf(res))
		verdicts[key.hash] = j
	}
	for h, res := range g.audit.metainfo {
		j := verdicts[h]
		j.Metainfo = verdictOf(res)
		verdicts[h] = j
	}
	g.audit.verdicts = verdicts
	return verdicts
}

func verdictOf(res contenttype.Result) swarm.Verdict {
	if res.Agrees() {
		return swarm.Fine
	}
	return swarm.Bad
}

// digest returns the Repr-Digest of an asset, or "" while it is not known.
func (u *audit) digest(a swarm.Asset) string {
	u.mu.Lock()
	defer u.mu.Unlock()
	return u.digests[keyOf(a)]
}

// learn takes the digest of an asset from all of its bytes.
func (u *audit) learn(a swarm.Asset, bytes []byte) {
	sum := sha256.Sum256(bytes)
	u.setDigest(a, sum[:])
}

func (u *audit) setDigest(a swarm.Asset, sum []byte) {
	u.mu.Lock()
	defer u.mu.Unlock()
	if u.digests == nil {
		u.digests = map[assetKey]string{}
	}
	u.digests[keyOf(a)] = reprDigest(sum)
}

// learning returns r, which takes the digest of an asset too large for memory
// when it happens to be read from beginning to end; without one known already.
func (u *audit) learning(a swarm.Asset, r *io.SectionReader) io.ReadSeeker {
	if u.digest(a) != "" {
		return r
	}
	return &learningReader{SectionReader: r, hash: sha256.New(), learned: func(sum []byte) { u.setDigest(a, sum) }}
}

type learningReader struct {
	*io.SectionReader
	at, hashed int64
	hash       hash.Hash
	learned    func(sum []byte)
}

func (r *learningReader) Seek(offset int64, whence int) (int64, error) {
	at, err := r.SectionReader.Seek(offset, whence)
	r.at = at
	return at, err
}

func (r *learningReader) Read(p []byte) (int, error) {
	n, err := r.SectionReader.Read(p)
	if r.at == r.hashed && n > 0 {
		r.hash.Write(p[:n])
		r.hashed += int64(n)
		if r.hashed == r.Size() {
			r.learned(r.hash.Sum(nil))
		}
	}
	r.at += int64(n)
	return n, err
}
