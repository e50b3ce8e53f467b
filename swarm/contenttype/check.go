package contenttype

import (
	"fmt"
	"mime"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/gabriel-vasile/mimetype"
)

// HeadBytes is how much of a body's beginning [Detect] and [Check] look at.
const HeadBytes = 3072

// Result tells whether a body is what it is expected to be.
type Result struct {
	Detected string // the media type that the first bytes tell; [Unknown] where they tell none
	Reason   string // why the body is not what was expected; empty when they agree
	Evidence string // the first bytes, printable; empty when they agree
}

// Agrees tells whether the body may be served or believed as the expected type.
func (r Result) Agrees() bool { return r.Reason == "" }

// Detect returns the media type that the first bytes of a body tell, with its
// charset where they tell that too, and [Unknown] for bytes that tell nothing.
func Detect(head []byte) string { return detect(head).String() }

// Check judges the first bytes of a body against the media type that is
// expected of it. It accuses only where it can be sure:
//
//   - bencode disagrees with everything that is not bencode, [Unknown] included;
//   - a known binary format disagrees with a text type, and text with a binary
//     type whose own signature is known;
//   - two binary formats disagree unless they are of one family (pictures;
//     sound and film; fonts) or one contains the other, as zip does epub.
//
// Text agrees with every text type, since JavaScript, CSS and HTML cannot be
// told apart for certain; no bytes, and bytes that nothing is known of, agree
// with everything.
func Check(expected string, head []byte) Result {
	found := detect(head)
	res := Result{Detected: found.String()}
	want := essence(expected)
	if len(head) == 0 || want == "" || agree(want, found) {
		return res
	}
	res.Reason = fmt.Sprintf("expected %s, found %s", want, essence(res.Detected))
	res.Evidence = Evidence(head)
	return res
}

// Evidence renders the first bytes of a body for a person: printable ASCII as
// it is, everything else as \x followed by two digits, at most 48 bytes of it.
func Evidence(head []byte) string {
	const most = 48
	var b strings.Builder
	for _, c := range head[:min(most, len(head))] {
		if c < ' ' || c > '~' {
			fmt.Fprintf(&b, `\x%02x`, c)
		} else {
			b.WriteByte(c)
		}
	}
	if len(head) > most {
		b.WriteString("…")
	}
	return b.String()
}

// kind is what a head was found to be.
type kind struct {
	name string         // media type, with parameters
	text bool           // it reads as text
	node *mimetype.MIME // its place among the known formats; nil for bencode
}

func (k kind) String() string { return k.name }

func detect(head []byte) kind {
	head = head[:min(HeadBytes, len(head))]
	if b := detectBencode(head); b != "" {
		return kind{name: b}
	}
	m := mimetype.Detect(head)
	text := isText(head)
	if m.Is("text/plain") && !text { // no control bytes, and no UTF-8 either
		return kind{name: Unknown}
	}
	return kind{name: m.String(), text: within(m, "text/plain") || text && !m.Is("application/pdf"), node: m}
}

func agree(want string, found kind) bool {
	got := essence(found.name)
	if got == Torrent || got == Bencode || want == Torrent || want == Bencode {
		return got == want || got == Unknown
	}
	if got == Unknown || want == Unknown {
		return true
	}
	if isTextType(want) {
		return found.text
	}
	known := mimetype.Lookup(want)
	if known == nil {
		return true
	}
	return !found.text && family(want) == family(got) && family(got) != "" ||
		within(known, got) || within(found.node, known.String())
}

// aliases maps names in use to those of the formats' own table.
var aliases = map[string]string{
	"application/ecmascript":      "text/javascript",
	"application/font-woff":       "font/woff",
	"application/font-woff2":      "font/woff2",
	"application/javascript":      "text/javascript",
	"application/vnd.rar":         "application/x-rar-compressed",
	"application/x-font-opentype": "font/otf",
	"application/x-font-otf":      "font/otf",
	"application/x-font-woff":     "font/woff",
	"application/x-javascript":    "text/javascript",
	"image/apng":                  "image/vnd.mozilla.apng",
	"image/jpg":                   "image/jpeg",
	"image/vnd.microsoft.icon":    "image/x-icon",
}

// essence returns the lower-case type/subtype of a media type, by the name that
// the formats' table has for it; empty when there is none.
func essence(t string) string {
	m, _, err := mime.ParseMediaType(t)
	if err != nil && m == "" {
		return ""
	}
	if a, ok := aliases[m]; ok {
		return a
	}
	return m
}

// isTextType tells of media types whose bodies are text.
func isTextType(t string) bool {
	switch t {
	case "application/json", "application/json5", "application/x-ndjson", "application/xml",
		"application/xml-dtd", "application/yaml", "application/x-yaml", "application/toml",
		"application/x-subrip", "application/rtf", "application/sql", "application/graphql",
		"application/postscript", "application/x-sh", "application/typescript",
		"application/vnd.apple.mpegurl", "application/x-mpegurl":
		return true
	}
	return strings.HasPrefix(t, "text/") || strings.HasSuffix(t, "+xml") || strings.HasSuffix(t, "+json")
}

// family groups the binary types that programs take for one another.
func family(t string) string {
	top, _, _ := strings.Cut(t, "/")
	switch {
	case top == "audio", top == "video", t == "application/ogg":
		return "media"
	case top == "font", t == "application/vnd.ms-fontobject":
		return "font"
	case top == "image":
		return top
	}
	return ""
}

// within tells whether a format is the named one or a kind of it.
func within(m *mimetype.MIME, name string) bool {
	for ; m != nil && m.Parent() != nil; m = m.Parent() {
		if m.Is(name) {
			return true
		}
	}
	return false
}

// isText tells whether head reads as UTF-8 text; a format's signature of two
// letters then proves nothing, as in a script that begins with "BM" or "MZ".
func isText(head []byte) bool {
	for len(head) > 0 {
		r, size := utf8.DecodeRune(head)
		switch {
		case r == utf8.RuneError && size == 1:
			return !utf8.FullRune(head) // the end of the head cut it
		case r < ' ' && !slices.Contains([]rune{'\t', '\n', '\r', '\f'}, r), r == 0x7f:
			return false
		}
		head = head[size:]
	}
	return true
}
