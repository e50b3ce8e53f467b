package torture

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
)

// The Go forms of bencoded values, beside int, string and raw bencode.
type (
	dict map[string]any
	list []any
	raw  string
)

// encode writes a value as bencode; a key of a dictionary that begins with "!" is
// written out of order and a second time, without it.
func encode(v any) string {
	switch v := v.(type) {
	case raw:
		return string(v)
	case int:
		return fmt.Sprintf("i%de", v)
	case string:
		return fmt.Sprintf("%d:%s", len(v), v)
	case list:
		var b strings.Builder
		for _, item := range v {
			b.WriteString(encode(item))
		}
		return "l" + b.String() + "e"
	case dict:
		var b strings.Builder
		for _, k := range slices.Sorted(maps.Keys(v)) {
			b.WriteString(encode(strings.TrimPrefix(k, "!")) + encode(v[k]))
		}
		return "d" + b.String() + "e"
	}
	panic(fmt.Sprintf("%T has no bencode", v))
}

// generator makes metainfo that is right in most places and wrong in some.
type generator struct{ *rand.Rand }

func pick[T any](g generator, of ...T) T { return of[g.IntN(len(of))] }

// integer returns one that somebody did not think of.
func (g generator) integer() int {
	return pick(g, 0, 1, -1, 2, 3, 16383, 16384, 16385, 1<<14, 1<<20, 1<<26, 1<<26+1, 1<<31-1, 1<<31, 1<<32, 1<<40,
		1<<62, 1<<63-1, -1<<63, g.IntN(1<<30), -g.IntN(1<<30))
}

func (g generator) text() string {
	return pick(g, "", ".", "..", "-", "a", "a/b", `a\b`, "/etc/passwd", "../../outside", "..\x00", "a\nb", "\x1b[2J", "\u202egpj.exe",
		"con", "\xff\xfe", strings.Repeat("x", 255), strings.Repeat("x", 256), strings.Repeat("й", 3000), "~root", "C:", "p.html", "%2e%2e")
}

// value returns one of any type.
func (g generator) value(depth int) any {
	switch n := g.IntN(7); {
	case n < 2:
		return g.integer()
	case n < 4:
		return g.text()
	case depth == 0:
		return list{}
	case n == 4:
		return list{g.value(depth - 1), g.value(depth - 1)}
	case n == 5:
		return dict{g.text(): g.value(depth - 1), "length": g.value(depth - 1)}
	}
	return raw(pick(g, "i-0e", "i01e", "i99999999999999999999e", "99999999:x", "d1:be", "le", "de", strings.Repeat("l", 40)+strings.Repeat("e", 40)))
}

func (g generator) url() string {
	return pick(g, "http://127.0.0.1:1/announce", "udp://127.0.0.1:1", "http://a.invalid/announce", "wss://a.invalid", "://", "http://u:p@a.invalid/",
		"zzz://a", "http://[::1]:99999/", "http://[fe80::1%25eth0]/x", "HTTP://A/\x7f", "http://127.0.0.1:1/x?y", strings.Repeat("http://a/", 300), "", "ftp://a/", g.text())
}

func (g generator) urls() any {
	urls := list{}
	for range g.IntN(5) {
		urls = append(urls, g.url())
	}
	return pick[any](g, urls, list{urls, urls}, list{urls, g.url(), 5}, g.url(), g.value(2))
}

// info returns an info dictionary that is consistent.
func (g generator) info() dict {
	pieceLength := 16384 << g.IntN(4)
	if g.IntN(20) == 0 {
		pieceLength = 64 << 20
	}
	info := dict{"name": fmt.Sprintf("asset%d.html", g.IntN(1000)), "piece length": pieceLength}
	length := 1 + g.IntN(5*pieceLength)
	if g.IntN(2) == 0 {
		info["length"] = length
	} else {
		files := list{}
		for left := length; left > 0; {
			n := min(left, g.IntN(length)+g.IntN(2))
			f := dict{"length": n, "path": list{pick(g, "a", "b", "c"), fmt.Sprint(len(files))}}
			if g.IntN(6) == 0 {
				f["attr"] = pick(g, "p", "x", "lp", "h")
				f["path"] = list{".pad", fmt.Sprint(n)}
			}
			files = append(files, f)
			left -= n
			if len(files) == 12 {
				length -= left
				break
			}
		}
		info["files"] = files
	}
	info["pieces"] = string(noise(g.Uint64(), (length+pieceLength-1)/pieceLength*20))
	if g.IntN(4) == 0 {
		info["private"] = g.IntN(2)
	}
	if g.IntN(5) == 0 {
		g.hybrid(info, length)
	}
	return info
}

