package admit_test

import (
	"crypto/sha1"
	"strings"
	"testing"

	"github.com/anacrolix/torrent/bencode"
	"github.com/anacrolix/torrent/metainfo"

	"swarmtop/swarm"
	"swarmtop/swarm/admit"
)

func TestInfoOfOneFileIsReadAsWritten(t *testing.T) {
	b := encode(button.with(dict{"private": 1, "x-amz-bucket": "platform", "x-amz-key": "widgets/button.html"}))
	got, err := admit.Info([]byte(b))
	if err != nil {
		t.Fatal(err)
	}
	if string(got.InfoBytes) != b || got.InfoHash != swarm.InfoHash(sha1.Sum([]byte(b))) {
		t.Errorf("info bytes or hash are not those that came in")
	}
	if got.Name != "button.html" || got.Length != 20000 || got.PieceLength != 16384 || got.Pieces != 2 ||
		!got.Private || got.Hybrid || got.S3Bucket != "platform" || got.S3Key != "widgets/button.html" {
		t.Errorf("got %+v", got)
	}
	if want := (admit.File{Path: "button.html", Length: 20000}); len(got.Files) != 1 || got.Files[0] != want {
		t.Errorf("files %v, want %v", got.Files, want)
	}
	if h := got.PieceHash(1); string(h[:]) != hashes(1) {
		t.Errorf("piece hash %x", h)
	}
}

func TestInfoOfManyFilesHasOffsetsAndMarksPadding(t *testing.T) {
	for name, info := range map[string]dict{"v1": widget, "hybrid": hybrid} {
		got, err := admit.Info([]byte(encode(info)))
		if err != nil {
			t.Fatal(name, err)
		}
		want := []admit.File{
			{Path: "widget/js/button.js", Length: 16000},
			{Path: "widget/.pad/384", Offset: 16000, Length: 384, Pad: true},
			{Path: "widget/style.css", Offset: 16384, Length: 20000},
		}
		for i, f := range want {
			if got.Files[i] != f {
				t.Errorf("%s: file %d is %+v, want %+v", name, i, got.Files[i], f)
			}
		}
		if got.Length != 36384 || got.Hybrid != (name == "hybrid") {
			t.Errorf("%s: length %d, hybrid %v", name, got.Length, got.Hybrid)
		}
	}
}

func TestUTF8NamesGoBeforeOthersAsInTheLibrary(t *testing.T) {
	info := widget.with(dict{"name.utf-8": "wïdget", "files": list{
		dict{"length": 36384, "path": list{"x"}, "path.utf-8": list{"ü", "x"}},
	}})
	got, err := admit.Info([]byte(encode(info)))
	if err != nil {
		t.Fatal(err)
	}
	if got.Name != "wïdget" || got.Files[0].Path != "wïdget/ü/x" {
		t.Errorf("name %q, path %q", got.Name, got.Files[0].Path)
	}
}

