package gateway

import (
	"crypto/sha256"
	"fmt"
	"mime"
	"net/url"
	"strings"

	"swarmtop/swarm"
	"swarmtop/swarm/contenttype"
)

// Where assets and metainfo live. An alias that begins like these is never
// reached.
const (
	assetPrefix    = "/w/"
	metainfoPrefix = "/t/"
	metainfoSuffix = ".torrent"
)

// AssetURL returns the path, escaped, at which the asset has its pinned type for
// ever: /w/<info hash>/<path>.
func AssetURL(a swarm.Asset) string {
	return assetPrefix + a.InfoHash.String() + escapePath("/"+a.Path)
}

// AliasURL returns the asset's own path, escaped; empty when it has none.
func AliasURL(a swarm.Asset) string { return escapePath(a.Alias) }

// MetainfoURL returns the path of a swarm's metainfo: /t/<info hash>.torrent.
func MetainfoURL(h swarm.InfoHash) string { return metainfoPrefix + h.String() + metainfoSuffix }

// escapePath percent-encodes each part of a path. A path that begins with two
// slashes is kept from reading as a host name.
func escapePath(p string) string {
	parts := strings.Split(p, "/")
	for i := range parts {
		parts[i] = url.PathEscape(parts[i])
	}
	p = strings.Join(parts, "/")
	if rest, ok := strings.CutPrefix(p, "//"); ok {
		p = "/%2F" + rest
	}
	return p
}

// ContentType returns the type that the gateway answers for an asset: at its
// alias the declared one, else, and always at its hash path, that of the pinned
// table, since an info hash says nothing of a manifest.
func ContentType(a swarm.Asset, viaAlias bool) string {
	if viaAlias && a.ContentType != "" {
		if t, _, err := mime.ParseMediaType(a.ContentType); err == nil && strings.Contains(t, "/") {
			return a.ContentType
		}
	}
	return contenttype.ByName(a.Path)
}

// etag is strong (RFC 9110, section 8.8.3): the info hash and the index fix the
// bytes, and the type is part of what is cached.
func etag(a swarm.Asset, contentType string) string {
	sum := sha256.Sum256([]byte(contentType))
	return fmt.Sprintf(`"%s-%d-%x"`, a.InfoHash, a.Index, sum[:4])
}

// disposition names a file to save as (RFC 6266), in ASCII and in full (RFC 8187).
func disposition(name string) string {
	ascii := strings.Map(func(r rune) rune {
		switch {
		case r >= '0' && r <= '9', r >= 'a' && r <= 'z', r >= 'A' && r <= 'Z', strings.ContainsRune("-._ ", r):
			return r
		}
		return '_'
	}, name)
	var full strings.Builder
	for _, c := range []byte(strings.ToValidUTF8(name, "_")) {
		switch {
		case c >= '0' && c <= '9', c >= 'a' && c <= 'z', c >= 'A' && c <= 'Z', strings.IndexByte("-._~", c) >= 0:
			full.WriteByte(c)
		default:
			fmt.Fprintf(&full, "%%%02X", c)
		}
	}
	return `attachment; filename="` + ascii + `"; filename*=UTF-8''` + full.String()
}
