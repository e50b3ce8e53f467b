package recording_test

import (
	"fmt"
	"reflect"
	"time"

	"pgregory.net/rapid"

	"swarmtop/swarm"
)

// snapshots draws any snapshot that a program may publish: every field of it, by
// its type, with what belongs together made to fit.
func snapshots() *rapid.Generator[*swarm.Snapshot] {
	return rapid.Custom(func(t *rapid.T) *swarm.Snapshot {
		s := new(swarm.Snapshot)
		fill(t, reflect.ValueOf(s).Elem())
		s.History = history(t)
		for i := range s.LongHistory {
			s.LongHistory[i] = history(t)
		}
		for i := range s.Swarms {
			fit(t, &s.Swarms[i])
		}
		return s
	})
}

func history(t *rapid.T) swarm.History {
	n := rapid.IntRange(0, 5).Draw(t, "points")
	points := rapid.SliceOfN(rapid.Int64Min(-1), n, n)
	return swarm.History{Step: time.Second, Down: points.Draw(t, "down"), Up: points.Draw(t, "up")}
}

// fit makes the pieces of a swarm and of its peers belong together.
func fit(t *rapid.T, w *swarm.Swarm) {
	p := &w.Pieces
	p.Count, p.Length = rapid.IntRange(0, 200).Draw(t, "pieces"), 16<<10
	p.Ours = bits(t, p.Count)
	p.Have = p.Ours.Count()
	p.Availability = rapid.SliceOfN(rapid.Uint16(), p.Count, p.Count).Draw(t, "availability")
	p.Partial = nil
	p.Rarest = swarm.Opt[swarm.Rarest]{}
	if p.Count > 0 && rapid.Bool().Draw(t, "more") {
		p.Partial = map[int]float64{rapid.IntRange(0, p.Count-1).Draw(t, "partial"): 0.5}
		p.Rarest = swarm.RarestOf(p.Availability)
	}
	w.Crowd.Step &= 1<<40 - 1
	w.Done, w.Size = w.Done&(1<<40-1), swarm.Known(w.Size.Or(0)&(1<<40-1))
	for i := range w.Peers {
		w.Peers[i].Pieces = bits(t, p.Count)
		w.Peers[i].Have = w.Peers[i].Pieces.Count()
	}
}

func bits(t *rapid.T, n int) swarm.Bitfield {
	if n == 0 {
		return swarm.Bitfield{}
	}
	b := swarm.NewBitfield(n)
	for _, i := range rapid.SliceOfN(rapid.IntRange(0, n-1), 0, 8).Draw(t, "bits") {
		b.Set(i)
	}
	return b
}

// fill draws a value of any type that snapshots have.
func fill(t *rapid.T, v reflect.Value) {
	switch x := v.Addr().Interface().(type) {
	case *time.Time:
		if rapid.Bool().Draw(t, "time") {
			*x = time.Unix(rapid.Int64Range(0, 1<<34).Draw(t, "seconds"), rapid.Int64Range(0, 1e9-1).Draw(t, "nano"))
		}
		return
	case *swarm.Bitfield:
		return
	case interface{ SetAny(any) }:
		if value := reflect.New(v.Field(0).Type()).Elem(); rapid.Bool().Draw(t, "known") {
			fill(t, value)
			x.SetAny(value.Interface())
		}
		return
	}
	switch v.Kind() {
	case reflect.Bool:
		v.SetBool(rapid.Bool().Draw(t, "bool"))
	case reflect.Int, reflect.Int64:
		v.SetInt(rapid.Int64().Draw(t, "int"))
	case reflect.Uint8:
		v.SetUint(uint64(rapid.SampledFrom(words(v.Type())).Draw(t, "word")))
	case reflect.Uint16, reflect.Uint64:
		v.SetUint(rapid.Uint64Max(1<<v.Type().Bits()-1).Draw(t, "uint"))
	case reflect.Float64:
		v.SetFloat(rapid.Float64Range(-1e12, 1e12).Draw(t, "float"))
	case reflect.String:
		v.SetString(swarm.Clean(rapid.String().Draw(t, "text"), 100))
	case reflect.Array:
		for i := range v.Len() {
			v.Index(i).SetUint(uint64(rapid.Byte().Draw(t, "byte")))
		}
	case reflect.Slice:
		n := rapid.IntRange(-1, 3).Draw(t, "length") // −1 for nil
		if n >= 0 {
			v.Set(reflect.MakeSlice(v.Type(), n, n))
		}
		for i := range max(n, 0) {
			fill(t, v.Index(i))
		}
	case reflect.Map:
		v.Set(reflect.MakeMap(v.Type()))
	case reflect.Struct:
		for i := range v.NumField() {
			fill(t, v.Field(i))
		}
	default:
		panic(fmt.Sprintf("a snapshot has a %s, which this test cannot draw", v.Type()))
	}
}

// words are the values of an enumeration that have a name.
func words(t reflect.Type) (known []uint8) {
	for i := range 256 {
		v := reflect.New(t).Elem()
		v.SetUint(uint64(i))
		if s, ok := v.Interface().(fmt.Stringer); ok && s.String()[0] == '?' || !ok && i > int(swarm.Yes) {
			return known
		}
		known = append(known, uint8(i))
	}
	return known
}