func TestInfoIsRefusedWithALineThatNamesTheField(t *testing.T) {
	file := func(changes dict) dict {
		return widget.with(dict{"files": list{
			dict{"length": 16384, "path": list{"a"}},
			dict{"length": 20000, "path": list{"b"}}.with(changes),
		}})
	}
	tree := func(v any) dict { return hybrid.with(dict{"file tree": v}) }
	leaf := func(n int) dict { return dict{"": dict{"length": n, "pieces root": root}} }
	deep := strings.Repeat("l", 40) + strings.Repeat("e", 40)
	for _, c := range []struct {
		name string
		info any
		want string // in the error
	}{
		{"not a dictionary", list{}, "not a dictionary"},
		{"nothing", raw(""), "cut short"},
		{"bytes after it", raw(encode(button) + "x"), "1 bytes follow"},
		{"unsorted keys", raw("d4:name1:a6:lengthi1ee"), `key "length" is out of order`},
		{"key twice", raw("d4:name1:a4:name1:be"), `key "name" is out of order or stands twice`},
		{"key that is no string", raw("di1ei2ee"), "bad string length"},
		{"key without a value", raw("d1:ae"), "begins no value"},
		{"integer with a leading zero", button.with(dict{"length": raw("i020000e")}), `bad integer "020000"`},
		{"negative zero", button.with(dict{"length": raw("i-0e")}), "bad integer"},
		{"empty integer", button.with(dict{"length": raw("ie")}), "bad integer"},
		{"integer over 64 bits", button.with(dict{"length": raw("i9223372036854775808e")}), `bad integer "9223372036854775808"`},
		{"string length with a leading zero", button.with(dict{"name": raw("01:a")}), `bad string length "01:a`},
		{"string longer than the input", button.with(dict{"zzz": raw("999999999:a")}), "cut short"},
		{"string of an absurd length", button.with(dict{"zzz": raw("99999999999999999999:a")}), `bad string length "9999999999"`},
		{"deep", button.with(dict{"zzz": raw(deep)}), "level 33 of lists and dictionaries, the limit is 32 levels"},
		{"over the limit", raw(strings.Repeat("x", admit.MaxAnswer+1)), "info: 4194305 bytes, the limit is 4194304"},

		{"no name", button.with(dict{"name": nil}), "name: missing"},
		{"name not a string", button.with(dict{"name": 1}), `name: "i1e" is not a string`},
		{"name as a list", button.with(dict{"name": list{"x"}}), `name: "l1:xe" is not a string`},
		{"empty name", button.with(dict{"name": ""}), "name: empty"},
		{"dot", button.with(dict{"name": "."}), `name: "." is not allowed`},
		{"dot dot", button.with(dict{"name": ".."}), `name: ".." is not allowed`},
		{"the library's no-name", button.with(dict{"name": "-"}), `name: "-" is not allowed`},
		{"slash", button.with(dict{"name": "../x"}), `name: "../x" has a path separator`},
		{"backslash", button.with(dict{"name": `a\b`}), "path separator"},
		{"NUL", button.with(dict{"name": "a\x00"}), `name: "a\x00" has a control character`},
		{"C1", button.with(dict{"name": "a\u0085"}), "control character"},
		{"long name", button.with(dict{"name": strings.Repeat("x", 256)}), "name: 256 bytes, the limit is 255"},
		{"bad UTF-8 name beside a good one", button.with(dict{"name.utf-8": ".."}), "name.utf-8"},
		{"bad name beside a good UTF-8 one", button.with(dict{"name": "..", "name.utf-8": "x"}), "name: "},

		{"no piece length", button.with(dict{"piece length": nil}), "piece length: missing"},
		{"piece length as a string", button.with(dict{"piece length": "16384"}), `piece length: "5:16384" is not an integer`},
		{"negative piece length", button.with(dict{"piece length": -16384}), "piece length: -16384"},
		{"zero piece length", button.with(dict{"piece length": 0}), "piece length: 0 is not a power of two"},
		{"small pieces", button.with(dict{"piece length": 8192}), "piece length: 8192"},
		{"large pieces", button.with(dict{"piece length": 128 << 20}), "piece length: 134217728"},
		{"odd pieces", button.with(dict{"piece length": 20000}), "piece length: 20000 is not a power of two from 16384 to 67108864"},
		{"no pieces", button.with(dict{"pieces": nil}), "pieces: missing"},
		{"torn pieces", button.with(dict{"pieces": "x"}), "pieces: 1 bytes, not a multiple of 20"},
		{"too few pieces", button.with(dict{"pieces": hashes(1)}), "pieces: 1, but 20000 bytes in pieces of 16384 make 2"},
		{"too many pieces", button.with(dict{"pieces": hashes(3)}), "pieces: 3, but"},

		{"negative length", button.with(dict{"length": -1}), "length: -1 is not from 0 to 17592186044416"},
		{"nothing to share", button.with(dict{"length": 0, "pieces": ""}), "nothing to share"},
		{"absurd length", button.with(dict{"length": 1 << 62}), "length: 4611686018427387904"},
		{"length and files", widget.with(dict{"length": 5}), "length, files: both are there, want exactly one"},
		{"neither length nor files", button.with(dict{"length": nil}), "length, files: neither is there, want exactly one"},
		{"files not a list", button.with(dict{"length": nil, "files": dict{}}), `files: "de" is not a list`},
		{"no files", button.with(dict{"length": nil, "files": list{}}), "files: empty"},
		{"file not a dictionary", widget.with(dict{"files": list{"x"}}), `files[0]: "1:x" is not a dictionary`},
		{"file without a length", file(dict{"length": nil}), "files[1]: length: missing"},
		{"file of negative length", file(dict{"length": -1}), "files[1]: length: -1"},
		{"lengths that overflow", file(dict{"length": 1 << 44}), "files[1]: length: with its 17592186044416 bytes together 17592186060800, the limit is 17592186044416"},
		{"no path", file(dict{"path": nil}), "files[1]: path: missing"},
		{"path as a string", file(dict{"path": "b"}), `path: "1:b" is not a list`},
		{"empty path", file(dict{"path": list{}}), "path: empty"},
		{"path of empty parts", file(dict{"path": list{""}}), "path: empty"},
		{"path part not a string", file(dict{"path": list{1}}), `path: the part "i1e" is not a string`},
		{"path that climbs", file(dict{"path": list{"..", "..", "x"}}), `files[1]: path: ".." is not allowed`},
		{"absolute path", file(dict{"path": list{"/etc/passwd"}}), "path separator"},
		{"second path that climbs", file(dict{"path.utf-8": list{".."}}), "path.utf-8"},
		{"deep path", file(dict{"path": raw("l" + strings.Repeat("1:a", 24) + "e")}), `path: "widget/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a" has more than 24 parts, the limit`},
		{"same path twice", file(dict{"path": list{"a"}}), `path: "widget/a" stands twice`},
		{"file that is a folder", file(dict{"path": list{"a", "b"}}), `"widget/a" is a file and a folder`},
		{"private as a string", button.with(dict{"private": "1"}), `private: "1:1" is not an integer`},
		{"what the library cannot read", button.with(dict{"source": dict{}}), "torrent library cannot read"},

		{"v2 only", hybrid.with(dict{"pieces": nil, "files": nil}), "BitTorrent v2 only (BEP 52)"},
		{"unknown version", button.with(dict{"meta version": 3}), "meta version"},
		{"version as a string", button.with(dict{"meta version": "2"}), "meta version"},
		{"tree without a version", hybrid.with(dict{"meta version": nil}), "file tree: there is one, but no meta version 2"},
		{"version without a tree", hybrid.with(dict{"file tree": nil}), "file tree:"},
		{"tree is a list", tree(list{}), "missing or not a dictionary"},
		{"tree lacks a file", tree(dict{"js": dict{"button.js": leaf(16000)}}), `"widget/style.css" is missing`},
		{"tree has one more", tree(dict{"js": dict{"button.js": leaf(16000)}, "style.css": leaf(20000), "z": leaf(1)}), "not among the v1 files"},
		{"tree has another length", tree(dict{"js": dict{"button.js": leaf(16001)}, "style.css": leaf(20000)}), "16001 bytes stands where"},
		{"tree has another name", tree(dict{"js": dict{"..": leaf(16000)}, "style.css": leaf(20000)}), "stands where"},
		{"empty folder in the tree", tree(dict{"js": dict{}}), "empty folder"},
		{"file and folder in the tree", tree(dict{"js": dict{"": dict{"length": 1}, "x": leaf(1)}}), "a file and a folder"},
		{"short root", tree(dict{"js": dict{"button.js": dict{"": dict{"length": 16000, "pieces root": "x"}}}}), "pieces root: 1 bytes"},
		{"no padding between", hybrid.with(dict{
			"pieces": hashes(3),
			"files":  list{dict{"length": 16000, "path": list{"js", "button.js"}}, dict{"length": 20000, "path": list{"style.css"}}},
		}), "begins at byte 16384, but at 16000"},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := admit.Info([]byte(encode(c.info)))
			switch {
			case err == nil:
				t.Fatalf("admitted, want %q", c.want)
			case !strings.Contains(err.Error(), c.want):
				t.Errorf("error %q, want %q in it", err, c.want)
			case strings.ContainsAny(err.Error(), "\n\x00") || len(err.Error()) > 400:
				t.Errorf("not one short line: %q", err)
			}
		})
	}
}

