package announce

import (
	"encoding/binary"
	"errors"
	"slices"
	"time"

	"swarmtop/swarm"
)

var errNoFiles = errors.New("no files or failure reason in it")

// parseScrape reads the answer to a scrape over HTTP (BEP 48). Swarms that were
// not asked for are passed over.
func parseScrape(body []byte, hashes []swarm.InfoHash) (scraped, error) {
	r := &reader{rest: body}
	s := scraped{figures: make([]figures, len(hashes))}
	useful, failure := false, ""
	err := r.dict(func(key []byte) error {
		switch string(key) {
		case "failure reason":
			if failure = r.optText(); failure == "" {
				failure = "no reason given"
			}
		case "files":
			useful = true
			return r.dict(func(hash []byte) error {
				i := slices.IndexFunc(hashes, func(h swarm.InfoHash) bool { return string(h[:]) == string(hash) })
				if i < 0 {
					return r.skip(0)
				}
				return s.figures[i].read(r)
			})
		case "flags":
			return s.readFlags(r)
		default:
			return r.skip(0)
		}
		return r.err
	})
	switch {
	case err != nil:
	case failure != "":
		err = reasonError(failure)
	case !useful:
		err = errNoFiles
	}
	return s, err
}

func (f *figures) read(r *reader) error {
	return r.dict(func(key []byte) error {
		switch string(key) {
		case "complete":
			f.seeders = r.optCount()
		case "incomplete":
			f.leechers = r.optCount()
		case "downloaded":
			f.downloads = r.optCount()
		default:
			return r.skip(0)
		}
		return r.err
	})
}

// readFlags reads how often a scrape is welcome.
func (s *scraped) readFlags(r *reader) error {
	if r.kind() != 'd' {
		return r.skip(0)
	}
	return r.dict(func(key []byte) error {
		if string(key) != "min_request_interval" {
			return r.skip(0)
		}
		s.wait = r.optSeconds().Or(0)
		return r.err
	})
}

// parsePackedScrape reads the answer to a scrape over UDP, behind its header
// (BEP 15): the swarms in the order in which they were asked for.
func parsePackedScrape(body []byte, hashes int) scraped {
	s := scraped{figures: make([]figures, hashes)}
	for i := range min(hashes, len(body)/12) {
		count := func(k int) swarm.Opt[int] { return packedCount(body[12*i+4*k:]) }
		s.figures[i] = figures{seeders: count(0), downloads: count(1), leechers: count(2)}
	}
	return s
}

// parsePackedAnswer reads the answer to an announce over UDP, behind its header
// (BEP 15), with addresses of size bytes.
func parsePackedAnswer(body []byte, size int) (answer, error) {
	if len(body) < 12 {
		return answer{}, garbageError("the announce's answer is too short")
	}
	seconds := packedCount(body).Or(0)
	a := answer{
		interval: swarm.Known(min(time.Duration(seconds)*time.Second, maxInterval)),
		leechers: packedCount(body[4:]), seeders: packedCount(body[8:]),
	}
	a.addPacked(body[12:], size)
	return a, nil
}

// packedCount reads a signed number of 32 bits; a negative one is unknown.
func packedCount(b []byte) (n swarm.Opt[int]) {
	if v := int32(binary.BigEndian.Uint32(b)); v >= 0 {
		n = swarm.Known(int(v))
	}
	return n
}
