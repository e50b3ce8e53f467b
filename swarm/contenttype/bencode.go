package contenttype

import (
	"bytes"
	"slices"
	"strings"
)

// metainfoKeys are the names that a .torrent file has at its top level
// (BEP 3, 5, 12, 17, 19, 52, and what clients write beside them).
var metainfoKeys = []string{
	"announce", "announce-list", "azureus_properties", "comment", "comment.utf-8",
	"created by", "creation date", "encoding", "httpseeds", "info", "nodes",
	"piece layers", "publisher", "publisher-url", "url-list",
}

// detectBencode tells whether head is the beginning of a bencoded dictionary:
// [Torrent] when it names a key of metainfo at its top level, [Bencode] when it
// is well-formed otherwise, "" when it is not bencode. The head may end
// anywhere; eleven bytes are enough to know metainfo.
func detectBencode(head []byte) string {
	rest, ok := bytes.CutPrefix(head, []byte("d"))
	if !ok {
		return ""
	}
	verdict := ""
	for len(rest) > 0 && rest[0] != 'e' {
		n, digits := length(rest)
		if digits == 0 {
			return ""
		}
		key := rest[digits:]
		if len(key) <= n { // the head ends in the key or right behind it
			if isMetainfoKey(string(key), n) {
				return Torrent
			}
			return verdict
		}
		key, rest = key[:n], key[n:]
		if isMetainfoKey(string(key), n) {
			return Torrent
		}
		if rest, ok = skipValue(rest); !ok {
			return ""
		}
		verdict = Bencode
	}
	return verdict
}

// isMetainfoKey tells whether key is one of metainfo's, or at least four bytes
// of one that is n bytes long.
func isMetainfoKey(key string, n int) bool {
	return slices.ContainsFunc(metainfoKeys, func(k string) bool {
		return len(k) == n && len(key) >= min(n, 4) && strings.HasPrefix(k, key)
	})
}

// length reads the length of a bencoded string and tells how many bytes it and
// its colon take; 0 when there is none. It holds at most six digits: no key and
// no value that fits into a head has more, and longer ones are cut by it anyway.
func length(b []byte) (n, size int) {
	for i, c := range b {
		switch {
		case c == ':' && i > 0:
			return n, i + 1
		case c < '0' || c > '9', i > 0 && b[0] == '0', i > 8:
			return 0, 0
		}
		n = 10*n + int(c-'0')
	}
	return 0, 0
}

// skipValue returns what follows the bencoded value at the start of b. A value
// that the end of b cuts is skipped to that end; ok is false where the bytes
// are not bencode.
func skipValue(b []byte) (rest []byte, ok bool) {
	depth := 0
	for first := true; len(b) > 0 && (first || depth > 0); first = false {
		switch c := b[0]; {
		case c == 'l' || c == 'd':
			depth++
			b = b[1:]
		case c == 'e' && depth > 0:
			depth--
			b = b[1:]
		case c == 'i':
			digits := bytes.TrimLeft(bytes.TrimPrefix(b[1:], []byte("-")), "0123456789")
			if len(digits) > 0 && digits[0] != 'e' {
				return nil, false
			}
			b = digits[min(1, len(digits)):]
		case '0' <= c && c <= '9':
			n, size := length(b)
			if size == 0 {
				// Digits up to the end of the head are a length that was cut.
				return nil, len(bytes.TrimLeft(b, "0123456789")) == 0
			}
			b = b[min(size+n, len(b)):]
		default:
			return nil, false
		}
	}
	return b, true
}
