package admit

import "strconv"

// Encode returns t as the bytes of a .torrent file with its own trackers and web seeds.
func (t *Torrent) Encode() []byte { return EncodeMetainfo(t, t.Trackers, t.WebSeeds) }

// EncodeMetainfo returns t as the bytes of a .torrent file (BEP 3, BEP 12, BEP 19) with
// the trackers and web seeds given: the info dictionary exactly as it was admitted,
// everything else in the canonical order, so that the same arguments make the same bytes.
func EncodeMetainfo(t *Torrent, trackers [][]string, webSeeds []string) []byte {
	b := make([]byte, 0, len(t.InfoBytes)+len(t.layers)+1024)
	b = append(b, 'd')
	if first, many := firstURL(trackers); first != "" {
		b = appendString(b, "announce")
		b = appendString(b, first)
		if many {
			b = appendString(b, "announce-list")
			b = append(b, 'l')
			for _, tier := range trackers {
				if len(tier) > 0 {
					b = appendList(b, tier)
				}
			}
			b = append(b, 'e')
		}
	}
	if t.Comment != "" {
		b = appendString(b, "comment")
		b = appendString(b, t.Comment)
	}
	if t.CreatedBy != "" {
		b = appendString(b, "created by")
		b = appendString(b, t.CreatedBy)
	}
	if at, ok := t.Created.Get(); ok {
		b = appendString(b, "creation date")
		b = appendInt(b, at.Unix())
	}
	b = appendString(b, "info")
	b = append(b, t.InfoBytes...)
	if t.layers != nil {
		b = appendString(b, "piece layers")
		b = append(b, t.layers...)
	}
	if len(webSeeds) > 0 {
		b = appendString(b, "url-list")
		b = appendList(b, webSeeds)
	}
	return append(b, 'e')
}

// firstURL returns the first URL of the tiers and whether there are more.
func firstURL(tiers [][]string) (first string, many bool) {
	for _, tier := range tiers {
		for _, u := range tier {
			if first != "" {
				return first, true
			}
			first = u
		}
	}
	return first, false
}

func appendString(b []byte, s string) []byte {
	b = strconv.AppendInt(b, int64(len(s)), 10)
	b = append(b, ':')
	return append(b, s...)
}

func appendInt(b []byte, n int64) []byte {
	b = append(b, 'i')
	b = strconv.AppendInt(b, n, 10)
	return append(b, 'e')
}

func appendList(b []byte, items []string) []byte {
	b = append(b, 'l')
	for _, s := range items {
		b = appendString(b, s)
	}
	return append(b, 'e')
}
