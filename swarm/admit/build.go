package admit

// Single returns the torrent of one file that this machine publishes: name,
// length, piece length and piece hashes and nothing else, so that the same file
// makes the same info hash everywhere. hashes are 20 bytes of SHA-1 a piece.
func Single(name string, length, pieceLength int64, hashes []byte) (Torrent, error) {
	b := make([]byte, 0, len(hashes)+len(name)+128)
	b = append(b, 'd')
	b = appendString(b, "length")
	b = appendInt(b, length)
	b = appendString(b, "name")
	b = appendString(b, name)
	b = appendString(b, "piece length")
	b = appendInt(b, pieceLength)
	b = appendString(b, "pieces")
	b = appendString(b, string(hashes))
	b = append(b, 'e')
	v, err := check(b)
	if err != nil {
		return Torrent{}, err
	}
	return admitInfo(v)
}
