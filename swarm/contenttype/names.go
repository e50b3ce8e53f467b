// Package contenttype tells which media type an asset ought to have, what a
// body really is, and whether the two agree. It reads no file and asks no
// system table: the same name has the same type on every machine, for ever.
package contenttype

import (
	"path"
	"strings"
)

// Media types that others need to name.
const (
	Unknown = "application/octet-stream"  // nothing is known of the bytes
	Torrent = "application/x-bittorrent"  // metainfo (BEP 3)
	Bencode = "application/x-bencode"     // a bencoded dictionary that is not metainfo
	HTML    = "text/html; charset=utf-8"  // pages
	Plain   = "text/plain; charset=utf-8" // words for people
)

// ByName returns the media type of a file by the extension of its path, in
// either case; text types carry charset=utf-8. A name that the table does not
// know is [Unknown]. An entry, once released, never changes: caches hold the
// answer of a hash path for ever.
func ByName(name string) string {
	if t, ok := byExtension(strings.ToLower(path.Ext(name))); ok {
		return t
	}
	return Unknown
}

func byExtension(ext string) (string, bool) {
	t, ok := extensions[ext]
	if ok && strings.HasPrefix(t, "text/") {
		t += "; charset=utf-8"
	}
	return t, ok
}

// extensions is the pinned table. Compressed forms are typed as the archives
// that they are, since nothing is ever served with a Content-Encoding.
var extensions = map[string]string{
	// Documents and what they load.
	".html":        "text/html",
	".htm":         "text/html",
	".xhtml":       "application/xhtml+xml",
	".css":         "text/css",
	".js":          "text/javascript",
	".mjs":         "text/javascript",
	".cjs":         "text/javascript",
	".jsx":         "text/javascript",
	".json":        "application/json",
	".json5":       "application/json5",
	".jsonld":      "application/ld+json",
	".map":         "application/json",
	".ndjson":      "application/x-ndjson",
	".geojson":     "application/geo+json",
	".webmanifest": "application/manifest+json",
	".wasm":        "application/wasm",

	// Text.
	".txt":      "text/plain",
	".text":     "text/plain",
	".log":      "text/plain",
	".md":       "text/markdown",
	".markdown": "text/markdown",
	".csv":      "text/csv",
	".tsv":      "text/tab-separated-values",
	".vtt":      "text/vtt",
	".srt":      "application/x-subrip",
	".ics":      "text/calendar",
	".vcf":      "text/vcard",
	".yaml":     "application/yaml",
	".yml":      "application/yaml",
	".toml":     "application/toml",
	".xml":      "application/xml",
	".xsl":      "application/xslt+xml",
	".rss":      "application/rss+xml",
	".atom":     "application/atom+xml",
	".glsl":     "text/plain",
	".wgsl":     "text/wgsl",
	".rtf":      "application/rtf",

	// Pictures.
	".svg":  "image/svg+xml",
	".png":  "image/png",
	".apng": "image/apng",
	".jpg":  "image/jpeg",
	".jpeg": "image/jpeg",
	".jfif": "image/jpeg",
	".gif":  "image/gif",
	".webp": "image/webp",
	".avif": "image/avif",
	".jxl":  "image/jxl",
	".heic": "image/heic",
	".heif": "image/heif",
	".bmp":  "image/bmp",
	".ico":  "image/vnd.microsoft.icon",
	".cur":  "image/vnd.microsoft.icon",
	".tif":  "image/tiff",
	".tiff": "image/tiff",
	".psd":  "image/vnd.adobe.photoshop",
	".ktx2": "image/ktx2",
	".hdr":  "image/vnd.radiance",

	// Fonts.
	".woff":  "font/woff",
	".woff2": "font/woff2",
	".ttf":   "font/ttf",
	".otf":   "font/otf",
	".ttc":   "font/collection",
	".eot":   "application/vnd.ms-fontobject",

	// Sound and film.
	".mp3":  "audio/mpeg",
	".m4a":  "audio/mp4",
	".aac":  "audio/aac",
	".oga":  "audio/ogg",
	".ogg":  "audio/ogg",
	".opus": "audio/ogg",
	".flac": "audio/flac",
	".wav":  "audio/wav",
	".weba": "audio/webm",
	".mid":  "audio/midi",
	".midi": "audio/midi",
	".aif":  "audio/aiff",
	".aiff": "audio/aiff",
	".mp4":  "video/mp4",
	".m4v":  "video/mp4",
	".m4s":  "video/iso.segment",
	".webm": "video/webm",
	".ogv":  "video/ogg",
	".mov":  "video/quicktime",
	".mkv":  "video/x-matroska",
	".avi":  "video/x-msvideo",
	".mpg":  "video/mpeg",
	".mpeg": "video/mpeg",
	".3gp":  "video/3gpp",
	".ts":   "video/mp2t",
	".m3u":  "application/vnd.apple.mpegurl",
	".m3u8": "application/vnd.apple.mpegurl",
	".mpd":  "application/dash+xml",

	// Models.
	".glb":  "model/gltf-binary",
	".gltf": "model/gltf+json",
	".obj":  "model/obj",
	".stl":  "model/stl",
	".usdz": "model/vnd.usdz+zip",

	// Papers and archives.
	".pdf":     "application/pdf",
	".ps":      "application/postscript",
	".epub":    "application/epub+zip",
	".docx":    "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
	".xlsx":    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
	".pptx":    "application/vnd.openxmlformats-officedocument.presentationml.presentation",
	".odt":     "application/vnd.oasis.opendocument.text",
	".ods":     "application/vnd.oasis.opendocument.spreadsheet",
	".odp":     "application/vnd.oasis.opendocument.presentation",
	".gz":      "application/gzip",
	".tgz":     "application/gzip",
	".svgz":    "application/gzip",
	".zip":     "application/zip",
	".tar":     "application/x-tar",
	".bz2":     "application/x-bzip2",
	".xz":      "application/x-xz",
	".zst":     "application/zstd",
	".7z":      "application/x-7z-compressed",
	".rar":     "application/vnd.rar",
	".jar":     "application/java-archive",
	".apk":     "application/vnd.android.package-archive",
	".deb":     "application/vnd.debian.binary-package",
	".rpm":     "application/x-rpm",
	".sqlite":  "application/vnd.sqlite3",
	".parquet": "application/vnd.apache.parquet",
	".cbor":    "application/cbor",
	".torrent": Torrent,
}