// hybrid adds the keys of BitTorrent v2, right or nearly so (BEP 52).
func (g generator) hybrid(info dict, length int) {
	info["meta version"] = 2
	leaf := dict{"": dict{"length": length, "pieces root": string(noise(g.Uint64(), 32))}}
	name, _ := info["name"].(string)
	info["file tree"] = pick[any](g, dict{name: leaf}, dict{"a": dict{"0": leaf}, name: leaf}, dict{name: dict{"": dict{"length": length}}}, g.value(3), dict{g.text(): leaf})
}

// mutate changes one thing of a dictionary or what is in it.
func (g generator) mutate(d dict) {
	keys := slices.Sorted(maps.Keys(d))
	if len(keys) == 0 {
		d[g.text()] = g.value(2)
		return
	}
	k := keys[g.IntN(len(keys))]
	switch inner := d[k].(type) {
	case dict:
		if g.IntN(4) > 0 {
			g.mutate(inner)
			return
		}
	case list:
		if len(inner) > 0 && g.IntN(4) > 0 {
			i := g.IntN(len(inner))
			if f, ok := inner[i].(dict); ok && g.IntN(4) > 0 {
				g.mutate(f)
				return
			}
			inner[i] = g.value(2)
			return
		}
	case int:
		if g.IntN(2) == 0 {
			d[k] = inner + pick(g, -1, 1, 16384, -16384, -2*inner)
			return
		}
	case string:
		if len(inner) > 0 && g.IntN(2) == 0 {
			d[k] = pick(g, inner[:len(inner)-1], inner+"x", inner+inner, strings.ToUpper(inner))
			return
		}
	}
	switch g.IntN(5) {
	case 0:
		delete(d, k)
	case 1:
		d["!"+k] = g.value(2)
	case 2:
		d[pick(g, "name.utf-8", "path.utf-8", "length", "files", "meta version", "file tree", "private", "attr", "source", "pieces", "piece layers", "symlink path", "ssl-cert")] = g.value(3)
	default:
		d[k] = g.value(3)
	}
}

// metainfo returns the bytes of a .torrent file.
func (g generator) metainfo() []byte {
	info := g.info()
	outer := dict{"info": info, "announce": g.url()}
	for _, k := range []string{"announce-list", "url-list", "nodes", "httpseeds"} {
		if g.IntN(3) == 0 {
			outer[k] = g.urls()
		}
	}
	if info["meta version"] != nil && g.IntN(2) == 0 {
		outer["piece layers"] = pick[any](g, dict{string(noise(1, 32)): string(noise(2, 64))}, g.value(3))
	}
	for range pick(g, 0, 0, 1, 1, 1, 2, 3) {
		if g.IntN(5) == 0 {
			g.mutate(outer)
		} else {
			g.mutate(info)
		}
	}
	b := []byte(encode(outer))
	switch g.IntN(12) {
	case 0: // and what no writer writes
		b[g.IntN(len(b))] = byte(g.Uint32())
	case 1:
		b = b[:g.IntN(len(b))]
	}
	return b
}

// magnet returns a link that is right in most places.
func (g generator) magnet() string {
	hash := pick(g, fmt.Sprintf("%x", noise(g.Uint64(), 20)), strings.Repeat("0", 40), strings.Repeat("A", 32), "1220"+strings.Repeat("a", 64), g.text())
	link := "magnet:?xt=" + pick(g, "urn:btih:", "urn:btih:", "urn:btmh:", "urn:sha1:", "") + hash
	for range g.IntN(4) {
		link += "&" + pick(g, "tr", "tr", "dn", "xs", "as", "ws", "x.pe", "xl", "so", "tr.1", "") + pick(g, "=", "") + pick(g, g.url(), g.text(), "127.0.0.1:1", "%zz")
	}
	return link
}
