package admit

// The limits of the gate. Exported ones are of use to whoever reads what is to pass it.
const (
	// MaxMetainfo bounds a .torrent file, in bytes.
	MaxMetainfo = 10 << 20
	// MaxAnswer bounds the answer of a tracker and an info dictionary that peers send (BEP 9), in bytes.
	MaxAnswer = 4 << 20

	// MinPieceLength and MaxPieceLength bound the length of a piece, in bytes.
	MinPieceLength = 16 << 10
	MaxPieceLength = 64 << 20
	// MaxPieces bounds the pieces of a torrent.
	MaxPieces = 262_144
	// MaxFiles bounds the files of a torrent, padding files included.
	MaxFiles = 100_000

	maxLength = MaxPieces * MaxPieceLength // bytes of a torrent

	maxDepth  = 32      // dictionaries and lists inside one another
	maxValues = 1 << 21 // bencoded values in one input, dictionary keys included

	maxPart  = 255  // bytes in a name or one part of a path
	maxParts = 24   // parts of a path, the torrent's name included
	maxText  = 4096 // bytes kept of a comment, a creator and a magnet's display name

	maxURL           = 2048 // bytes of a tracker's or web seed's URL
	maxTrackers      = 100  // trackers of a torrent; more are left out
	maxWebSeeds      = 100  // web seeds of a torrent; more are left out
	maxMagnet        = 64 << 10
	maxMagnetTracker = 20 // trackers of a magnet; one with more is refused

	maxRedirects = 5
)
