package admit_test

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// dict and list are written as bencode by encode, keys in order. A raw string is written as it is.
type (
	dict map[string]any
	list []any
	raw  string
)

func encode(v any) string {
	switch v := v.(type) {
	case raw:
		return string(v)
	case string:
		return fmt.Sprintf("%d:%s", len(v), v)
	case int:
		return fmt.Sprintf("i%de", v)
	case list:
		var b strings.Builder
		for _, item := range v {
			b.WriteString(encode(item))
		}
		return "l" + b.String() + "e"
	case dict:
		var b strings.Builder
		for _, k := range slices.Sorted(maps.Keys(v)) {
			b.WriteString(encode(k) + encode(v[k]))
		}
		return "d" + b.String() + "e"
	}
	panic(fmt.Sprintf("no bencode for %T", v))
}

// with returns d with some keys set, or taken away where the value is nil.
func (d dict) with(changes dict) dict {
	d = maps.Clone(d)
	for k, v := range changes {
		if d[k] = v; v == nil {
			delete(d, k)
		}
	}
	return d
}

// hashes stands for the piece hashes of n pieces.
func hashes(n int) string { return strings.Repeat("\x01", 20*n) }

// root stands for the root of a Merkle tree.
var root = strings.Repeat("\x02", 32)

// button is the info dictionary of one small file.
var button = dict{"length": 20000, "name": "button.html", "piece length": 16384, "pieces": hashes(2)}

// widget is that of two files with padding between.
var widget = dict{
	"name": "widget", "piece length": 16384, "pieces": hashes(3),
	"files": list{
		dict{"length": 16000, "path": list{"js", "button.js"}},
		dict{"attr": "p", "length": 384, "path": list{".pad", "384"}},
		dict{"length": 20000, "path": list{"style.css"}},
	},
}

// hybrid is widget as a v2 torrent too.
var hybrid = widget.with(dict{
	"meta version": 2,
	"file tree": dict{
		"js":        dict{"button.js": dict{"": dict{"length": 16000, "pieces root": root}}},
		"style.css": dict{"": dict{"length": 20000, "pieces root": root}},
	},
})
