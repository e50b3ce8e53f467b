package paint

import (
	"bytes"
	"encoding/binary"
	"errors"
	"hash/crc32"
	"image"
	"image/png"
)

// The text chunk that carries a picture's digest (PNG, section 11.3.3).
const (
	signatureAndHeader = 8 + 25 // the text chunk comes right behind these
	keyword            = "cells\x00"
)

// Encode writes a picture as PNG and keeps in it the digest of the screen it shows.
func Encode(m image.Image, digest string) ([]byte, error) {
	var b bytes.Buffer
	e := png.Encoder{CompressionLevel: png.BestCompression}
	if err := e.Encode(&b, m); err != nil {
		return nil, err
	}
	data := []byte("tEXt" + keyword + digest)
	chunk := binary.BigEndian.AppendUint32(nil, uint32(len(data)-4))
	chunk = append(chunk, data...)
	chunk = binary.BigEndian.AppendUint32(chunk, crc32.ChecksumIEEE(data))
	whole := append([]byte{}, b.Bytes()[:signatureAndHeader]...)
	whole = append(whole, chunk...)
	return append(whole, b.Bytes()[signatureAndHeader:]...), nil
}

// DigestOf reads the digest that Encode left in a picture.
func DigestOf(picture []byte) (string, error) {
	lead := 8 + len(keyword) // length, type, keyword
	if len(picture) < signatureAndHeader+lead {
		return "", errors.New("not a picture of a screen: too short")
	}
	chunk := picture[signatureAndHeader:]
	if string(chunk[4:lead]) != "tEXt"+keyword {
		return "", errors.New("not a picture of a screen: no digest in it")
	}
	end := 8 + int(binary.BigEndian.Uint32(chunk))
	if end < lead || end > len(chunk) {
		return "", errors.New("not a picture of a screen: its digest is cut off")
	}
	return string(chunk[lead:end]), nil
}
