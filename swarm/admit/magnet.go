package admit

import (
	"encoding/base32"
	"errors"
	"fmt"
	"net/url"
	"strings"

	"swarmtop/swarm"
)

// Magnet is a magnet link that has passed the gate.
type Magnet struct {
	InfoHash swarm.InfoHash
	Name     string     // its display name, cut at a limit; empty for none
	Trackers [][]string // admitted URLs, each in a tier of its own
	Refused  []error    // what was left out, a line each
}

// ParseMagnet admits a magnet link (BEP 9) that names a v1 info hash, as 40
// hexadecimal digits or 32 of base32. trust is that of the trackers inside.
// Trackers that policy refuses are left out and told in Refused; so are sources,
// peers and web seeds.
func ParseMagnet(s string, trust Trust, policy Policy) (Magnet, error) {
	if len(s) > maxMagnet {
		return Magnet{}, fmt.Errorf("magnet: %d bytes, the limit is %d", len(s), maxMagnet)
	}
	const scheme = "magnet:?"
	if len(s) < len(scheme) || !strings.EqualFold(s[:len(scheme)], scheme) {
		return Magnet{}, fmt.Errorf("magnet: %s does not begin with %s", quote(s), scheme)
	}
	var m Magnet
	var topics, trackers []string
	told := map[string]bool{}
	for pair := range strings.SplitSeq(s[len(scheme):], "&") {
		key, escaped, _ := strings.Cut(pair, "=")
		val, err := url.QueryUnescape(escaped)
		if err != nil {
			return Magnet{}, fmt.Errorf("magnet: %s: %s is not well escaped", quote(key), quote(escaped))
		}
		switch key = plainKey(key); key {
		case "xt":
			topics = append(topics, val)
		case "tr":
			trackers = append(trackers, val)
		case "dn":
			m.Name = text(appendString(nil, val))
		case "xs", "as", "x.pe", "ws": // they lead to more addresses than the user sees
			if !told[key] {
				told[key] = true
				m.Refused = append(m.Refused, fmt.Errorf("%s: %s is left out, as all sources, peers and web seeds that a magnet names", key, quote(val)))
			}
		}
	}
	hash, err := topic(topics)
	if err != nil {
		return Magnet{}, fmt.Errorf("magnet: %w", err)
	}
	if len(trackers) > maxMagnetTracker {
		return Magnet{}, fmt.Errorf("magnet: tr: %d trackers, the limit is %d", len(trackers), maxMagnetTracker)
	}
	m.InfoHash = hash
	tiers := make([][]string, len(trackers))
	for i, raw := range trackers {
		tiers[i] = []string{raw}
	}
	l := urlList{seen: map[string]bool{}, refused: m.Refused}
	m.Trackers = l.tiers(tiers, func(raw string) (string, error) { return policy.TrackerURL(raw, trust) })
	m.Refused = l.refused
	return m, nil
}

// plainKey takes the number off a key such as "tr.1".
func plainKey(key string) string {
	if plain, number, ok := strings.Cut(key, "."); ok && number != "" && strings.Trim(number, "0123456789") == "" {
		return plain
	}
	return key
}

// topic finds the one v1 info hash among a magnet's topics.
func topic(topics []string) (swarm.InfoHash, error) {
	const v1, v2 = "urn:btih:", "urn:btmh:"
	var found swarm.InfoHash
	v2Only := false
	for _, t := range topics {
		low := strings.ToLower(t)
		if strings.HasPrefix(low, v2) {
			v2Only = true
			continue
		}
		if !strings.HasPrefix(low, v1) {
			continue
		}
		h, err := ParseHash(t[len(v1):])
		switch {
		case err != nil:
			return found, fmt.Errorf("xt: %s: %w", quote(t), err)
		case found != swarm.InfoHash{} && found != h:
			return found, fmt.Errorf("xt: names two swarms, %s and %s", found.Short(), h.Short())
		}
		found = h
	}
	switch {
	case found != swarm.InfoHash{}:
		return found, nil
	case v2Only:
		return found, errors.New("xt: a swarm of BitTorrent v2 only (urn:btmh, BEP 52) has no v1 info hash, by which swarms are named here; a magnet with urn:btih works")
	}
	if len(topics) == 0 {
		return found, errors.New("xt: no topic of the form urn:btih:<info hash>")
	}
	return found, fmt.Errorf("xt: %s is no topic of the form urn:btih:<info hash>", quote(topics[0]))
}

// ParseHash reads an info hash as people give it: 40 hexadecimal digits or 32 of base32, in either case.
func ParseHash(s string) (swarm.InfoHash, error) {
	if len(s) != 32 {
		return swarm.ParseInfoHash(s)
	}
	b, err := base32.StdEncoding.DecodeString(strings.ToUpper(s))
	if err != nil {
		return swarm.InfoHash{}, errors.New("info hash has characters that are not base32 digits")
	}
	h := swarm.InfoHash(b)
	if h == (swarm.InfoHash{}) {
		return h, errors.New("info hash is all zero")
	}
	return h, nil
}
