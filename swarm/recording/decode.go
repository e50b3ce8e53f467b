package recording

import (
	"encoding/binary"
	"fmt"
	"math"
	"reflect"
	"slices"
	"strings"
	"time"

	"swarmtop/swarm"
)

// textCells is what is shown of a text at most. What was cleaned once is shorter.
const textCells = 4096

// input is what is left to decode. After the first error it gives zeros.
type input struct {
	b    []byte
	room int // bytes of memory that may still be taken
	err  error
}

func (in *input) fail(what string) {
	if in.err == nil {
		in.err = fmt.Errorf("%w: %s", ErrDamaged, what)
	}
	in.b = nil
}

// take returns the next n bytes; they belong to the input.
func (in *input) take(n uint64) []byte {
	if n > uint64(len(in.b)) {
		in.fail("it ends too early")
		return nil
	}
	b := in.b[:n]
	in.b = in.b[n:]
	return b
}

func (in *input) uint() uint64 {
	n, size := binary.Uvarint(in.b)
	if size <= 0 {
		in.fail("a figure ends too early")
		return 0
	}
	in.b = in.b[size:]
	return n
}

func (in *input) int() int64 {
	n, size := binary.Varint(in.b)
	if size <= 0 {
		in.fail("a figure ends too early")
		return 0
	}
	in.b = in.b[size:]
	return n
}

// length reads that of a list or map of elements so large. More elements than
// bytes are left, or than fit into memory, are an error.
func (in *input) length(element uintptr) (n int, isNil bool) {
	count := in.uint()
	if count == 0 {
		return 0, true
	}
	count--
	if count > uint64(len(in.b)) {
		in.fail("a list is longer than what is left")
		return 0, true
	}
	in.charge(int(count) * int(max(element, 1)))
	if in.err != nil {
		return 0, true
	}
	return int(count), false
}

func (in *input) charge(bytes int) {
	if in.room -= bytes; in.room < 0 {
		in.fail("it takes too much memory")
	}
}

// decoder reads a value into v.
type decoder func(in *input, v reflect.Value)

// decoderOf returns how values of a shape are read into values of a type. Where
// the type does not fit, or is nil, they are read and forgotten.
func decoderOf(s *shape, t reflect.Type) (decoder, error) {
	if s == nil {
		return nil, fmt.Errorf("%w: a shape is missing", ErrDamaged)
	}
	if parts := map[kind]int{listKind: 1, optKind: 1, mapKind: 2}[s.Kind]; s.Kind != recordKind && len(s.Parts) != parts {
		return nil, fmt.Errorf("%w: a shape of kind %.8q has %d parts", ErrDamaged, s.Kind, len(s.Parts))
	}
	if !fits(s, t) {
		t = nil
	}
	switch s.Kind {
	case recordKind:
		return decoderOfRecord(s, t)
	case listKind:
		return decoderOfList(s, t)
	case mapKind:
		return decoderOfMap(s, t)
	case optKind:
		return decoderOfOpt(s, t)
	}
	read, forgotten := leaf(s.Kind)
	if read == nil {
		return nil, fmt.Errorf("%w: a shape of unknown kind %.8q", ErrDamaged, s.Kind)
	}
	switch {
	case t == nil:
		return func(in *input, _ reflect.Value) { read(in, reflect.New(forgotten).Elem()) }, nil
	case s.Kind == uintKind && t.Implements(reflect.TypeFor[fmt.Stringer]()):
		return func(in *input, v reflect.Value) {
			read(in, v)
			in.know(v.Interface().(fmt.Stringer).String())
		}, nil
	}
	return read, nil
}

// know holds that a word is known: what is not begins with a question mark.
func (in *input) know(word string) {
	if strings.HasPrefix(word, "?") {
		in.fail("a word is unknown")
	}
}

// fits tells whether values of a shape can be read into a type; of records,
// whether any of their fields can be is not looked at.
func fits(s *shape, t reflect.Type) bool {
	if t == nil {
		return false
	}
	_, own, err := encoderOf(t)
	return err == nil && alike(s, own)
}

func alike(a, b *shape) bool {
	if a == nil || a.Kind != b.Kind {
		return false
	}
	if a.Kind == recordKind {
		return true
	}
	return slices.EqualFunc(a.Parts, b.Parts, alike)
}

// leaf returns how values of a kind without parts are read, and a type for those
// that are forgotten; nil for another kind.
func leaf(k kind) (decoder, reflect.Type) {
	switch k {
	case boolKind:
		return readBool, reflect.TypeFor[bool]()
	case intKind:
		return readInt, reflect.TypeFor[int64]()
	case uintKind:
		return readUint, reflect.TypeFor[uint64]()
	case floatKind:
		return readFloat, reflect.TypeFor[float64]()
	case textKind:
		return readText, reflect.TypeFor[string]()
	case bytesKind:
		return readBytes, reflect.TypeFor[[0]byte]()
	case timeKind:
		return readTime, timeType
	case bitsKind:
		return readBits, bitsType
	}
	return nil, nil
}

