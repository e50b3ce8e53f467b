package contenttype_test

import (
	"strings"
	"testing"

	"swarmtop/swarm/contenttype"
)

// heads are the first bytes of real kinds of files.
var heads = map[string]string{
	"html":        "<!DOCTYPE html>\n<html lang=en><title>Share</title>",
	"html bare":   "<p>Share</p>",
	"js":          "(()=>{\"use strict\";const e=document.querySelector(\".share\");})();",
	"js shebang":  "#!/usr/bin/env node\nconsole.log(1)",
	"js BM":       "BM=function(){return 1};",
	"js MZ":       "MZ=window.MZ||{};",
	"js d8":       "d8:for(;;)break d8;",
	"css":         "@charset \"utf-8\";.share{color:#1d9bf0}",
	"json":        `{"label":"Share","count":3}`,
	"svg":         `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 24 24"><path d="M0 0"/></svg>`,
	"svg prolog":  `<?xml version="1.0" encoding="UTF-8"?><svg xmlns="http://www.w3.org/2000/svg"/>`,
	"xml":         `<?xml version="1.0"?><feed/>`,
	"text":        "plain words, nothing else\n",
	"utf-8 bom":   "\xef\xbb\xbfvar a = 1",
	"utf-16":      "\xff\xfev\x00a\x00r\x00",
	"latin-1":     "d\xe9j\xe0 vu",
	"png":         "\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00\x00\x10\x00\x00\x00\x10\x08\x06\x00\x00\x00",
	"jpeg":        "\xff\xd8\xff\xe0\x00\x10JFIF\x00\x01",
	"gif":         "GIF89a\x01\x00\x01\x00\x80\x00\x00",
	"webp":        "RIFF\x24\x00\x00\x00WEBPVP8 ",
	"avif":        "\x00\x00\x00\x20ftypavif\x00\x00\x00\x00avifmif1",
	"ico":         "\x00\x00\x01\x00\x01\x00\x10\x10\x00\x00\x01\x00\x20\x00",
	"woff":        "wOFF\x00\x01\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00",
	"woff2":       "wOF2\x00\x01\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00",
	"ttf":         "\x00\x01\x00\x00\x00\x0c\x00\x80\x00\x03\x00\x40",
	"otf":         "OTTO\x00\x0c\x00\x80\x00\x03\x00\x40",
	"wasm":        "\x00asm\x01\x00\x00\x00",
	"gzip":        "\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\x03",
	"zip":         "PK\x03\x04\x14\x00\x00\x00\x08\x00",
	"pdf":         "%PDF-1.7\n1 0 obj",
	"exe":         "MZ\x90\x00\x03\x00\x00\x00\x04\x00\x00\x00\xff\xff",
	"elf":         "\x7fELF\x02\x01\x01\x00\x00\x00\x00\x00\x00\x00\x00\x00\x03\x00",
	"mp3":         "ID3\x04\x00\x00\x00\x00\x00\x00",
	"mp4":         "\x00\x00\x00\x20ftypisom\x00\x00\x02\x00isomiso2avc1mp41",
	"ogg":         "OggS\x00\x02\x00\x00\x00\x00\x00\x00\x00\x00",
	"m3u8":        "#EXTM3U\n#EXT-X-VERSION:3\n",
	"torrent":     "d8:announce35:http://tracker.example.net/announce4:infod6:lengthi5e4:name1:a12:piece lengthi16384e6:pieces20:\x01\x02\x03",
	"torrent 11":  "d8:announce",
	"torrent s3":  "d8:announce40:http://s3-tracker.example.org:6969/ann",
	"trackerless": "d10:created by9:mktorrent13:creation datei1379808000e4:infod6:lengthi1e",
	"created 11":  "d10:created",
	"list 11":     "d13:announce",
	"info only":   "d4:infod5:filesld6:lengthi1e4:pathl1:aeee4:name1:a",
	"late key":    "d3:abci-12e3:abdl1:x2:yydee4:infod",
	"bencode":     "d14:failure reason12:unregisterede",
	"zeros":       "\x00\x00\x00\x00\x00\x00\x00\x00",
	"unknown":     "\x01\x02\x03\xfe\xfd\xfc\xfb\xfa\x07\x06\x05",
	"empty":       "",
}

