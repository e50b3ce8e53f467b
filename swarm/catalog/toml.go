package catalog

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/pelletier/go-toml/v2"
	"github.com/pelletier/go-toml/v2/unstable"

	"swarmtop/swarm"
	"swarmtop/swarm/admit"
)

// keyCells bounds a key in an error.
const keyCells = 80

// place tells where an asset and its keys stand in a manifest.
type place struct {
	file  string
	lines map[string]int // by key; "" for the asset itself
}

// line returns the line of a key, or that of the asset where the key is missing.
func (p place) line(key string) int {
	if n := p.lines[key]; n > 0 {
		return n
	}
	return p.lines[""]
}

func (p place) errorf(key, format string, a ...any) error {
	return fmt.Errorf("%s:%d: %s: "+format, append([]any{p.file, p.line(key), swarm.Clean(key, keyCells)}, a...)...)
}

// parseManifest returns the settings and assets that are right, and errors for the others.
func parseManifest(file string, b []byte, policy admit.Policy) (*Manifest, []error) {
	m := &Manifest{File: file}
	var doc map[string]any
	if err := toml.Unmarshal(b, &doc); err != nil {
		if at, ok := errors.AsType[*toml.DecodeError](err); ok {
			row, _ := at.Position()
			return m, []error{fmt.Errorf("%s:%d: %s", file, row, strings.TrimPrefix(at.Error(), "toml: "))}
		}
		return m, []error{fmt.Errorf("%s: %w", file, err)}
	}
	top, each := lines(b)
	errs := m.Settings.read(place{file, top}, doc)
	for _, key := range slices.Sorted(maps.Keys(doc)) {
		if !slices.Contains([]string{"asset", "theme", "keys"}, key) {
			errs = append(errs, place{file, top}.errorf(key, "unknown key; there are theme, [keys] and [[asset]]"))
		}
	}
	tables, ok := doc["asset"].([]any)
	if doc["asset"] != nil && !ok {
		return m, append(errs, place{file, top}.errorf("asset", "want [[asset]] with two brackets"))
	}
	aliases := map[string]int{}
	for i, v := range tables {
		at := place{file, map[string]int{"": top["asset"]}}
		if len(each) == len(tables) {
			at.lines = each[i]
		}
		table, ok := v.(map[string]any)
		if !ok {
			errs = append(errs, at.errorf("asset", "want a table"))
			continue
		}
		r := reader{asset: asset{place: at}, policy: policy}
		r.read(table)
		if alias := r.asset.path; alias != "" {
			if first, twice := aliases[alias]; twice {
				r.fail("path", fmt.Errorf("%q is the path of the asset in line %d too", alias, first))
			} else {
				aliases[alias] = at.line("path")
			}
		}
		if errs = append(errs, r.errs...); len(r.errs) == 0 {
			m.assets = append(m.assets, r.asset)
		}
	}
	return m, errs
}

// lines finds the lines of the top-level keys and of the keys in each [[asset]].
// A document that writes its assets in another way, such as in one line, has the
// line of its key "asset" for all.
func lines(b []byte) (top map[string]int, each []map[string]int) {
	top = map[string]int{}
	in, prefix := top, "" // where the keys that come next belong
	at, line := 0, 1
	var p unstable.Parser
	for p.Reset(b); p.NextExpression(); {
		e := p.Expression()
		key := e.Key()
		if !key.Next() {
			continue
		}
		name, start := string(key.Node().Data), int(key.Node().Raw.Offset)
		line += bytes.Count(b[at:start], []byte("\n"))
		at = start
		switch whole := key.IsLast(); {
		case e.Kind == unstable.KeyValue:
			first(in, prefix+name, line)
			if !whole && key.Next() {
				first(in, prefix+name+"."+string(key.Node().Data), line)
			}
			continue
		case e.Kind == unstable.Table && name == "keys" && whole:
			in, prefix = top, "keys."
		case e.Kind == unstable.ArrayTable && name == "asset" && whole:
			in, prefix = map[string]int{"": line}, ""
			each = append(each, in)
		case name == "asset" && !whole && len(each) > 0: // a table in the last asset
			key.Next()
			first(each[len(each)-1], string(key.Node().Data), line)
			in, prefix = map[string]int{}, ""
		default:
			in, prefix = map[string]int{}, ""
		}
		first(top, name, line)
	}
	return top, each
}

