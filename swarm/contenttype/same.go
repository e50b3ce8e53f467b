package contenttype

// Same tells whether an answer typed got serves for an asset typed want.
// Parameters and the several names of one type do not count. A binary type may
// also come as bytes of which nothing is said, as storage does with fonts and
// archives: nobody takes those for a page. Where nothing is known of the asset,
// everything serves but metainfo.
func Same(got, want string) bool {
	g, w := essence(got), essence(want)
	switch {
	case g == w:
		return true
	case w == Unknown:
		return g != Torrent && g != Bencode
	case g == "application/xml" || g == "text/xml":
		return w == "application/xml" || w == "text/xml"
	case g == Unknown || g == "binary/octet-stream":
		return w != "" && w != Torrent && !isTextType(w)
	}
	return false
}