func TestCheckAgrees(t *testing.T) {
	for _, c := range []struct{ expected, heads string }{
		{"text/html; charset=utf-8", "html,html bare,text,js,json,xml,svg,utf-8 bom,utf-16,latin-1,unknown,zeros,empty"},
		{"text/javascript; charset=utf-8", "js,js shebang,js BM,js MZ,js d8,text,json,css,utf-8 bom,utf-16,latin-1,empty"},
		{"application/javascript", "js,text"},
		{"TEXT/CSS", "css,text,js"},
		{"text/plain", "text,html,js,json,svg,js BM,m3u8"},
		{"application/json", "json,text,empty"},
		{"application/manifest+json", "json,text"},
		{"image/svg+xml", "svg,svg prolog,xml,text,unknown"},
		{"application/xml", "xml,svg,text"},
		{"application/vnd.apple.mpegurl", "m3u8,text"},
		{"image/png", "png,jpeg,gif,webp,avif,unknown,zeros,latin-1,empty"},
		{"image/jpeg", "jpeg,webp"},
		{"image/jpg", "jpeg"},
		{"image/vnd.microsoft.icon", "ico,png"},
		{"image/x-icon", "ico"},
		{"image/avif", "avif"},
		{"font/woff", "woff,woff2,unknown"},
		{"application/font-woff2", "woff2"},
		{"font/ttf", "ttf,otf"},
		{"font/sfnt", "ttf"},
		{"application/vnd.ms-fontobject", "woff,unknown"},
		{"application/wasm", "wasm"},
		{"application/gzip", "gzip"},
		{"application/x-gzip", "gzip"},
		{"application/zip", "zip"},
		{"application/epub+zip", "zip"},
		{"application/java-archive", "zip"},
		{"application/pdf", "pdf"},
		{"audio/mpeg", "mp3,unknown"},
		{"audio/mp4", "mp4"},
		{"video/ogg", "ogg"},
		{"model/vnd.usdz+zip", "zip,unknown"},
		{"application/x-nobody-knows", "html,png,gzip,exe"},
		{"application/octet-stream", "html,png,exe,gzip,unknown,empty"},
		{"application/x-bittorrent", "torrent,torrent 11,torrent s3,trackerless,info only,late key,unknown,empty"},
		{"", "torrent,html,png"},
		{"not a media type", "html"},
	} {
		for _, h := range strings.Split(c.heads, ",") {
			head, ok := heads[h]
			if !ok {
				t.Fatalf("no head %q", h)
			}
			if r := contenttype.Check(c.expected, []byte(head)); !r.Agrees() || r.Evidence != "" {
				t.Errorf("Check(%q, %s) = %+v, want agreement", c.expected, h, r)
			}
		}
	}
}

func TestCheckDisagrees(t *testing.T) {
	bencodes := ",torrent,torrent 11,torrent s3,trackerless,created 11,list 11,info only,late key,bencode"
	for _, c := range []struct{ expected, heads string }{
		{"text/html; charset=utf-8", "png,gzip,zip,pdf,exe,elf,woff2,mp4,wasm" + bencodes},
		{"text/javascript", "png,gzip,jpeg,pdf" + bencodes},
		{"text/css", "woff,gif" + bencodes},
		{"application/json", "gzip,zip" + bencodes},
		{"image/svg+xml", "png,gzip" + bencodes},
		{"image/png", "html,html bare,text,js,svg,gzip,zip,exe,woff2,mp4" + bencodes},
		{"image/vnd.microsoft.icon", "html" + bencodes},
		{"font/woff2", "html,text,png,gzip" + bencodes},
		{"application/wasm", "html,png" + bencodes},
		{"application/gzip", "html,text,js,zip" + bencodes},
		{"application/pdf", "html,png" + bencodes},
		{"audio/mpeg", "html,png" + bencodes},
		{"application/octet-stream", bencodes[1:]},
		{"application/x-nobody-knows", bencodes[1:]},
		{"application/x-bittorrent", "html,text,json,png,gzip,bencode"},
	} {
		for _, h := range strings.Split(c.heads, ",") {
			head, ok := heads[h]
			if !ok {
				t.Fatalf("no head %q", h)
			}
			if r := contenttype.Check(c.expected, []byte(head)); r.Agrees() || r.Evidence == "" || r.Detected == "" {
				t.Errorf("Check(%q, %s) = %+v, want disagreement with evidence", c.expected, h, r)
			}
		}
	}
}