// first keeps the line of a name that has none yet.
func first(lines map[string]int, name string, line int) {
	if lines[name] == 0 {
		lines[name] = line
	}
}

// reader reads the table of an asset key by key.
type reader struct {
	asset  asset
	policy admit.Policy
	errs   []error
}

func (r *reader) fail(key string, err error) {
	r.errs = append(r.errs, r.asset.errorf(key, "%w", err))
}

func (r *reader) read(table map[string]any) {
	a := &r.asset
	keys := slices.SortedFunc(maps.Keys(table), func(x, y string) int {
		return cmp.Or(a.line(x)-a.line(y), strings.Compare(x, y))
	})
	for _, key := range keys {
		v := table[key]
		var err error
		switch key {
		case "name":
			a.name, err = text(v)
		case "widget":
			a.widget, err = text(v)
		case "source":
			a.source, err = text(v)
		case "content_type":
			if a.contentType, err = text(v); err == nil {
				err = checkContentType(a.contentType)
			}
		case "path":
			if a.path, err = text(v); err == nil {
				err = checkAlias(a.path)
			}
		case "urls":
			a.urls, err = urls(v, r.httpURL)
		case "web_seeds":
			a.webSeeds, err = urls(v, r.httpURL)
		case "trackers":
			a.trackers, err = tiers(v, r.trackerURL)
		case "seed":
			err = fmt.Errorf("want true or false, not %s", kind(v))
			if on, ok := v.(bool); ok {
				a.seed, err = swarm.Known(on), nil
			}
		case "trusted":
			var ok bool
			if a.trusted, ok = v.(bool); !ok {
				err = fmt.Errorf("want true or false, not %s", kind(v))
			}
		case "piece_length":
			err = fmt.Errorf("want a number of bytes, not %s", kind(v))
			if n, ok := v.(int64); ok {
				a.pieceLength, err = n, admit.CheckPieceLength(n)
			}
		default:
			err = errors.New("unknown key; an asset has name, widget, source, content_type, path, urls, trackers, web_seeds, seed, trusted, piece_length")
		}
		if err != nil {
			r.fail(key, err)
		}
	}
	if _, given := table["source"]; !given {
		r.fail("source", errors.New("missing"))
	}
}

func (r *reader) httpURL(raw string) (string, error) { return r.policy.HTTPURL(raw, admit.Typed) }

func (r *reader) trackerURL(raw string) (string, error) {
	return r.policy.TrackerURL(raw, admit.Typed)
}

func text(v any) (string, error) {
	s, ok := v.(string)
	switch {
	case !ok:
		return "", fmt.Errorf("want a string, not %s", kind(v))
	case s == "":
		return "", errors.New("empty")
	}
	return s, nil
}

func urls(v any, admit func(string) (string, error)) ([]string, error) {
	list, ok := v.([]any)
	if !ok {
		return nil, fmt.Errorf("want a list of URLs, not %s", kind(v))
	}
	var out []string
	for _, item := range list {
		s, err := text(item)
		if err == nil {
			s, err = admit(s)
		}
		if err != nil {
			return nil, err
		}
		out = append(out, s)
	}
	return out, nil
}

// tiers reads a list of URLs, each a tier of its own, or of lists of them, each a tier (BEP 12).
func tiers(v any, admit func(string) (string, error)) ([][]string, error) {
	list, ok := v.([]any)
	if !ok {
		return nil, fmt.Errorf("want a list of URLs or of lists of them, not %s", kind(v))
	}
	var out [][]string
	for _, item := range list {
		if _, tier := item.([]any); !tier {
			item = []any{item}
		}
		tier, err := urls(item, admit)
		if err != nil {
			return nil, err
		}
		out = append(out, tier)
	}
	return out, nil
}

// kind names the type of a TOML value.
func kind(v any) string {
	switch v.(type) {
	case string:
		return "a string"
	case bool:
		return "a boolean"
	case int64, float64:
		return "a number"
	case []any:
		return "a list"
	case map[string]any:
		return "a table"
	}
	return "a date or time"
}
