package swarm_test

import (
	"encoding"
	"encoding/json"
	"maps"
	"os"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"swarmtop/swarm"
)

// row is one field in the tables of .github/SNAPSHOT.md: its path and its kind.
var row = regexp.MustCompile("(?m)^\\| `([a-z0-9_.\\[\\]]+)` \\| ([a-z ]+) \\| \\S")

func TestEveryFieldOfASnapshotIsDocumented(t *testing.T) {
	page, err := os.ReadFile("../.github/SNAPSHOT.md")
	if err != nil {
		t.Fatal(err)
	}
	documented := map[string]string{}
	for _, m := range row.FindAllStringSubmatch(string(page), -1) {
		if _, twice := documented[m[1]]; twice {
			t.Errorf("%s is documented twice", m[1])
		}
		documented[m[1]] = m[2]
	}
	fields := map[string]string{}
	collect(fields, "", reflect.TypeFor[swarm.Snapshot]())
	for _, path := range slices.Sorted(maps.Keys(fields)) {
		if got, ok := documented[path]; !ok {
			t.Errorf("%s (%s) is not documented", path, fields[path])
		} else if got != fields[path] {
			t.Errorf("%s is documented as %s, but is %s", path, got, fields[path])
		}
	}
	for path := range documented {
		if _, ok := fields[path]; !ok {
			t.Errorf("%s is documented, but not there", path)
		}
	}
}

// collect adds the fields of a struct that JSON has, and those of the structs in it.
func collect(fields map[string]string, prefix string, t reflect.Type) {
	for i := range t.NumField() {
		f := t.Field(i)
		tag, _, _ := strings.Cut(f.Tag.Get("json"), ",")
		switch {
		case tag == "-" || !f.IsExported():
		case f.Anonymous && tag == "":
			collect(fields, prefix, f.Type)
		default:
			if tag == "" {
				tag = f.Name
			}
			kind, inner, nested := kindOf(f.Type)
			fields[prefix+tag] = kind
			if nested != nil {
				collect(fields, prefix+tag+inner, nested)
			}
		}
	}
}

// kindOf returns what a value of type t is in JSON, and for structs within it how
// their fields are joined to its path.
func kindOf(t reflect.Type) (kind, inner string, nested reflect.Type) {
	if get, ok := t.MethodByName("Get"); ok && strings.HasPrefix(t.Name(), "Opt[") {
		kind, inner, nested = kindOf(get.Type.Out(0))
		return kind + " or null", inner, nested
	}
	switch {
	case t == reflect.TypeFor[swarm.Tristate]():
		return "boolean or null", "", nil
	case t == reflect.TypeFor[time.Time]():
		return "time", "", nil
	case t == reflect.TypeFor[time.Duration]():
		return "number", "", nil
	case t.Implements(reflect.TypeFor[encoding.TextMarshaler]()):
		return "string", "", nil
	case t.Implements(reflect.TypeFor[json.Marshaler]()):
		return "unknown kind", "", nil
	}
	switch t.Kind() {
	case reflect.Struct:
		return "object", ".", t
	case reflect.Slice:
		return "array", "[].", t.Elem()
	case reflect.String:
		return "string", "", nil
	case reflect.Bool:
		return "boolean", "", nil
	}
	return "number", "", nil
}
