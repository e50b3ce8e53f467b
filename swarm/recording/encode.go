package recording

import (
	"encoding/binary"
	"fmt"
	"math"
	"reflect"
	"time"

	"swarmtop/swarm"
)

// kind is how a value is written.
type kind string

const (
	boolKind   kind = "bool"   // a byte
	intKind    kind = "int"    // zigzag varint
	uintKind   kind = "uint"   // varint
	floatKind  kind = "float"  // 8 bytes
	textKind   kind = "text"   // its length and its bytes
	bytesKind  kind = "bytes"  // likewise
	timeKind   kind = "time"   // 0 for the zero time; else 1, seconds since 1970 and nanoseconds
	bitsKind   kind = "bits"   // the length in bits, then bytes
	listKind   kind = "list"   // 0 for nil, else 1 + length; the elements
	mapKind    kind = "map"    // likewise; keys and values
	recordKind kind = "record" // the fields, one after another
	optKind    kind = "opt"    // 0 for unknown; else 1 and the value
)

// shape tells how the values of a type are written, so that another program,
// whose types have other fields, can read them.
type shape struct {
	Kind  kind     `json:"k"`
	Name  string   `json:"n,omitempty"` // of a record's field
	Parts []*shape `json:"p,omitempty"` // the fields of a record, the element of a list or an Opt, the key and value of a map
}

// optional is what a pointer to a [swarm.Opt] offers.
type optional interface {
	Any() any
	SetAny(v any)
}

var (
	optionalType = reflect.TypeFor[optional]()
	timeType     = reflect.TypeFor[time.Time]()
	bitsType     = reflect.TypeFor[swarm.Bitfield]()
)

// encoder appends a value to b.
type encoder func(b []byte, v reflect.Value) []byte

// encoderOf returns how values of a type are written. A type that cannot be
// written is an error.
func encoderOf(t reflect.Type) (encoder, *shape, error) {
	switch {
	case t == timeType:
		return encodeTime, &shape{Kind: timeKind}, nil
	case t == bitsType:
		return encodeBits, &shape{Kind: bitsKind}, nil
	case reflect.PointerTo(t).Implements(optionalType):
		return encoderOfOpt(t)
	}
	switch t.Kind() {
	case reflect.Bool:
		return encodeBool, &shape{Kind: boolKind}, nil
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		return func(b []byte, v reflect.Value) []byte { return binary.AppendVarint(b, v.Int()) }, &shape{Kind: intKind}, nil
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		return func(b []byte, v reflect.Value) []byte { return binary.AppendUvarint(b, v.Uint()) }, &shape{Kind: uintKind}, nil
	case reflect.Float64:
		return func(b []byte, v reflect.Value) []byte {
			return binary.LittleEndian.AppendUint64(b, math.Float64bits(v.Float()))
		}, &shape{Kind: floatKind}, nil
	case reflect.String:
		return func(b []byte, v reflect.Value) []byte {
			return append(binary.AppendUvarint(b, uint64(v.Len())), v.String()...)
		}, &shape{Kind: textKind}, nil
	case reflect.Array:
		if t.Elem().Kind() == reflect.Uint8 {
			return encodeBytes, &shape{Kind: bytesKind}, nil
		}
	case reflect.Slice:
		return encoderOfList(t)
	case reflect.Map:
		return encoderOfMap(t)
	case reflect.Struct:
		return encoderOfRecord(t)
	}
	return nil, nil, fmt.Errorf("recording: cannot keep a %s", t)
}

func encodeBool(b []byte, v reflect.Value) []byte {
	if v.Bool() {
		return append(b, 1)
	}
	return append(b, 0)
}

func encodeTime(b []byte, v reflect.Value) []byte {
	t := v.Interface().(time.Time)
	if t.IsZero() {
		return append(b, 0)
	}
	b = binary.AppendVarint(append(b, 1), t.Unix())
	return binary.AppendUvarint(b, uint64(t.Nanosecond()))
}

func encodeBits(b []byte, v reflect.Value) []byte {
	bits := v.Interface().(swarm.Bitfield)
	return append(binary.AppendUvarint(b, uint64(bits.Len())), bits.Bytes()...)
}

func encodeBytes(b []byte, v reflect.Value) []byte {
	b = binary.AppendUvarint(b, uint64(v.Len()))
	for i := range v.Len() {
		b = append(b, byte(v.Index(i).Uint()))
	}
	return b
}

func encoderOfOpt(t reflect.Type) (encoder, *shape, error) {
	value, s, err := encoderOf(t.Field(0).Type)
	if err != nil {
		return nil, nil, err
	}
	return func(b []byte, v reflect.Value) []byte {
		known := v.Interface().(interface{ Any() any }).Any()
		if known == nil {
			return append(b, 0)
		}
		return value(append(b, 1), reflect.ValueOf(known))
	}, &shape{Kind: optKind, Parts: []*shape{s}}, nil
}

func encoderOfList(t reflect.Type) (encoder, *shape, error) {
	element, s, err := encoderOf(t.Elem())
	if err != nil {
		return nil, nil, err
	}
	return func(b []byte, v reflect.Value) []byte {
		if v.IsNil() {
			return append(b, 0)
		}
		b = binary.AppendUvarint(b, uint64(v.Len())+1)
		for i := range v.Len() {
			b = element(b, v.Index(i))
		}
		return b
	}, &shape{Kind: listKind, Parts: []*shape{s}}, nil
}

func encoderOfMap(t reflect.Type) (encoder, *shape, error) {
	key, ks, err := encoderOf(t.Key())
	if err != nil {
		return nil, nil, err
	}
	value, vs, err := encoderOf(t.Elem())
	if err != nil {
		return nil, nil, err
	}
	return func(b []byte, v reflect.Value) []byte {
		if v.IsNil() {
			return append(b, 0)
		}
		b = binary.AppendUvarint(b, uint64(v.Len())+1)
		for i := v.MapRange(); i.Next(); {
			b = value(key(b, i.Key()), i.Value())
		}
		return b
	}, &shape{Kind: mapKind, Parts: []*shape{ks, vs}}, nil
}

func encoderOfRecord(t reflect.Type) (encoder, *shape, error) {
	s := &shape{Kind: recordKind}
	fields := make([]encoder, t.NumField())
	for i := range fields {
		f := t.Field(i)
		if !f.IsExported() {
			return nil, nil, fmt.Errorf("recording: cannot keep %s.%s", t, f.Name)
		}
		encode, part, err := encoderOf(f.Type)
		if err != nil {
			return nil, nil, err
		}
		part.Name = f.Name
		s.Parts = append(s.Parts, part)
		fields[i] = encode
	}
	return func(b []byte, v reflect.Value) []byte {
		for i, encode := range fields {
			b = encode(b, v.Field(i))
		}
		return b
	}, s, nil
}
