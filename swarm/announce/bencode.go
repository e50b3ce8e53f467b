package announce

import (
	"errors"
	"math"
)

// The reader below takes bencode (BEP 3) apart in place. It allocates nothing,
// so that an answer costs no more than its own bytes whatever it holds.

var errBencode = errors.New("not bencode")

const maxDepth = 16

// reader consumes bencoded values from its front. The opt methods pass over a
// value of another kind and leave their error in err.
type reader struct {
	rest []byte
	err  error
}

// kind is the first byte of the next value, with '0' for every string; 0 at the end.
func (r *reader) kind() byte {
	switch {
	case len(r.rest) == 0:
		return 0
	case isDigit(r.rest[0]):
		return '0'
	}
	return r.rest[0]
}

func isDigit(c byte) bool { return '0' <= c && c <= '9' }

// text consumes a string; the result shares the reader's bytes.
func (r *reader) text() ([]byte, error) {
	n, i := 0, 0
	for ; i < len(r.rest) && isDigit(r.rest[i]); i++ {
		if n = n*10 + int(r.rest[i]-'0'); n > len(r.rest) {
			return nil, errBencode
		}
	}
	if i == 0 || i == len(r.rest) || r.rest[i] != ':' || n > len(r.rest)-i-1 {
		return nil, errBencode
	}
	s := r.rest[i+1 : i+1+n]
	r.rest = r.rest[i+1+n:]
	return s, nil
}

// number consumes an integer and clamps it to 64 bits.
func (r *reader) number() (int64, error) {
	if r.kind() != 'i' {
		return 0, errBencode
	}
	i, negative := 1, false
	if i < len(r.rest) && r.rest[i] == '-' {
		i, negative = i+1, true
	}
	first, n := i, int64(0)
	for ; i < len(r.rest) && isDigit(r.rest[i]); i++ {
		d := int64(r.rest[i] - '0')
		if n > (math.MaxInt64-d)/10 {
			n = math.MaxInt64
		} else {
			n = n*10 + d
		}
	}
	if i == first || i == len(r.rest) || r.rest[i] != 'e' {
		return 0, errBencode
	}
	r.rest = r.rest[i+1:]
	if negative {
		n = -n
	}
	return n, nil
}

// skip consumes a value of any kind.
func (r *reader) skip(depth int) error {
	switch r.kind() {
	case '0':
		_, err := r.text()
		return err
	case 'i':
		_, err := r.number()
		return err
	case 'l':
		return r.list(func() error { return r.inner(depth) })
	case 'd':
		return r.dict(func([]byte) error { return r.inner(depth) })
	}
	return errBencode
}

func (r *reader) inner(depth int) error {
	if depth >= maxDepth {
		return errBencode
	}
	return r.skip(depth + 1)
}

// list consumes a list and calls item in front of each value, which item must consume.
func (r *reader) list(item func() error) error {
	if r.kind() != 'l' {
		return errBencode
	}
	r.rest = r.rest[1:]
	for r.kind() != 'e' {
		if err := item(); err != nil {
			return err
		}
	}
	r.rest = r.rest[1:]
	return nil
}

// dict consumes a dictionary and calls value in front of each value, which value must consume.
func (r *reader) dict(value func(key []byte) error) error {
	if r.kind() != 'd' {
		return errBencode
	}
	r.rest = r.rest[1:]
	for r.kind() != 'e' {
		key, err := r.text()
		if err != nil {
			return err
		}
		if err := value(key); err != nil {
			return err
		}
	}
	r.rest = r.rest[1:]
	return nil
}