func TestLimitsAreReachedAndNotPassed(t *testing.T) {
	pieces := func(n int) []byte {
		return []byte(encode(dict{"info": button.with(dict{"length": n * 16384, "pieces": hashes(n)})}))
	}
	if _, err := admit.Metainfo(pieces(admit.MaxPieces), admit.Given, admit.Policy{}); err != nil {
		t.Errorf("%d pieces: %v", admit.MaxPieces, err)
	}
	if _, err := admit.Metainfo(pieces(admit.MaxPieces+1), admit.Given, admit.Policy{}); err == nil || !strings.Contains(err.Error(), "the limit is 262144") {
		t.Errorf("%d pieces: %v", admit.MaxPieces+1, err)
	}
	files := func(n int) []byte {
		all := make(list, n)
		for i := range all {
			all[i] = dict{"length": 1, "attr": "p", "path": list{"x"}}
		}
		return []byte(encode(widget.with(dict{"files": all, "pieces": hashes((n + 16383) / 16384)})))
	}
	if _, err := admit.Info(files(90_000)); err != nil {
		t.Errorf("90,000 files: %v", err)
	}
	if _, err := admit.Metainfo([]byte("d4:info"+string(files(admit.MaxFiles+1))+"e"), admit.Given, admit.Policy{}); err == nil || !strings.Contains(err.Error(), "the limit is 100000") {
		t.Errorf("%d files: %v", admit.MaxFiles+1, err)
	}
}

