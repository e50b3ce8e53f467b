package admit

import (
	"bytes"
	"errors"
	"fmt"
	"iter"
	"strconv"
)

// value is one bencoded value (BEP 3) whose syntax [check] has accepted, so that
// reading it cannot fail but for its kind.
type value []byte

// check accepts b if it is exactly one bencoded value: no byte more, integers
// and lengths without leading zeros, keys that are strings in ascending order
// and none twice, depth and number of values within the limits.
//
// The torrent library reads dictionaries more loosely. Whoever hashes, re-encodes
// or reads a dictionary with keys out of order may understand it differently, so it is refused.
func check(b []byte) (value, error) {
	s := scanner{b: b}
	if err := s.value(0); err != nil {
		return nil, fmt.Errorf("bencode at byte %d: %w", s.at, err)
	}
	if rest := len(b) - s.at; rest > 0 {
		return nil, fmt.Errorf("bencode at byte %d: %d bytes follow the value", s.at, rest)
	}
	return b, nil
}

type scanner struct {
	b      []byte
	at     int
	values int
}

var (
	errCut     = errors.New("cut short")
	errInteger = errors.New("bad integer")
	errLength  = errors.New("bad string length")
)

func (s *scanner) value(depth int) error {
	if s.at >= len(s.b) {
		return errCut
	}
	if s.values++; s.values > maxValues {
		return fmt.Errorf("value %d, the limit is %d", s.values, maxValues)
	}
	switch c := s.b[s.at]; {
	case c == 'i':
		return s.integer()
	case '0' <= c && c <= '9':
		_, err := s.string()
		return err
	case c == 'l' || c == 'd':
		if depth == maxDepth {
			return fmt.Errorf("level %d of lists and dictionaries, the limit is %d levels", depth+1, maxDepth)
		}
		s.at++
		return s.entries(c == 'd', depth+1)
	default:
		return fmt.Errorf("%q begins no value", c)
	}
}

// entries reads what stands between the letter of a list or dictionary and its "e".
func (s *scanner) entries(dict bool, depth int) error {
	var last []byte
	for first := true; ; first = false {
		if s.at >= len(s.b) {
			return errCut
		}
		if s.b[s.at] == 'e' {
			s.at++
			return nil
		}
		if dict {
			start := s.at
			key, err := s.string()
			if err != nil {
				return err
			}
			if s.values++; !first && bytes.Compare(last, key) >= 0 {
				s.at = start
				return fmt.Errorf("key %s is out of order or stands twice", quote(key))
			}
			last = key
		}
		if err := s.value(depth); err != nil {
			return err
		}
	}
}

func (s *scanner) integer() error {
	end := bytes.IndexByte(s.b[s.at:min(len(s.b), s.at+24)], 'e')
	if end < 0 {
		return fmt.Errorf("%w %s", errInteger, quote(s.b[s.at:min(len(s.b), s.at+24)]))
	}
	text := string(s.b[s.at+1 : s.at+end])
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil || strconv.FormatInt(n, 10) != text {
		return fmt.Errorf("%w %s", errInteger, quote(text))
	}
	s.at += end + 1
	return nil
}

func (s *scanner) string() ([]byte, error) {
	n, head, ok := stringHead(s.b[s.at:])
	if !ok {
		return nil, fmt.Errorf("%w %s", errLength, quote(s.b[s.at:min(len(s.b), s.at+10)]))
	}
	if n > len(s.b)-s.at-head {
		return nil, fmt.Errorf("a string of %d bytes is cut short", n)
	}
	text := s.b[s.at+head : s.at+head+n]
	s.at += head + n
	return text, nil
}

// stringHead reads "12:" and returns 12 and the three bytes that it takes.
func stringHead(b []byte) (n, head int, ok bool) {
	for i, c := range b[:min(len(b), 10)] {
		switch {
		case c == ':' && i > 0:
			return n, i + 1, true
		case c < '0' || c > '9' || i == 1 && b[0] == '0':
			return 0, 0, false
		}
		n = 10*n + int(c-'0')
	}
	return 0, 0, false
}

// next splits the first of a run of values from the rest.
func next(b []byte) (v value, rest []byte) {
	s := scanner{b: b}
	if err := s.value(-1); err != nil {
		panic("admit: a value was read before it was checked: " + err.Error())
	}
	return b[:s.at], b[s.at:]
}

func (v value) is(kind byte) bool { return len(v) > 0 && v[0] == kind }

// integer returns the number that v is.
func (v value) integer() (int64, bool) {
	if !v.is('i') {
		return 0, false
	}
	n, err := strconv.ParseInt(string(v[1:len(v)-1]), 10, 64)
	return n, err == nil
}

// string returns the bytes of the string that v is.
func (v value) string() ([]byte, bool) {
	if len(v) == 0 {
		return nil, false
	}
	_, head, ok := stringHead(v)
	return v[head:], ok
}

// items yields the values of a list, and nothing of another kind.
func (v value) items() iter.Seq[value] {
	return func(yield func(value) bool) {
		if !v.is('l') {
			return
		}
		for b := []byte(v[1:]); b[0] != 'e'; {
			var item value
			if item, b = next(b); !yield(item) {
				return
			}
		}
	}
}

// fields yields the keys and values of a dictionary, and nothing of another kind.
func (v value) fields() iter.Seq2[string, value] {
	return func(yield func(string, value) bool) {
		if !v.is('d') {
			return
		}
		for b := []byte(v[1:]); b[0] != 'e'; {
			var key, val value
			key, b = next(b)
			val, b = next(b)
			k, _ := key.string()
			if !yield(string(k), val) {
				return
			}
		}
	}
}

// dict returns the fields of a dictionary by key; of another kind, none.
func (v value) dict() map[string]value {
	m := map[string]value{}
	for k, f := range v.fields() {
		m[k] = f
	}
	return m
}

// quote shows a stranger's bytes in an error: on one line, without control characters, not too long.
func quote[T ~string | ~[]byte](s T) string {
	const most = 64
	if len(s) > most {
		return strconv.QuoteToASCII(string(s[:most])) + "…"
	}
	return strconv.QuoteToASCII(string(s))
}
