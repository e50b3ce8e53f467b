package imports

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// ways are the methods by which anything gets into the torrent client.
var ways = []string{
	"AddTorrent", "AddTorrentFromFile", "AddTorrentInfoHash", "AddTorrentInfoHashWithStorage", "AddTorrentOpt", "AddTorrentSpec",
	"AddMagnet", "MergeSpec", "SetInfoBytes", "SetInfoBytesV1", "AddPeers", "AddClientPeer", "AddTrackers", "ModifyTrackers",
	"AddWebSeeds", "UseSources", "AddDhtNodes", "AddDhtServer", "AddPieceLayers",
}

// gated are the functions that use them, and what has passed the gate in each.
var gated = map[string]string{
	"swarm/session/inside.go: enter: AddTorrentOpt":  "an admit.Torrent, or an info hash alone",
	"swarm/session/add.go: merge: SetInfoBytes":      "an admit.Torrent",
	"swarm/session/found.go: dial: AddPeers":         "addresses that swarm/announce has parsed; the client's blocklist holds --deny-net",
	"swarm/session/webseed.go: join: AddWebSeeds":    "URLs of an admit.Torrent, of a manifest or of the state folder, with a guarded client",
	"swarm/session/dht.go: startDHT: AddDhtServer":   "a server of our own",
	"swarm/crowd/peer.go: join: AddTorrentOpt":       "an admit.Torrent, or its info hash alone",
	"swarm/crowd/fetch.go: await: AddPeers":          "addresses from the embedded tracker, on loopback",
	"swarm/demo/member.go: newMember: AddTorrentOpt": "an asset that is part of this program",
	"swarm/demo/member.go: tell: AddPeers":           "addresses from the embedded tracker, on loopback",
}

// TestOnlyTheSessionReachesTheClient looks for every call by which something could
// get around the gate.
func TestOnlyTheSessionReachesTheClient(t *testing.T) {
	const root = "../../.."
	found := map[string]bool{}
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && path != root && strings.HasPrefix(d.Name(), "."):
			return fs.SkipDir
		case filepath.Ext(path) != ".go" || strings.HasSuffix(path, "_test.go"):
			return nil
		}
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.SkipObjectResolution)
		if err != nil {
			return err
		}
		name, err := filepath.Rel(root, path)
		for _, decl := range file.Decls {
			f, ok := decl.(*ast.FuncDecl)
			if !ok {
				continue
			}
			ast.Inspect(decl, func(n ast.Node) bool {
				if s, ok := n.(*ast.SelectorExpr); ok && slices.Contains(ways, s.Sel.Name) {
					found[filepath.ToSlash(name)+": "+f.Name.Name+": "+s.Sel.Name] = true
				}
				return true
			})
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	for call := range found {
		if gated[call] == "" {
			t.Errorf("%s: nothing says what has passed the gate here", call)
		}
	}
	for call := range gated {
		if !found[call] {
			t.Errorf("%s: there is no such call", call)
		}
	}
}
