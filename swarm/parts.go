package swarm

// Any returns the value for code that does not know its type, as one that stores
// snapshots; nil when it is unknown.
func (o Opt[T]) Any() any {
	if !o.known {
		return nil
	}
	return o.value
}

// SetAny makes v the known value. A v of another type than T makes it unknown.
func (o *Opt[T]) SetAny(v any) { o.value, o.known = v.(T) }

// Bytes returns the set as peers send it (BEP 3): a bit a piece, the first piece
// in the highest bit of the first byte.
func (b Bitfield) Bytes() []byte {
	bytes := make([]byte, (b.n+7)/8)
	for i := range b.n {
		if b.Has(i) {
			bytes[i/8] |= 1 << (7 - i%8)
		}
	}
	return bytes
}

// BitfieldOf returns the set of the pieces 0 to n−1 that Bytes wrote. What lies
// beyond n is ignored, and what is missing is not in the set.
func BitfieldOf(n int, bytes []byte) Bitfield {
	if n <= 0 {
		return Bitfield{}
	}
	b := NewBitfield(n)
	for i := range min(n, 8*len(bytes)) {
		if bytes[i/8]&(1<<(7-i%8)) != 0 {
			b.Set(i)
		}
	}
	return b
}