func readBool(in *input, v reflect.Value) {
	if b := in.take(1); len(b) == 1 {
		v.SetBool(b[0] != 0)
	}
}

func readInt(in *input, v reflect.Value) {
	n := in.int()
	if v.OverflowInt(n) {
		in.fail("a figure is too large")
		return
	}
	v.SetInt(n)
}

func readUint(in *input, v reflect.Value) {
	n := in.uint()
	if v.OverflowUint(n) {
		in.fail("a figure is too large")
		return
	}
	v.SetUint(n)
}

func readFloat(in *input, v reflect.Value) {
	b := in.take(8)
	if len(b) < 8 {
		return
	}
	f := math.Float64frombits(binary.LittleEndian.Uint64(b))
	if math.IsNaN(f) || math.IsInf(f, 0) {
		in.fail("a figure is not a number")
		return
	}
	v.SetFloat(f)
}

func readText(in *input, v reflect.Value) {
	b := in.take(in.uint())
	in.charge(len(b))
	if in.err == nil {
		v.SetString(swarm.Clean(string(b), textCells))
	}
}

func readBytes(in *input, v reflect.Value) {
	reflect.Copy(v, reflect.ValueOf(in.take(in.uint())))
}

func readTime(in *input, v reflect.Value) {
	if b := in.take(1); len(b) == 0 || b[0] == 0 {
		return
	}
	t := time.Unix(in.int(), int64(min(in.uint(), 1e9-1)))
	if y := t.Year(); y < 1 || y > 9999 {
		in.fail("a time is out of range")
		return
	}
	v.Set(reflect.ValueOf(t))
}

func readBits(in *input, v reflect.Value) {
	n := in.uint()
	if n > 8*uint64(len(in.b)) {
		in.fail("a set is longer than what is left")
		return
	}
	b := in.take((n + 7) / 8)
	in.charge(len(b))
	v.Set(reflect.ValueOf(swarm.BitfieldOf(int(n), b)))
}

func decoderOfRecord(s *shape, t reflect.Type) (decoder, error) {
	type field struct {
		read  decoder
		index []int // nil for one to forget
	}
	fields := make([]field, len(s.Parts))
	for i, part := range s.Parts {
		var into reflect.Type
		if t != nil && part != nil {
			if f, ok := t.FieldByName(part.Name); ok && len(f.Index) == 1 && f.IsExported() {
				into, fields[i].index = f.Type, f.Index
			}
		}
		read, err := decoderOf(part, into)
		if err != nil {
			return nil, err
		}
		fields[i].read = read
	}
	return func(in *input, v reflect.Value) {
		in.charge(len(fields))
		for _, f := range fields {
			if in.err != nil {
				return
			}
			if f.index == nil {
				f.read(in, reflect.Value{})
			} else {
				f.read(in, v.FieldByIndex(f.index))
			}
		}
	}, nil
}

func decoderOfList(s *shape, t reflect.Type) (decoder, error) {
	if t == nil {
		read, err := decoderOf(s.Parts[0], nil)
		return func(in *input, _ reflect.Value) {
			for range first(in.length(1)) {
				if in.err != nil {
					return
				}
				read(in, reflect.Value{})
			}
		}, err
	}
	read, err := decoderOf(s.Parts[0], t.Elem())
	return func(in *input, v reflect.Value) {
		n, isNil := in.length(t.Elem().Size())
		if isNil {
			return
		}
		v.Set(reflect.MakeSlice(t, n, n))
		for i := 0; i < n && in.err == nil; i++ {
			read(in, v.Index(i))
		}
	}, err
}

func first(n int, _ bool) int { return n }

func decoderOfMap(s *shape, t reflect.Type) (decoder, error) {
	var key, value reflect.Type
	if t != nil {
		key, value = t.Key(), t.Elem()
	}
	readKey, err := decoderOf(s.Parts[0], key)
	if err != nil {
		return nil, err
	}
	readValue, err := decoderOf(s.Parts[1], value)
	const perEntry = 64 // bytes of memory, about
	return func(in *input, v reflect.Value) {
		n, isNil := in.length(perEntry)
		if isNil {
			return
		}
		if t != nil {
			v.Set(reflect.MakeMapWithSize(t, n))
		}
		for i := 0; i < n && in.err == nil; i++ {
			if t == nil {
				readKey(in, reflect.Value{})
				readValue(in, reflect.Value{})
				continue
			}
			k, e := reflect.New(key).Elem(), reflect.New(value).Elem()
			readKey(in, k)
			readValue(in, e)
			v.SetMapIndex(k, e)
		}
	}, err
}

func decoderOfOpt(s *shape, t reflect.Type) (decoder, error) {
	var value reflect.Type
	if t != nil {
		value = t.Field(0).Type
	}
	read, err := decoderOf(s.Parts[0], value)
	return func(in *input, v reflect.Value) {
		if b := in.take(1); len(b) == 0 || b[0] == 0 {
			return
		}
		if t == nil {
			read(in, reflect.Value{})
			return
		}
		x := reflect.New(value).Elem()
		if read(in, x); in.err == nil {
			v.Addr().Interface().(optional).SetAny(x.Interface())
		}
	}, err
}