func TestDisagreementTellsWhatCameAndWhatWasExpected(t *testing.T) {
	got := contenttype.Check("text/html; charset=utf-8", []byte(heads["torrent"]))
	want := contenttype.Result{
		Detected: "application/x-bittorrent",
		Reason:   "expected text/html, found application/x-bittorrent",
		Evidence: "d8:announce35:http://tracker.example.net/announc…",
	}
	if got != want {
		t.Errorf("got  %+v\nwant %+v", got, want)
	}
	if got := contenttype.Evidence([]byte(heads["gif"])); got != `GIF89a\x01\x00\x01\x00\x80\x00\x00` {
		t.Errorf("Evidence = %q", got)
	}
}

func TestEveryBeginningOfMetainfoIsKnownFromElevenBytesOn(t *testing.T) {
	for _, name := range []string{"torrent", "torrent s3", "trackerless", "info only"} {
		head := []byte(heads[name])
		for n := min(11, len(head)); n <= len(head); n++ {
			if got := contenttype.Detect(head[:n]); got != contenttype.Torrent {
				t.Fatalf("%s cut at %d (%q): %s", name, n, head[:n], got)
			}
		}
	}
}

func TestBencodeIsNotSeenInTextThatOnlyBeginsLikeIt(t *testing.T) {
	for _, s := range []string{
		"d", "d8", "d8:", "d8:a", "d8:abcdefgh", "d8:abcdefghz", "d08:announce", "d:x", "d1:ax", "d-1:a",
		"d9999999999:a", "d4:inf", "d3:abcx", "d3:abci1x", "dog", "document.write()", "d2:aa01:x", "di1ei2e",
	} {
		if got := contenttype.Detect([]byte(s)); got == contenttype.Torrent || got == contenttype.Bencode {
			t.Errorf("Detect(%q) = %s", s, got)
		}
	}
}

func FuzzCheck(f *testing.F) {
	for _, h := range heads {
		f.Add("text/html; charset=utf-8", []byte(h))
		f.Add("image/png", []byte(h))
	}
	f.Fuzz(func(t *testing.T, expected string, head []byte) {
		r := contenttype.Check(expected, head)
		if r != contenttype.Check(expected, head) {
			t.Fatal("two answers to one question")
		}
		if r.Agrees() != (r.Evidence == "") {
			t.Fatalf("%+v: evidence and verdict do not go together", r)
		}
		for _, c := range r.Evidence {
			if (c < ' ' || c > '~') && c != '…' {
				t.Fatalf("evidence %q is not printable", r.Evidence)
			}
		}
		if len(r.Evidence) > 4*48+len("…") {
			t.Fatalf("evidence is %d bytes long", len(r.Evidence))
		}
		if d := contenttype.Detect(head); d != r.Detected {
			t.Fatalf("Detect says %s, Check %s", d, r.Detected)
		}
		if !contenttype.Check(contenttype.Unknown, head).Agrees() && r.Detected != contenttype.Torrent && r.Detected != contenttype.Bencode {
			t.Fatalf("%s accused where nothing was expected", r.Detected)
		}
	})
}
