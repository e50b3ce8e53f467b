package swarm

import (
	"encoding/json"
	"time"
)

// Opt is a value that may be unknown. The zero Opt is unknown, which is never
// the same as a zero value: it is drawn as "–" and written to JSON as null.
type Opt[T any] struct {
	value T
	known bool
}

// Known returns an Opt that holds v.
func Known[T any](v T) Opt[T] { return Opt[T]{v, true} }

// Get returns the value and whether it is known.
func (o Opt[T]) Get() (T, bool) { return o.value, o.known }

// IsKnown tells whether there is a value.
func (o Opt[T]) IsKnown() bool { return o.known }

// Or returns the value, or fallback when it is unknown.
func (o Opt[T]) Or(fallback T) T {
	if o.known {
		return o.value
	}
	return fallback
}

// MarshalJSON writes the value or null. A [time.Duration] is written in
// milliseconds, as the field names of the JSON snapshot say (latency_ms).
func (o Opt[T]) MarshalJSON() ([]byte, error) {
	if !o.known {
		return []byte("null"), nil
	}
	if d, ok := any(o.value).(time.Duration); ok {
		return json.Marshal(float64(d.Microseconds()) / 1000)
	}
	return json.Marshal(o.value)
}

// UnmarshalJSON reads what MarshalJSON writes.
func (o *Opt[T]) UnmarshalJSON(b []byte) error {
	*o = Opt[T]{}
	if string(b) == "null" {
		return nil
	}
	if d, ok := any(&o.value).(*time.Duration); ok {
		var ms float64
		if err := json.Unmarshal(b, &ms); err != nil {
			return err
		}
		*d, o.known = time.Duration(ms*float64(time.Millisecond)), true
		return nil
	}
	if err := json.Unmarshal(b, &o.value); err != nil {
		return err
	}
	o.known = true
	return nil
}

// Tristate is an answer that may be unknown. It is JSON true, false or null.
type Tristate uint8

// The three answers; the zero value is Unknown.
const (
	Unknown Tristate = iota
	No
	Yes
)

// TristateOf returns Yes for true and No for false.
func TristateOf(b bool) Tristate {
	if b {
		return Yes
	}
	return No
}

// MarshalJSON writes true, false or null.
func (t Tristate) MarshalJSON() ([]byte, error) {
	switch t {
	case Yes:
		return []byte("true"), nil
	case No:
		return []byte("false"), nil
	}
	return []byte("null"), nil
}

// UnmarshalJSON reads what MarshalJSON writes.
func (t *Tristate) UnmarshalJSON(b []byte) error {
	var p *bool
	if err := json.Unmarshal(b, &p); err != nil {
		return err
	}
	*t = Unknown
	if p != nil {
		*t = TristateOf(*p)
	}
	return nil
}