// checkAgainstLibrary holds what was admitted against what the torrent library reads,
// and calls what panics in it where an info is not consistent.
func checkAgainstLibrary(t *testing.T, got *admit.Torrent) {
	t.Helper()
	var info metainfo.Info
	if err := bencode.Unmarshal(got.InfoBytes, &info); err != nil {
		t.Fatalf("the library cannot read it: %v", err)
	}
	if info.BestName() != got.Name || info.PieceLength != got.PieceLength || info.NumPieces() != got.Pieces || info.HasV2() != got.Hybrid {
		t.Errorf("the library reads %q, %d pieces of %d, v2 %v; admitted %q, %d of %d, hybrid %v", info.BestName(), info.NumPieces(),
			info.PieceLength, info.HasV2(), got.Name, got.Pieces, got.PieceLength, got.Hybrid)
	}
	i := 0
	for f := range info.UpvertedV1Files() {
		if w := got.Files[i]; w.Length != f.Length || w.Offset != f.TorrentOffset {
			t.Errorf("file %d: the library reads %d bytes at %d, admitted %d at %d", i, f.Length, f.TorrentOffset, w.Length, w.Offset)
		}
		i++
	}
	for i := range min(got.Pieces, 50) {
		p := info.Piece(i)
		if hash := p.V1Hash(); !hash.Ok || hash.Value != metainfo.Hash(got.PieceHash(i)) {
			t.Errorf("piece %d: the library reads another hash", i)
		}
		if p.Length() > p.V1Length() {
			t.Errorf("piece %d: longer as v2 than as v1", i)
		}
	}
}

func TestAdmittedInfoIsReadByTheLibraryAsByTheGate(t *testing.T) {
	for name, info := range map[string]dict{
		"one file": button, "files": widget, "hybrid": hybrid,
		"hybrid of one file": button.with(dict{
			"meta version": 2,
			"file tree":    dict{"button.html": dict{"": dict{"length": 20000, "pieces root": root}}},
		}),
		"hybrid with padding at the end": hybrid.with(dict{"files": append(widget["files"].(list)[:3:3],
			dict{"attr": "p", "length": 12768, "path": list{".pad", "12768"}})}),
		"empty files": widget.with(dict{"files": list{
			dict{"length": 0, "path": list{"a"}}, dict{"length": 36384, "path": list{"b"}}, dict{"length": 0, "path": list{"c"}},
		}}),
	} {
		t.Run(name, func(t *testing.T) {
			got, err := admit.Info([]byte(encode(info)))
			if err != nil {
				t.Fatal(err)
			}
			checkAgainstLibrary(t, &got)
		})
	}
}
